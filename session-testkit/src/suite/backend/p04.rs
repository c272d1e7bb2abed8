//! P4: `touch` moves the deadline and nothing else, and never back.

use std::sync::Arc;

use session_core::{Backend, Entry, Stored, Swapped};

use crate::suite::fixture::{Fixture, HOUR, assert_answers_retired, key, version};
use crate::suite::race::race;

/// A touch moves the deadline; version and payload stay.
pub async fn p4_touch_moves_the_deadline_only<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = fixture.live("touched").await;
    let touched = Stored { deadline: stored.deadline.plus(HOUR), ..stored.clone() };
    assert_eq!(fixture.touch(&key, &stored.version, touched.deadline).await, Swapped::Done);
    fixture.assert_holds(&key, &touched).await;
}

/// A touched entry lives beyond its first deadline.
pub async fn p4_a_touched_entry_lives_on<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = (key(), fixture.stored_for(fixture.time.short(), "used"));
    assert!(fixture.insert(&key, &stored).await);
    let touched = Stored { deadline: fixture.now().plus(HOUR), ..stored.clone() };
    assert_eq!(fixture.touch(&key, &stored.version, touched.deadline).await, Swapped::Done);
    fixture.time.outlive_short().await;
    fixture.assert_holds(&key, &touched).await;
}

/// A touch is no change: whoever had seen the entry before can still swap it.
pub async fn p4_a_touch_is_no_change<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = fixture.live("touched").await;
    assert_eq!(fixture.touch(&key, &stored.version, stored.deadline.plus(HOUR)).await, Swapped::Done);
    let new = fixture.stored("changed by one who had loaded before the touch");
    assert_eq!(fixture.swap(&key, &stored.version, &Entry::Live(new.clone())).await, Swapped::Done);
    fixture.assert_holds(&key, &new).await;
}

/// An earlier deadline than the present one is no reason to end a session earlier.
pub async fn p4_touch_never_shortens<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = fixture.live("used by two at once").await;
    let earlier = fixture.now().plus(HOUR / 2);
    assert_eq!(fixture.touch(&key, &stored.version, earlier).await, Swapped::Done);
    fixture.assert_holds(&key, &stored).await;
}

/// A touch of another version than the one seen moves nothing.
pub async fn p4_touch_of_another_version_is_a_conflict<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = fixture.live("changed").await;
    assert_eq!(fixture.touch(&key, &version(), stored.deadline.plus(HOUR)).await, Swapped::Conflict);
    fixture.assert_holds(&key, &stored).await;
}

/// Touches that race with a change don't undo it: a touch reads no value that it would write back.
pub async fn p4_a_touch_never_undoes_a_swap<B: Backend>(fixture: &Fixture<B>) {
    let ((key, old), new, now) = (fixture.live("old").await, fixture.stored("new"), fixture.now());
    let answers = race(16, |index| {
        let backend = Arc::clone(if index % 2 == 0 { &fixture.backend } else { &fixture.peer });
        let (key, seen, entry) = (key.clone(), old.version, Entry::Live(new.clone()));
        async move {
            match index {
                8 => backend.swap(&key, &seen, &entry, now).await.expect("swap"),
                _ => backend.touch(&key, &seen, now.plus(HOUR / 2), now).await.expect("touch"),
            }
        }
    })
    .await;
    assert!(answers.iter().all(|answer| matches!(answer, Swapped::Done | Swapped::Conflict)), "{answers:?}");
    fixture.assert_holds(&key, &new).await;
}

/// A touch brings nothing back.
pub async fn p4_touch_never_revives<B: Backend>(fixture: &Fixture<B>) {
    let (expired, stored) = fixture.expired().await;
    assert_eq!(fixture.touch(&expired, &stored.version, fixture.now().plus(HOUR)).await, Swapped::Gone);
    fixture.assert_absent(&expired).await;
    let (deleted, stored) = fixture.live("deleted").await;
    fixture.remove(&deleted, None).await;
    assert_eq!(fixture.touch(&deleted, &stored.version, fixture.now().plus(HOUR)).await, Swapped::Gone);
    fixture.assert_absent(&deleted).await;
}

/// A retired id can't be kept alive.
pub async fn p4_touch_on_a_marker_is_retired<B: Backend>(fixture: &Fixture<B>) {
    let (key, marker) = fixture.retired().await;
    for seen in [marker.version, version()] {
        assert_answers_retired(&fixture.touch(&key, &seen, marker.until.plus(HOUR)).await, &marker);
    }
    fixture.assert_retired(&key, &marker).await;
}
