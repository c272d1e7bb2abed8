//! P5, where one command renames: new record and marker are written together or not at all.

use std::sync::Arc;

use session_core::{Backend, Entry, Marker, RecordKey, Rename, Stored, Swapped, Timestamp, Version};

use crate::suite::fixture::{Fixture, assert_answers_retired, key, version};
use crate::suite::race::{count, race};

/// What a rotation wants: a new record under a new key, and the marker that leads there.
#[derive(Clone)]
struct Wanted {
    to: RecordKey,
    record: Stored,
    marker: Marker,
}

impl Wanted {
    fn new<B: Backend>(fixture: &Fixture<B>) -> Self {
        let (to, record) = (key(), fixture.stored("under the new id"));
        let marker = Marker { version: record.version, successor: to.clone(), ..fixture.marker() };
        Wanted { to, record, marker }
    }

    async fn rename<B: Backend>(&self, backend: &B, from: &RecordKey, seen: &Version, now: Timestamp) -> Swapped {
        let Wanted { to, record, marker } = self;
        let renamer = backend.atomic_rename().expect("the check needs it");
        renamer.rename(&Rename { from, seen, to, record, marker }, now).await.expect("rename")
    }
}

/// The record is under the new key, and the old one is a marker that leads there.
pub async fn p5_rename_moves_and_retires<B: Backend>(fixture: &Fixture<B>) {
    let ((from, old), wanted) = (fixture.live("under the old id").await, Wanted::new(fixture));
    assert_eq!(wanted.rename(&*fixture.backend, &from, &old.version, fixture.now()).await, Swapped::Done);
    fixture.assert_holds(&wanted.to, &wanted.record).await;
    fixture.assert_retired(&from, &wanted.marker).await;
}

/// A rename of another version than the one seen writes nothing anywhere.
pub async fn p5_rename_of_another_version_is_a_conflict<B: Backend>(fixture: &Fixture<B>) {
    let ((from, old), wanted) = (fixture.live("changed").await, Wanted::new(fixture));
    assert_eq!(wanted.rename(&*fixture.backend, &from, &version(), fixture.now()).await, Swapped::Conflict);
    fixture.assert_holds(&from, &old).await;
    fixture.assert_absent(&wanted.to).await;
}

/// A rename of what has ended brings nothing back, under no key.
pub async fn p5_rename_never_revives<B: Backend>(fixture: &Fixture<B>) {
    let (deleted, old) = fixture.live("deleted").await;
    fixture.remove(&deleted, None).await;
    let (expired, other) = fixture.expired().await;
    for (from, seen) in [(deleted, old.version), (expired, other.version), (key(), version())] {
        let wanted = Wanted::new(fixture);
        assert_eq!(wanted.rename(&*fixture.backend, &from, &seen, fixture.now()).await, Swapped::Gone);
        fixture.assert_absent(&from).await;
        fixture.assert_absent(&wanted.to).await;
    }
}

/// A rename of a retired id answers `Retired` and writes nothing.
pub async fn p5_rename_on_a_marker_is_retired<B: Backend>(fixture: &Fixture<B>) {
    let ((from, marker), wanted) = (fixture.retired().await, Wanted::new(fixture));
    for seen in [marker.version, version()] {
        assert_answers_retired(&wanted.rename(&*fixture.backend, &from, &seen, fixture.now()).await, &marker);
    }
    fixture.assert_retired(&from, &marker).await;
    fixture.assert_absent(&wanted.to).await;
}

/// A repeated rename answers `Done`; it neither writes over what the successor has become nor brings it back.
pub async fn p5_a_repeated_rename_is_harmless<B: Backend>(fixture: &Fixture<B>) {
    let ((from, old), wanted) = (fixture.live("under the old id").await, Wanted::new(fixture));
    let again = || wanted.rename(&*fixture.backend, &from, &old.version, fixture.now());
    assert_eq!(again().await, Swapped::Done);
    assert_eq!(again().await, Swapped::Done);
    fixture.assert_holds(&wanted.to, &wanted.record).await;

    let later = fixture.stored("the successor, changed");
    assert_eq!(fixture.swap(&wanted.to, &wanted.record.version, &Entry::Live(later.clone())).await, Swapped::Done);
    assert_eq!(again().await, Swapped::Done);
    fixture.assert_holds(&wanted.to, &later).await;

    fixture.remove(&wanted.to, None).await;
    assert_eq!(again().await, Swapped::Done);
    fixture.assert_absent(&wanted.to).await;
    fixture.assert_retired(&from, &wanted.marker).await;
}

/// Of 16 renames of one id at once exactly one is done; the losers' records are nowhere.
pub async fn p5_of_racing_renames_one_wins<B: Backend>(fixture: &Fixture<B>) {
    let ((from, old), now) = (fixture.live("two logins at once").await, fixture.now());
    let answers = race(16, |index| {
        let backend = Arc::clone(if index % 2 == 0 { &fixture.backend } else { &fixture.peer });
        let (from, seen, wanted) = (from.clone(), old.version, Wanted::new(fixture));
        async move { (wanted.rename(&*backend, &from, &seen, now).await, wanted) }
    })
    .await;
    assert_eq!(count(&answers, |(answer, _)| *answer == Swapped::Done), 1, "exactly one wins");
    for (answer, wanted) in &answers {
        match answer {
            Swapped::Done => {
                fixture.assert_holds(&wanted.to, &wanted.record).await;
                fixture.assert_retired(&from, &wanted.marker).await;
            }
            Swapped::Retired(_) => fixture.assert_absent(&wanted.to).await,
            other => panic!("a loser finds the id retired, not {other:?}"),
        }
    }
}
