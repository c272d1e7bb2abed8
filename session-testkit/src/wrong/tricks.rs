//! How to make a correct memory do wrong things.

use bytes::Bytes;
use session_core::{Backend, Entry, MemoryBackend, RecordKey, Result, Stored, Swapped, Timestamp, Version};

/// Writes whatever is there now: to a call that comes from the end of time everything has expired.
pub(super) async fn force(memory: &MemoryBackend, key: &RecordKey, entry: &Entry) -> Result<()> {
    match entry {
        Entry::Live(stored) => drop(memory.insert(key, stored, Timestamp::MAX).await?),
        Entry::Retired(marker) => {
            let version = Version::random()?;
            let stand_in = Stored { version, deadline: Timestamp::MAX, payload: Bytes::new() };
            memory.insert(key, &stand_in, Timestamp::MAX).await?;
            memory.swap(key, &version, &Entry::Retired(marker.clone()), Timestamp::default()).await?;
        }
    }
    Ok(())
}

/// Removes whatever is there, a marker too.
pub(super) async fn erase(memory: &MemoryBackend, key: &RecordKey) -> Result<()> {
    let stand_in = Stored { version: Version::random()?, deadline: Timestamp::MAX, payload: Bytes::new() };
    force(memory, key, &Entry::Live(stand_in)).await?;
    memory.remove(key, None, Timestamp::default()).await.map(drop)
}

/// The entry as it was last written, expired or not.
pub(super) async fn ever(memory: &MemoryBackend, key: &RecordKey) -> Result<Option<Entry>> {
    memory.get(key, Timestamp::default()).await
}

/// The answer that a correct swap of `seen` to `new` would give, if it is not to be carried out.
pub(super) fn obstacle(found: Option<&Entry>, seen: &Version, new: &Version) -> Option<Swapped> {
    match found {
        None => Some(Swapped::Gone),
        Some(entry) if entry.version() == new => Some(Swapped::Done),
        Some(Entry::Retired(marker)) => Some(Swapped::Retired(marker.clone())),
        Some(Entry::Live(stored)) if stored.version != *seen => Some(Swapped::Conflict),
        Some(Entry::Live(_)) => None,
    }
}
