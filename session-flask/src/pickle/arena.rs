//! The objects of a pickle while it is read: containers hold places, so that two can share one.

use super::names::Name;
use crate::malformed::Malformed;
use crate::value::{Int, Value};

/// The most objects of a pickle.
const MAX_OBJECTS: usize = 1_000_000;
/// What may be made beyond proportion: a mebibyte.
pub(super) const GRACE: usize = 1024 * 1024;

pub(super) const TOO_MUCH: Malformed = Malformed("the pickle repeats itself out of proportion");

/// An object's place.
#[derive(Clone, Copy)]
pub(super) struct Place(u32);

pub(super) enum Object {
    /// A value without parts.
    Data(Value),
    List(Vec<Place>),
    Tuple(Vec<Place>),
    Dict(Vec<(Place, Place)>),
    Set(Vec<Place>),
    /// A set of a list's members, which are not copied before they are counted.
    SetOf(Place),
    FrozenSet(Vec<Place>),
    /// A name of the list; no value of a session.
    Name(Name),
    /// `timedelta`: days, seconds, microseconds.
    Span([i64; 3]),
    /// `timezone`: seconds east of UTC.
    Zone(i32),
    /// A `UUID` that waits for its number.
    EmptyUuid,
    /// `SafeUUID`: whether a UUID was made safely, which says nothing about it.
    SafeUuid,
}

pub(super) struct Arena {
    objects: Vec<Object>,
    /// How many bytes of text and of `bytes` may be made yet.
    left: usize,
}

impl Arena {
    /// Text of protocol 0 grows to at most twice its size; what is made of other objects is counted as well.
    pub(super) fn new(input: usize) -> Self {
        Arena { objects: Vec::new(), left: input.saturating_mul(2).saturating_add(GRACE) }
    }

    pub(super) fn add(&mut self, object: Object) -> Result<Place, Malformed> {
        const MANY: Malformed = Malformed("the pickle holds more than a million objects");
        let place = Place(u32::try_from(self.objects.len()).map_err(|_| MANY)?);
        if self.objects.len() == MAX_OBJECTS {
            return Err(MANY);
        }
        if let Object::Data(value) = &object {
            self.left = self.left.checked_sub(weight(value)).ok_or(TOO_MUCH)?;
        }
        self.objects.push(object);
        Ok(place)
    }

    pub(super) fn at(&self, Place(place): Place) -> &Object {
        &self.objects[place as usize]
    }

    pub(super) fn at_mut(&mut self, Place(place): Place) -> &mut Object {
        &mut self.objects[place as usize]
    }
}

/// The bytes of a value's own.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::Str(text) | Value::Int(Int::Big(text)) => text.len(),
        Value::Bytes(bytes) | Value::ByteArray(bytes) => bytes.len(),
        _ => 0,
    }
}
