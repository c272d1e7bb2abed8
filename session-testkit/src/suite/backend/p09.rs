//! P9: a future dropped at any await leaves the entry as it was or as it was to be, and the backend usable.

use std::time::Duration;

use session_core::{Backend, Entry, RecordKey, Removed, Stored, Swapped};

use crate::cut_after;
use crate::suite::fixture::{Fixture, HOUR, key};

/// More awaits than any call has.
const MOST_AWAITS: usize = 64;

/// A dropped swap has replaced the record, or not; never a half of it.
pub async fn p9_a_dropped_swap_is_all_or_nothing<B: Backend>(fixture: &Fixture<B>) {
    for awaits in 1..=MOST_AWAITS {
        let (key, old) = fixture.live("as it was").await;
        let new = fixture.stored_for(2 * HOUR, "as it was to be");
        let entry = Entry::Live(new.clone());
        let call = fixture.backend.swap(&key, &old.version, &entry, fixture.now());
        let ended = cut_after(awaits, call).await;
        let found = settled(fixture, &key).await;
        assert!([&old, &new].into_iter().any(|whole| is(found.as_ref(), whole)), "neither old nor new: {found:?}");
        // Nobody is in the way of the next write, which may take either version for the one it has seen.
        let seen = *found.expect("it lives").version();
        let next = fixture.stored("the next one");
        let answer = fixture.swap(&key, &seen, &Entry::Live(next)).await;
        assert!(matches!(answer, Swapped::Done | Swapped::Conflict), "after a dropped swap: {answer:?}");
        if ended.is_some() {
            return;
        }
    }
    panic!("a swap with more than {MOST_AWAITS} awaits");
}

/// A dropped insert has written the whole record, or nothing.
pub async fn p9_a_dropped_insert_is_all_or_nothing<B: Backend>(fixture: &Fixture<B>) {
    for awaits in 1..=MOST_AWAITS {
        let (key, new) = (key(), fixture.stored("whole or not at all"));
        let ended = cut_after(awaits, fixture.backend.insert(&key, &new, fixture.now())).await;
        let found = settled(fixture, &key).await;
        assert!(found.is_none() || is(found.as_ref(), &new), "a part of it: {found:?}");
        let (other, stored) = fixture.live("the next one").await;
        fixture.assert_holds(&other, &stored).await;
        if ended.is_some() {
            return;
        }
    }
    panic!("an insert with more than {MOST_AWAITS} awaits");
}

/// A dropped touch leaves the record, with its old deadline or the new one.
pub async fn p9_a_dropped_touch_leaves_the_record<B: Backend>(fixture: &Fixture<B>) {
    for awaits in 1..=MOST_AWAITS {
        let (key, old) = fixture.live("stays").await;
        let touched = Stored { deadline: old.deadline.plus(HOUR), ..old.clone() };
        let ended = cut_after(awaits, fixture.backend.touch(&key, &old.version, touched.deadline, fixture.now())).await;
        let found = settled(fixture, &key).await;
        assert!([&old, &touched].into_iter().any(|whole| is(found.as_ref(), whole)), "torn: {found:?}");
        if ended.is_some() {
            return;
        }
    }
    panic!("a touch with more than {MOST_AWAITS} awaits");
}

/// A dropped removal has removed the record, or left it whole; a second one ends it.
pub async fn p9_a_dropped_remove_is_all_or_nothing<B: Backend>(fixture: &Fixture<B>) {
    for awaits in 1..=MOST_AWAITS {
        let (key, old) = fixture.live("ends or stays").await;
        let ended = cut_after(awaits, fixture.backend.remove(&key, None, fixture.now())).await;
        let found = settled(fixture, &key).await;
        assert!(found.is_none() || is(found.as_ref(), &old), "torn: {found:?}");
        assert!(matches!(fixture.remove(&key, None).await, Removed::Done | Removed::Absent));
        fixture.assert_absent(&key).await;
        if ended.is_some() {
            return;
        }
    }
    panic!("a removal with more than {MOST_AWAITS} awaits");
}

/// What lies there once a call that was cut off has arrived or not. A backend that a dropped call blocks fails here.
async fn settled<B: Backend>(fixture: &Fixture<B>, key: &RecordKey) -> Option<Entry> {
    let limit = Duration::from_secs(10);
    tokio::time::timeout(limit, fixture.get(key)).await.expect("a dropped call must not block the next one")
}

/// Whether exactly this record was found (its deadline aside: a server may only know that by its grain).
fn is(found: Option<&Entry>, whole: &Stored) -> bool {
    matches!(found, Some(Entry::Live(found)) if found.version == whole.version && found.payload == whole.payload)
}
