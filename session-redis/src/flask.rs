//! The Flask shape: the record as Flask-Session writes it and nothing beside it; a retired id under a key out of Flask's reach.

use bytes::Bytes;
use redis::Value;
use session_core::{
    Capabilities, Entry, Operation, RecordKey, Removed, Rename, Result, Shape, Stored, Swapped, Timestamp, Version,
};
use sha1::{Digest, Sha1};

use crate::backend::{Answer, RedisBackend, text};
use crate::script::flask as script;
use crate::value;

/// The calls of a backend whose records Flask-Session shares. Each is one script, and looks for a marker first.
pub(crate) struct Flask<'a>(pub(crate) &'a RedisBackend);

/// The version of a record: the server has no other hash in its scripts, and is to compare without reading the record out.
///
/// A collision, which a visitor might bring about within their own session, loses a change of that session.
pub(crate) fn version_of(record: &[u8]) -> Version {
    let mut version = [0; 16];
    version.copy_from_slice(&Sha1::digest(record)[..16]);
    Version::from_bytes(version)
}

pub(crate) fn capabilities(can: Capabilities) -> Capabilities {
    can.shape(Some(Shape::Flask)).version_of(Some(version_of))
}

impl Flask<'_> {
    pub(crate) async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        let Flask(backend) = self;
        let (retired, arguments) = (retired(key), [""; 0]);
        let found = script::GET.run(backend.link(), &[key.as_str(), &retired], &arguments).await;
        let entry = match backend.answered(Operation::Get, found)? {
            Value::Nil => None,
            Value::BulkString(marker) => match value::entry(marker)? {
                Entry::Live(_) => return Err(value::unreadable()),
                retired => Some(retired),
            },
            Value::Array(found) => Some(live(found, now).ok_or_else(|| backend.no_answer(Operation::Get))?),
            _ => return Err(backend.no_answer(Operation::Get)),
        };
        Ok(entry.filter(|entry| entry.deadline() > now))
    }

    pub(crate) async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        let arguments = [&new.payload[..], &seconds(new.deadline, now)];
        let answer = self.run(Operation::Insert, &script::INSERT, key, &arguments).await?;
        Ok(matches!(answer, Answer::Done))
    }

    pub(crate) async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        let seen = digits(seen);
        let answer = match new {
            Entry::Live(new) => {
                let arguments = [&seen[..], &digits(&new.version), &new.payload, &seconds(new.deadline, now)];
                self.run(Operation::Swap, &script::SWAP, key, &arguments).await?
            }
            Entry::Retired(marker) => {
                let ttl = text(value::milliseconds(marker.until, now));
                let arguments = [&seen[..], &value::retired(marker), &ttl];
                self.run(Operation::Swap, &script::RETIRE, key, &arguments).await?
            }
        };
        Ok(answer.into())
    }

    pub(crate) async fn touch(
        &self,
        key: &RecordKey,
        seen: &Version,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Swapped> {
        let arguments = [digits(seen), seconds(deadline, now)];
        Ok(self.run(Operation::Touch, &script::TOUCH, key, &arguments).await?.into())
    }

    pub(crate) async fn remove(&self, key: &RecordKey, seen: Option<&Version>) -> Result<Removed> {
        let arguments = [seen.map(digits).unwrap_or_default()];
        Ok(self.run(Operation::Remove, &script::REMOVE, key, &arguments).await?.into())
    }

    pub(crate) async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        let (seen, record) = (digits(rename.seen), rename.record);
        let (marker, marker_ttl) = (value::retired(rename.marker), text(value::milliseconds(rename.marker.until, now)));
        let arguments = [&seen[..], &record.payload, &seconds(record.deadline, now), &marker, &marker_ttl];
        let (old_marker, new_marker) = (retired(rename.from), retired(rename.to));
        let keys = [rename.from.as_str(), &old_marker, rename.to.as_str(), &new_marker];
        Ok(self.0.run(Operation::Rename, &script::RENAME, &keys, &arguments).await?.into())
    }

    async fn run<A: redis::ToRedisArgs + Sync>(
        &self,
        operation: Operation,
        script: &crate::script::Script,
        key: &RecordKey,
        arguments: &[A],
    ) -> Result<Answer> {
        self.0.run(operation, script, &[key.as_str(), &retired(key)], arguments).await
    }
}

/// Where the marker of a retired id lies. It begins unlike every key of Flask's, so that no cookie reaches it; the braces keep it
/// on its key's server of a cluster.
fn retired(key: &RecordKey) -> String {
    format!("retired:{{{}}}", key.as_str())
}

/// The record that a script has answered, with its milliseconds to live: Flask may have given it no end.
fn live(found: Vec<Value>, now: Timestamp) -> Option<Entry> {
    let [Value::BulkString(record), Value::Int(left)] = <[Value; 2]>::try_from(found).ok()? else { return None };
    let left = u64::try_from(left).map(std::time::Duration::from_millis);
    let (version, deadline) = (version_of(&record), left.map_or(Timestamp::MAX, |left| now.plus(left)));
    Some(Entry::Live(Stored { version, deadline, payload: Bytes::from(record) }))
}

/// Whole seconds as Flask-Session's, rounded up: nothing ends early.
fn seconds(deadline: Timestamp, now: Timestamp) -> Vec<u8> {
    text(value::milliseconds(deadline, now).div_ceil(1000))
}

/// A version as scripts compare it.
fn digits(version: &Version) -> Vec<u8> {
    version.as_bytes().iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_version_is_the_beginning_of_what_the_server_computes() {
        // redis.sha1hex('abc') is a9993e364706816aba3e25717850c26c9cd0d89d.
        assert_eq!(digits(&version_of(b"abc")), b"a9993e364706816aba3e25717850c26c");
    }

    #[test]
    fn flask_seconds_are_whole_and_rounded_up() {
        let now = Timestamp::from_millis(10_000);
        let life = |millis: u64| String::from_utf8(seconds(Timestamp::from_millis(10_000 + millis), now)).unwrap();
        assert_eq!([life(0), life(1), life(1000), life(1001)], ["1", "1", "1", "2"]);
    }

    #[test]
    fn flask_records_without_an_end_have_none() {
        let found = |left| live(vec![Value::BulkString(b"x".to_vec()), Value::Int(left)], Timestamp::from_millis(5));
        assert_eq!(found(-1).unwrap().deadline(), Timestamp::MAX);
        assert_eq!(found(1000).unwrap().deadline(), Timestamp::from_millis(1005));
        assert!(live(vec![Value::Nil], Timestamp::MAX).is_none());
    }
}
