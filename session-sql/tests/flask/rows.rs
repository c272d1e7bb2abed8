//! Rows as they lie in the table: ends, markers, and what nobody should have put there.

use std::time::Duration;

use session_core::{Backend, Entry, Error, Removed, Stored, Swapped, Version};

use crate::common::{ALICE, ALICE_AND_CART, HOUR, ID, KEY, key, live, now, stored};
use crate::place::Place;

crate::on_each! {
    flask_row_without_an_end_is_no_session,
    flask_row_that_has_expired_is_no_session,
    flask_empty_record_is_no_session,
    flask_insert_never_overwrites_what_lives,
    flask_version_is_the_hash_of_the_bytes,
    flask_change_never_revives,
    flask_touch_never_shortens_what_flask_has_extended,
    flask_sweep_removes_the_expired_alone,
    flask_ids_compare_as_bytes,
    flask_far_ends_are_dates_that_python_knows,
}

async fn flask_row_without_an_end_is_no_session(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, ALICE, "NULL").await;
    assert!(backend.get(&key(ID), now()).await.unwrap().is_none());
    let seen = Version::of(ALICE);
    assert_eq!(backend.touch(&key(ID), &seen, now().plus(HOUR), now()).await.unwrap(), Swapped::Gone);
    assert_eq!(backend.remove(&key(ID), None, now()).await.unwrap(), Removed::Absent);
    assert!(backend.insert(&key(ID), &stored(ALICE_AND_CART), now()).await.unwrap(), "and it stands in nobody's way");
    assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE_AND_CART);
}

async fn flask_row_that_has_expired_is_no_session(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, ALICE, &place.expiry(-2)).await;
    assert!(backend.get(&key(ID), now()).await.unwrap().is_none());
    assert!(backend.insert(&key(ID), &stored(ALICE_AND_CART), now()).await.unwrap());
    assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE_AND_CART);
}

async fn flask_empty_record_is_no_session(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, b"", &place.expiry(3600)).await;
    assert!(backend.get(&key(ID), now()).await.unwrap().is_none());
    place.ask("UPDATE sessions SET data = NULL").await;
    assert!(backend.get(&key(ID), now()).await.unwrap().is_none());
}

async fn flask_insert_never_overwrites_what_lives(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    assert!(!backend.insert(&key(ID), &stored(ALICE_AND_CART), now()).await.unwrap());
    assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE);
}

async fn flask_version_is_the_hash_of_the_bytes(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let found = live(&backend, &key(ID)).await.unwrap();
    assert_eq!(found.version, Version::of(ALICE));
    let new = stored(ALICE_AND_CART);
    let swap = async |seen: &Version| backend.swap(&key(ID), seen, &Entry::Live(new.clone()), now()).await.unwrap();
    assert_eq!(swap(&Version::of(b"other")).await, Swapped::Conflict);
    assert_eq!(swap(&found.version).await, Swapped::Done);
    assert_eq!(swap(&found.version).await, Swapped::Done, "a repeat finds what it was to write");
    // Flask changes it and changes it back: nobody can tell.
    assert_eq!(backend.remove(&key(ID), Some(&found.version), now()).await.unwrap(), Removed::Conflict);
    let back = place.bytes(ALICE);
    place.ask(&format!("UPDATE sessions SET data = {back}")).await;
    assert_eq!(backend.remove(&key(ID), Some(&found.version), now()).await.unwrap(), Removed::Done);
    assert_eq!(backend.remove(&key(ID), Some(&found.version), now()).await.unwrap(), Removed::Absent);
}

async fn flask_change_never_revives(place: &Place) {
    let backend = place.backend().await;
    let (old, new) = (stored(ALICE), Entry::Live(stored(ALICE_AND_CART)));
    assert!(backend.insert(&key(ID), &old, now()).await.unwrap());
    let ended = old.deadline.plus(Duration::from_secs(1));
    assert_eq!(backend.swap(&key(ID), &old.version, &new, ended).await.unwrap(), Swapped::Gone);
    assert_eq!(backend.remove(&key(ID), None, now()).await.unwrap(), Removed::Done);
    assert_eq!(backend.swap(&key(ID), &old.version, &new, now()).await.unwrap(), Swapped::Gone);
    assert_eq!(place.ask("SELECT count(*) FROM sessions").await, "0");
}

