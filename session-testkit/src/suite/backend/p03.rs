//! P3: `swap` replaces exactly the version seen, and never brings an entry back.

use std::sync::Arc;

use session_core::{Backend, Entry, Removed, Swapped};

use crate::suite::fixture::{Fixture, assert_answers_retired, version};
use crate::suite::race::{count, race};

/// The version seen is replaced: payload, version and deadline are the new ones.
pub async fn p3_swap_replaces_the_version_seen<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("old").await;
    let new = fixture.stored_for(2 * crate::suite::fixture::HOUR, "new, and longer than the old one");
    assert_eq!(fixture.swap(&key, &old.version, &Entry::Live(new.clone())).await, Swapped::Done);
    fixture.assert_holds(&key, &new).await;
}

/// Another version than the one seen is a conflict and stays.
pub async fn p3_swap_of_another_version_is_a_conflict<B: Backend>(fixture: &Fixture<B>) {
    let (key, first) = fixture.live("first").await;
    let second = fixture.stored("second");
    assert_eq!(fixture.swap(&key, &first.version, &Entry::Live(second.clone())).await, Swapped::Done);
    let late = Entry::Live(fixture.stored("late"));
    assert_eq!(fixture.swap(&key, &first.version, &late).await, Swapped::Conflict);
    assert_eq!(fixture.swap(&key, &version(), &Entry::Retired(fixture.marker())).await, Swapped::Conflict);
    fixture.assert_holds(&key, &second).await;
}

/// A deleted entry is not brought back.
pub async fn p3_swap_never_revives_the_deleted<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("ended by a logout").await;
    assert_eq!(fixture.remove(&key, None).await, Removed::Done);
    for new in [Entry::Live(fixture.stored("late")), Entry::Retired(fixture.marker())] {
        assert_eq!(fixture.swap(&key, &old.version, &new).await, Swapped::Gone);
        fixture.assert_absent(&key).await;
    }
}

/// An expired entry is not brought back.
pub async fn p3_swap_never_revives_the_expired<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.expired().await;
    let late = Entry::Live(fixture.stored("late"));
    assert_eq!(fixture.swap(&key, &old.version, &late).await, Swapped::Gone);
    fixture.assert_absent(&key).await;
}

/// A retired id answers `Retired` with its marker, whatever version was seen.
pub async fn p3_swap_on_a_marker_is_retired<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("rotated").await;
    let marker = fixture.marker();
    assert_eq!(fixture.swap(&key, &old.version, &Entry::Retired(marker.clone())).await, Swapped::Done);
    let late = Entry::Live(fixture.stored("late"));
    assert_answers_retired(&fixture.swap(&key, &old.version, &late).await, &marker);
    fixture.assert_retired(&key, &marker).await;
}

/// A repeated swap finds its own version and answers `Done`; nothing is written twice.
pub async fn p3_a_repeated_swap_is_done<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("old").await;
    let new = fixture.stored("new");
    for _ in 0..3 {
        assert_eq!(fixture.swap(&key, &old.version, &Entry::Live(new.clone())).await, Swapped::Done);
        fixture.assert_holds(&key, &new).await;
    }
}

/// A repeated swap whose write was replaced meanwhile is a conflict.
pub async fn p3_a_repeat_after_a_later_swap_is_a_conflict<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("old").await;
    let (new, later) = (fixture.stored("new"), fixture.stored("later"));
    assert_eq!(fixture.swap(&key, &old.version, &Entry::Live(new.clone())).await, Swapped::Done);
    assert_eq!(fixture.swap(&key, &new.version, &Entry::Live(later.clone())).await, Swapped::Done);
    assert_eq!(fixture.swap(&key, &old.version, &Entry::Live(new)).await, Swapped::Conflict);
    fixture.assert_holds(&key, &later).await;
}

/// Of 32 swaps of one version at once exactly one is done; the others are conflicts.
pub async fn p3_of_racing_swaps_one_wins<B: Backend>(fixture: &Fixture<B>) {
    let ((key, old), now) = (fixture.live("old").await, fixture.now());
    let answers = race(32, |index| {
        let backend = Arc::clone(if index % 2 == 0 { &fixture.backend } else { &fixture.peer });
        let (key, seen, new) = (key.clone(), old.version, fixture.stored(format!("racer {index}")));
        async move { (backend.swap(&key, &seen, &Entry::Live(new.clone()), now).await.expect("swap"), new) }
    })
    .await;
    assert_eq!(count(&answers, |(answer, _)| *answer == Swapped::Done), 1, "exactly one wins");
    assert_eq!(count(&answers, |(answer, _)| *answer == Swapped::Conflict), 31, "the others are conflicts");
    let (_, winner) = answers.iter().find(|(answer, _)| *answer == Swapped::Done).expect("one wins");
    fixture.assert_holds(&key, winner).await;
}
