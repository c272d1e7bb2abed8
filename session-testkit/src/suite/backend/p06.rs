//! P6: `remove` is idempotent, and conditional when a version is given.

use std::sync::Arc;

use session_core::{Backend, Entry, Removed, Swapped};

use crate::suite::fixture::{Fixture, version};
use crate::suite::race::{count, race};

/// The first removal removes, the second finds nothing, and both are fine.
pub async fn p6_remove_is_idempotent<B: Backend>(fixture: &Fixture<B>) {
    let (key, _) = fixture.live("ended twice").await;
    assert_eq!(fixture.remove(&key, None).await, Removed::Done);
    fixture.assert_absent(&key).await;
    assert_eq!(fixture.remove(&key, None).await, Removed::Absent);
}

/// With a version only that one is removed.
pub async fn p6_remove_of_another_version_is_a_conflict<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = fixture.live("emptied by one, filled by another").await;
    assert_eq!(fixture.remove(&key, Some(&version())).await, Removed::Conflict);
    fixture.assert_holds(&key, &stored).await;
    assert_eq!(fixture.remove(&key, Some(&stored.version)).await, Removed::Done);
    fixture.assert_absent(&key).await;
}

/// A version that was replaced can't be removed any more; without a version whatever is there goes.
pub async fn p6_remove_goes_by_the_present_version<B: Backend>(fixture: &Fixture<B>) {
    let (key, old) = fixture.live("old").await;
    let new = fixture.stored("new");
    assert_eq!(fixture.swap(&key, &old.version, &Entry::Live(new.clone())).await, Swapped::Done);
    assert_eq!(fixture.remove(&key, Some(&old.version)).await, Removed::Conflict);
    fixture.assert_holds(&key, &new).await;
    assert_eq!(fixture.remove(&key, None).await, Removed::Done);
    fixture.assert_absent(&key).await;
}

/// A removal removes one entry and no other.
pub async fn p6_remove_leaves_the_others<B: Backend>(fixture: &Fixture<B>) {
    let ((key, _), (other, stored)) = (fixture.live("removed").await, fixture.live("stays").await);
    assert_eq!(fixture.remove(&key, None).await, Removed::Done);
    fixture.assert_holds(&other, &stored).await;
}

/// A removal that races with 16 writers, each of whom swaps what it finds again and again, leaves nothing.
pub async fn p6_nothing_survives_a_removal<B: Backend>(fixture: &Fixture<B>) {
    let ((key, _), now) = (fixture.live("ended by a logout").await, fixture.now());
    let removed = race(17, |index| {
        let backend = Arc::clone(if index % 2 == 0 { &fixture.backend } else { &fixture.peer });
        let key = key.clone();
        let drafts: Vec<_> = (0..8).map(|draft| fixture.stored(format!("writer {index}, draft {draft}"))).collect();
        async move {
            if index == 8 {
                return backend.remove(&key, None, now).await.expect("remove") == Removed::Done;
            }
            for draft in drafts {
                let Some(found) = backend.get(&key, now).await.expect("get") else { break };
                let _ = backend.swap(&key, found.version(), &Entry::Live(draft), now).await.expect("swap");
            }
            false
        }
    })
    .await;
    assert_eq!(count(&removed, |removed| *removed), 1, "a removal without a version removes whatever is there");
    fixture.assert_absent(&key).await;
}
