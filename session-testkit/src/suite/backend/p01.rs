//! P1: what is unknown, expired or deleted is absent; `Err` means that the server could not answer.

use std::fmt::Debug;
use std::time::Duration;

use session_core::{Backend, Entry, Error, RecordKey, Removed, Result, Swapped};

use crate::suite::fixture::{Fixture, HOUR, key, version};

/// Every operation finds nothing under an unknown key, and leaves nothing.
pub async fn p1_unknown_is_absent<B: Backend>(fixture: &Fixture<B>) {
    assert_ended(fixture, &key()).await;
}

/// Every operation finds nothing under a key whose entry has expired.
pub async fn p1_expired_is_absent<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = fixture.expired().await;
    let new = Entry::Live(fixture.stored("new"));
    assert_eq!(fixture.touch(&key, &stored.version, fixture.now().plus(HOUR)).await, Swapped::Gone);
    assert_eq!(fixture.swap(&key, &stored.version, &new).await, Swapped::Gone);
    assert_eq!(fixture.remove(&key, Some(&stored.version)).await, Removed::Absent);
    assert_ended(fixture, &key).await;
}

/// Every operation finds nothing under a key whose entry was removed.
pub async fn p1_deleted_is_absent<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored) = fixture.live("deleted").await;
    assert_eq!(fixture.remove(&key, None).await, Removed::Done);
    assert_eq!(fixture.touch(&key, &stored.version, fixture.now().plus(HOUR)).await, Swapped::Gone);
    assert_ended(fixture, &key).await;
}

/// An entry lives to the millisecond before its deadline and has ended at its deadline.
pub async fn p1_a_deadline_is_exact<B: Backend>(fixture: &Fixture<B>) {
    let millisecond = Duration::from_millis(1);
    let (key, stored) = (key(), fixture.stored_for(Duration::from_secs(60), "ends"));
    assert!(fixture.insert(&key, &stored).await);
    fixture.time.pass(Duration::from_secs(60) - millisecond).await;
    fixture.assert_holds(&key, &stored).await;
    fixture.time.pass(millisecond).await;
    assert_ended(fixture, &key).await;
}

/// Keys that differ in the case of one letter, or by one character at the end, are different keys.
pub async fn p1_keys_compare_byte_for_byte<B: Backend>(fixture: &Fixture<B>) {
    let base = key();
    let spelled = |end: &str| RecordKey::new(format!("{}{end}", base.as_str()));
    let stored = fixture.stored("under the key that ends in a");
    assert!(fixture.insert(&spelled("a"), &stored).await);
    for end in ["A", "", "a-", "aa"] {
        fixture.assert_absent(&spelled(end)).await;
    }
    fixture.assert_holds(&spelled("a"), &stored).await;
}

/// A server that does not answer is an outage for every operation, never an absent session.
pub async fn p1_an_outage_is_an_error<B: Backend>(fixture: &Fixture<B>) {
    let Some(broken) = &fixture.broken else { panic!("the fixture has no broken backend") };
    let (key, seen, stored, now) = (key(), version(), fixture.stored("unreachable"), fixture.now());
    assert_outage(broken.get(&key, now)).await;
    assert_outage(broken.insert(&key, &stored, now)).await;
    assert_outage(broken.touch(&key, &seen, stored.deadline, now)).await;
    assert_outage(broken.remove(&key, None, now)).await;
    assert_outage(broken.remove(&key, Some(&seen), now)).await;
    assert_outage(broken.swap(&key, &seen, &Entry::Live(stored), now)).await;
}

/// A call that hangs is cut off by `ServerSide`, which makes an outage of it too.
async fn assert_outage<T: Debug>(call: impl Future<Output = Result<T>>) {
    if let Ok(answer) = tokio::time::timeout(Duration::from_secs(10), call).await {
        assert!(answer.as_ref().is_err_and(Error::is_outage), "expected an outage, got {answer:?}");
    }
}

/// Fails unless every operation finds nothing, and leaves nothing.
async fn assert_ended<B: Backend>(fixture: &Fixture<B>, key: &RecordKey) {
    let seen = version();
    fixture.assert_absent(key).await;
    assert_eq!(fixture.swap(key, &seen, &Entry::Live(fixture.stored("new"))).await, Swapped::Gone);
    assert_eq!(fixture.swap(key, &seen, &Entry::Retired(fixture.marker())).await, Swapped::Gone);
    assert_eq!(fixture.touch(key, &seen, fixture.now().plus(HOUR)).await, Swapped::Gone);
    assert_eq!(fixture.remove(key, None).await, Removed::Absent);
    assert_eq!(fixture.remove(key, Some(&seen)).await, Removed::Absent);
    fixture.assert_absent(key).await;
}
