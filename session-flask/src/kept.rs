//! What Flask's cookie has no place for.

use std::fmt;
use std::time::Duration;

use session_core::Timestamp;

use crate::value::{Int, Value};

/// The key under which it stands, a list: `[format, created, absolute deadline, owner or null, generation, id or null, idle time or
/// null]`. The record keeps the first five; times are in milliseconds.
pub(crate) const RESERVED: &str = "_session";
/// Where the absolute deadline, the id and the idle time stand in it.
const ABSOLUTE: usize = 2;
const ID: usize = 5;
const IDLE: usize = 6;

/// What this library keeps in Flask's cookie beside the session, under a key of its own that Flask passes on unread.
///
/// It prints no id: whoever knows it could name the session.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Kept {
    /// The session's id.
    pub id: Option<String>,
    /// How long the session lives unused, where that is less than the age which Flask gives every cookie.
    pub idle: Option<Duration>,
}

impl Kept {
    /// Sets the session's id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets how long the session lives unused, in milliseconds from the second in which the cookie is signed.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = Some(idle);
        self
    }

    /// What a session's pairs keep.
    pub(crate) fn of(pairs: &[(Value, Value)]) -> Self {
        let reserved = pairs.iter().find(|(name, _)| matches!(name, Value::Str(name) if name == RESERVED));
        let Some((_, Value::List(fields))) = reserved else { return Kept::default() };
        Kept {
            id: fields.get(ID).and_then(|id| if let Value::Str(id) = id { Some(id.clone()) } else { None }),
            idle: fields.get(IDLE).and_then(millis).map(Duration::from_millis),
        }
    }

    /// Puts this into the list that a record keeps; false where the list then says nothing but when the session began.
    pub(crate) fn put_into(&self, list: &mut Value) -> bool {
        let Value::List(fields) = list else { return true };
        let missing = [Value::None, Value::Int(Int::Small(0)), Value::None, Value::None];
        let from = fields.len().saturating_sub(IDLE + 1 - missing.len());
        fields.extend(missing.into_iter().skip(from));
        fields[ID] = self.id.clone().map_or(Value::None, Value::Str);
        fields[IDLE] = self.idle.map_or(Value::None, whole_millis);
        let said = fields.iter().rposition(|field| !is_nothing(field)).unwrap_or(ABSOLUTE).max(ABSOLUTE);
        fields.truncate(said + 1);
        said > ABSOLUTE || fields.get(ABSOLUTE).and_then(millis) != Some(Timestamp::MAX.as_millis())
    }
}

/// What a field holds that was never set: no owner, id or idle time, and the first generation.
fn is_nothing(field: &Value) -> bool {
    matches!(field, Value::None | Value::Int(Int::Small(0)))
}

fn millis(field: &Value) -> Option<u64> {
    match field {
        Value::Int(Int::Small(millis)) => u64::try_from(*millis).ok(),
        _ => None,
    }
}

fn whole_millis(idle: Duration) -> Value {
    Value::Int(Int::Small(i64::try_from(idle.as_millis()).unwrap_or(i64::MAX)))
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.as_ref().map(|_| "redacted");
        f.debug_struct("Kept").field("id", &id).field("idle", &self.idle).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Value = Value::None;

    fn number(number: i64) -> Value {
        Value::Int(Int::Small(number))
    }

    fn life(absolute: i64) -> Vec<Value> {
        vec![number(1), number(5), number(absolute)]
    }

    /// The list with this in it, if it is to be kept.
    fn put(kept: &Kept, fields: Vec<Value>) -> Option<Vec<Value>> {
        let mut list = Value::List(fields);
        let stays = kept.put_into(&mut list);
        let Value::List(fields) = list else { panic!("still a list") };
        stays.then_some(fields)
    }

    #[test]
    fn flask_cookies_say_nothing_where_there_is_nothing_to_say() {
        let nothing = Kept::default();
        assert_eq!(put(&nothing, life(i64::MAX)), None);
        assert_eq!(put(&nothing, [life(i64::MAX), vec![NOTHING, number(0)]].concat()), None);
        assert_eq!(put(&nothing, life(9)), Some(life(9)));
        let owned = [life(i64::MAX), vec![Value::Str("owner".into())]].concat();
        assert_eq!(put(&nothing, owned.clone()), Some(owned));
    }

    #[test]
    fn flask_cookies_keep_an_id_and_an_idle_time_and_lose_those_of_before() {
        let kept = Kept::default().id("new").idle(Duration::from_millis(1500));
        let full = [life(9), vec![NOTHING, number(0), Value::Str("new".into()), number(1500)]].concat();
        assert_eq!(put(&kept, life(9)), Some(full.clone()));
        let later = [full.clone(), vec![number(7)]].concat();
        assert_eq!(put(&kept, later.clone()), Some(later), "and what a later version added");
        assert_eq!(put(&Kept::default(), full.clone()), Some(life(9)));
        let read = Kept::of(&[(Value::Str(RESERVED.into()), Value::List(full))]);
        assert_eq!((read.id.as_deref(), read.idle), (Some("new"), Some(Duration::from_millis(1500))));
    }
}
