//! P5: a marker can't be swapped, touched or removed, names its successor, and expires by itself.

use std::sync::Arc;

use session_core::{Backend, Entry, Marker, Removed, Swapped};

use crate::suite::fixture::{Fixture, HOUR, assert_answers_retired, version};
use crate::suite::race::{count, race};

/// A retired id loads as retired and names its successor's key; nothing of the record is left.
pub async fn p5_a_marker_names_its_successor<B: Backend>(fixture: &Fixture<B>) {
    let (key, marker) = fixture.retired().await;
    fixture.assert_retired(&key, &marker).await;
}

/// Not even one who saw the marker's own version can write over it.
pub async fn p5_a_marker_cannot_be_written_over<B: Backend>(fixture: &Fixture<B>) {
    let (key, marker) = fixture.retired().await;
    for seen in [marker.version, version()] {
        for new in [Entry::Live(fixture.stored("revived")), Entry::Retired(fixture.marker())] {
            assert_answers_retired(&fixture.swap(&key, &seen, &new).await, &marker);
        }
    }
    assert!(!fixture.insert(&key, &fixture.stored("planted")).await);
    fixture.assert_retired(&key, &marker).await;
}

/// A removal answers `Retired` with the marker and leaves it, so that a logout can follow it.
pub async fn p5_a_marker_cannot_be_removed<B: Backend>(fixture: &Fixture<B>) {
    let (key, marker) = fixture.retired().await;
    for seen in [None, Some(&marker.version), Some(&version())] {
        match fixture.remove(&key, seen).await {
            Removed::Retired(found) => assert!(found.successor == marker.successor, "another marker"),
            other => panic!("expected Retired, got {other:?}"),
        }
        fixture.assert_retired(&key, &marker).await;
    }
}

/// Retiring an id again with the same marker is harmless and answers `Done`.
pub async fn p5_a_repeated_marker_is_done<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("rotated").await;
    let marker = fixture.marker();
    for _ in 0..3 {
        assert_eq!(fixture.swap(&key, &old.version, &Entry::Retired(marker.clone())).await, Swapped::Done);
        fixture.assert_retired(&key, &marker).await;
    }
}

/// A marker expires by itself; then its id is as unknown as any other.
pub async fn p5_a_marker_expires<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("rotated").await;
    let marker = Marker { until: fixture.now().plus(fixture.time.short()), ..fixture.marker() };
    assert_eq!(fixture.swap(&key, &old.version, &Entry::Retired(marker.clone())).await, Swapped::Done);
    fixture.assert_retired(&key, &marker).await;
    fixture.time.outlive_short().await;
    fixture.assert_absent(&key).await;
    assert_eq!(fixture.remove(&key, None).await, Removed::Absent);
    assert_eq!(fixture.touch(&key, &marker.version, fixture.now().plus(HOUR)).await, Swapped::Gone);
}

/// Of 16 who retire one id at once exactly one is done, the others get its marker.
pub async fn p5_of_racing_markers_one_wins<B: Backend>(fixture: &Fixture<B>) {
    let ((key, old), now) = (fixture.live("two logins at once").await, fixture.now());
    let answers = race(16, |index| {
        let backend = Arc::clone(if index % 2 == 0 { &fixture.backend } else { &fixture.peer });
        let (key, seen, marker) = (key.clone(), old.version, fixture.marker());
        async move { (backend.swap(&key, &seen, &Entry::Retired(marker.clone()), now).await.expect("swap"), marker) }
    })
    .await;
    assert_eq!(count(&answers, |(answer, _)| *answer == Swapped::Done), 1, "exactly one wins");
    let (_, winner) = answers.iter().find(|(answer, _)| *answer == Swapped::Done).expect("one wins");
    for (answer, _) in answers.iter().filter(|(answer, _)| *answer != Swapped::Done) {
        assert_answers_retired(answer, winner);
    }
    fixture.assert_retired(&key, winner).await;
}
