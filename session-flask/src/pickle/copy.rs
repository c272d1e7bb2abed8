//! From the objects to the value: shared parts are copied, and every copy is counted.

use super::arena::{Arena, GRACE, Object, Place, TOO_MUCH, weight};
use crate::build;
use crate::malformed::Malformed;
use crate::records::MAX_DEPTH;
use crate::value::Value;

/// What a value costs beside its text or bytes: about its size in memory.
const VALUE: usize = 32;

const NO_DATA: Malformed = Malformed("the pickle holds something that is no data");

pub(super) fn out(arena: &Arena, top: Place, input: usize) -> Result<Value, Malformed> {
    Copy { arena, left: input.saturating_mul(2 * VALUE).saturating_add(GRACE) }.value(top, 0)
}

struct Copy<'a> {
    arena: &'a Arena,
    left: usize,
}

impl Copy<'_> {
    /// What contains itself has no end, and is refused for its depth.
    fn value(&mut self, place: Place, depth: usize) -> Result<Value, Malformed> {
        if depth > MAX_DEPTH + 2 {
            return Err(Malformed("a value is nested more than 64 deep"));
        }
        self.pay(VALUE)?;
        Ok(match self.arena.at(place) {
            Object::Data(value) => {
                self.pay(weight(value))?;
                value.clone()
            }
            Object::List(items) => Value::List(self.all(items, depth)?),
            Object::Tuple(items) => Value::Tuple(self.all(items, depth)?),
            Object::Set(items) => Value::Set(build::members(self.all(items, depth)?)?),
            Object::SetOf(list) => match self.arena.at(*list) {
                Object::List(items) => Value::Set(build::members(self.all(items, depth)?)?),
                _ => return Err(NO_DATA),
            },
            Object::FrozenSet(items) => Value::FrozenSet(build::members(self.all(items, depth)?)?),
            Object::Dict(pairs) => build::dict(self.pairs(pairs, depth)?)?,
            _ => return Err(NO_DATA),
        })
    }

    fn all(&mut self, items: &[Place], depth: usize) -> Result<Vec<Value>, Malformed> {
        items.iter().map(|item| self.value(*item, depth + 1)).collect()
    }

    fn pairs(&mut self, pairs: &[(Place, Place)], depth: usize) -> Result<Vec<(Value, Value)>, Malformed> {
        pairs.iter().map(|(key, value)| Ok((self.value(*key, depth + 1)?, self.value(*value, depth + 1)?))).collect()
    }

    fn pay(&mut self, cost: usize) -> Result<(), Malformed> {
        self.left = self.left.checked_sub(cost).ok_or(TOO_MUCH)?;
        Ok(())
    }
}
