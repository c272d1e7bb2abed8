//! A write that was not answered, and is carried out at any later time.

use std::sync::Arc;

use session_core::{Backend, Entry, Marker, RecordKey, Rename, Result, Stored, Timestamp, Version};

/// One write, as it was asked for.
#[derive(Debug, Clone)]
pub(super) enum Write {
    Insert(RecordKey, Stored),
    Swap(RecordKey, Version, Entry),
    Touch(RecordKey, Version, Timestamp),
    Remove(RecordKey, Option<Version>),
    Rename { from: RecordKey, seen: Version, to: RecordKey, record: Stored, marker: Marker },
}

impl Write {
    pub(super) fn rename(rename: &Rename<'_>) -> Self {
        Write::Rename {
            from: rename.from.clone(),
            seen: *rename.seen,
            to: rename.to.clone(),
            record: rename.record.clone(),
            marker: rename.marker.clone(),
        }
    }

    /// Carries it out; nobody hears the answer.
    pub(super) async fn carry_out(&self, backend: &Arc<dyn Backend>, now: Timestamp) -> Result<()> {
        match self {
            Write::Insert(key, new) => backend.insert(key, new, now).await.map(drop),
            Write::Swap(key, seen, new) => backend.swap(key, seen, new, now).await.map(drop),
            Write::Touch(key, seen, deadline) => backend.touch(key, seen, *deadline, now).await.map(drop),
            Write::Remove(key, seen) => backend.remove(key, seen.as_ref(), now).await.map(drop),
            Write::Rename { from, seen, to, record, marker } => {
                let rename = Rename { from, seen, to, record, marker };
                let renamer = backend.atomic_rename().expect("it was asked for, so there is one");
                renamer.rename(&rename, now).await.map(drop)
            }
        }
    }
}