async fn flask_touch_never_shortens_what_flask_has_extended(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, ALICE, &place.expiry(7200)).await;
    let before = live(&backend, &key(ID)).await.unwrap();
    let touch = async |deadline| backend.touch(&key(ID), &before.version, deadline, now()).await.unwrap();
    assert_eq!(touch(now().plus(HOUR)).await, Swapped::Done);
    assert_eq!(live(&backend, &key(ID)).await.unwrap(), before);
    assert_eq!(touch(now().plus(3 * HOUR)).await, Swapped::Done);
    let after = live(&backend, &key(ID)).await.unwrap();
    assert!(after.deadline.since(before.deadline) > Duration::from_secs(3590) && after.payload == before.payload);
}

/// Markers as well as sessions; what lives stays, and what has no end is Flask's to judge.
async fn flask_sweep_removes_the_expired_alone(place: &Place) {
    let backend = place.backend().await;
    for n in 0..7 {
        place.plant(&format!("session:over-{n}"), ALICE, &place.expiry(-10)).await;
    }
    place.plant("retired:{session:over}", ALICE, &place.expiry(-10)).await;
    place.plant("session:endless", ALICE, "NULL").await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    assert_eq!(backend.sweep(0, now()).await.unwrap(), 0);
    assert_eq!(backend.sweep(3, now()).await.unwrap(), 3);
    assert_eq!(backend.sweep(usize::MAX, now()).await.unwrap(), 5);
    let left = place.ask("SELECT session_id FROM sessions ORDER BY session_id").await;
    assert_eq!(left.lines().collect::<Vec<_>>(), ["session:endless", KEY]);
}

/// On MariaDB, Flask-Session's column compares without case: another spelling of an id opens and changes nothing. Where the
/// column compares with it, both are sessions.
async fn flask_ids_compare_as_bytes(place: &Place) {
    let backend = place.backend().await;
    let (ours, other) = (key("abcdefghijklmnopqrstuv"), key("ABCDEFGHIJKLMNOPQRSTUV"));
    assert!(backend.insert(&ours, &stored(ALICE), now()).await.unwrap());
    assert!(backend.get(&other, now()).await.unwrap().is_none());
    let seen = Version::of(ALICE);
    let swap = backend.swap(&other, &seen, &Entry::Live(stored(ALICE_AND_CART)), now()).await;
    assert_eq!(swap.unwrap(), Swapped::Gone);
    assert_eq!(backend.touch(&other, &seen, now().plus(2 * HOUR), now()).await.unwrap(), Swapped::Gone);
    assert_eq!(backend.remove(&other, Some(&seen), now()).await.unwrap(), Removed::Absent);
    assert_eq!(backend.remove(&other, None, now()).await.unwrap(), Removed::Absent);
    if place.dialect() == "mysql" {
        assert!(!backend.insert(&other, &stored(ALICE_AND_CART), now()).await.unwrap(), "the column takes but one");
        place.ask("ALTER TABLE sessions MODIFY session_id VARCHAR(255) COLLATE utf8mb4_bin").await;
    }
    assert!(backend.insert(&other, &stored(ALICE_AND_CART), now()).await.unwrap());
    assert_eq!(live(&backend, &ours).await.unwrap().payload, ALICE);
    assert_eq!(live(&backend, &other).await.unwrap().payload, ALICE_AND_CART);
}

async fn flask_far_ends_are_dates_that_python_knows(place: &Place) {
    let backend = place.backend().await;
    let endless = Stored { deadline: session_core::Timestamp::MAX, ..stored(ALICE) };
    assert!(backend.insert(&key(ID), &endless, now()).await.unwrap());
    assert!(live(&backend, &key(ID)).await.unwrap().deadline > now().plus(1000 * 365 * 24 * HOUR));
    assert!(place.ask("SELECT expiry FROM sessions").await.starts_with("9999-12-31 23:59:59"));
}

#[tokio::test]
async fn s29_flask_row_beyond_any_record_is_corrupt_and_not_even_read() {
    let place = Place::sqlite();
    let backend = place.backend().await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    place.ask("UPDATE sessions SET data = zeroblob(16777217)").await;
    assert!(matches!(backend.get(&key(ID), now()).await, Err(Error::Corrupt { .. })));
}

#[tokio::test]
async fn s54_flask_ids_full_of_quotes_stay_values() {
    for place in [Place::sqlite()] {
        let backend = place.backend().await;
        for text in ["'; DROP TABLE sessions; --", "\"sessions\"", "a'b\"c`d", "?1 :id $1 @x", "%_*", "{this}"] {
            assert!(backend.insert(&key(text), &stored(ALICE), now()).await.unwrap());
            assert_eq!(live(&backend, &key(text)).await.unwrap().payload, ALICE);
        }
    }
}
