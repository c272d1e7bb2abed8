//! P2: `insert` writes only where nothing lives; of racing callers exactly one wins.

use std::sync::Arc;

use session_core::Backend;

use crate::suite::fixture::{Fixture, key};
use crate::suite::race::{count, race};

/// What was inserted is there, and only there.
pub async fn p2_insert_writes_a_new_entry<B: Backend>(fixture: &Fixture<B>) {
    let ((first, one), (second, two)) = (fixture.live("one").await, fixture.live("two").await);
    fixture.assert_holds(&first, &one).await;
    fixture.assert_holds(&second, &two).await;
}

/// A live entry is not written over, by another record or by the same.
pub async fn p2_insert_never_overwrites<B: Backend>(fixture: &Fixture<B>) {
    let (key, first) = fixture.live("first").await;
    assert!(!fixture.insert(&key, &fixture.stored("second")).await, "it says that it did not write");
    fixture.assert_holds(&key, &first).await;
}

/// A retired id is no place for a new record.
pub async fn p2_insert_never_overwrites_a_marker<B: Backend>(fixture: &Fixture<B>) {
    let (key, marker) = fixture.retired().await;
    assert!(!fixture.insert(&key, &fixture.stored("planted")).await, "it says that it did not write");
    fixture.assert_retired(&key, &marker).await;
}

/// Where the entry has expired, a new one may be written.
pub async fn p2_insert_writes_over_the_expired<B: Backend>(fixture: &Fixture<B>) {
    let (key, _) = fixture.expired().await;
    let second = fixture.stored("second");
    assert!(fixture.insert(&key, &second).await);
    fixture.assert_holds(&key, &second).await;
}

/// Of 32 inserts under one key at once exactly one writes, and its record is the one that is there.
pub async fn p2_of_racing_inserts_one_wins<B: Backend>(fixture: &Fixture<B>) {
    let (key, now) = (key(), fixture.now());
    let answers = race(32, |index| {
        let backend = Arc::clone(if index % 2 == 0 { &fixture.backend } else { &fixture.peer });
        let (key, stored) = (key.clone(), fixture.stored(format!("racer {index}")));
        async move { (backend.insert(&key, &stored, now).await.expect("insert"), stored) }
    })
    .await;
    assert_eq!(count(&answers, |(won, _)| *won), 1, "exactly one wins");
    let (_, winner) = answers.iter().find(|(won, _)| *won).expect("one wins");
    fixture.assert_holds(&key, winner).await;
}
