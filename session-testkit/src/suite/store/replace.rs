//! P3 for stores.

use session_core::{Attempt, SessionStore, Version};

use super::{create, done};
use crate::suite::store_fixture::{StoreFixture, assert_absent, assert_same_contents, live};

/// What was replaced is what loads, under the token that the write left valid.
pub async fn p3_replace_is_read_back(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    let next = fixture.record(&[("n", "2"), ("more", "x")]);
    let replaced = done(store.replace(&written.at, &written.version, &next, fixture.later()).await.expect("replace"));
    let token = replaced.token.clone().unwrap_or(token);
    let loaded = live(&*fixture.store(), &token).await;
    assert_same_contents(&loaded.record, &next);
    assert_eq!(loaded.version, replaced.version, "the version that the write reported");
}

/// Another version than the one seen is a conflict, and stays.
pub async fn p3_replace_of_another_version_is_a_conflict(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    let (first, late) = (fixture.record(&[("n", "first")]), fixture.record(&[("n", "late")]));
    done(store.replace(&written.at, &written.version, &first, fixture.later()).await.expect("replace"));
    for seen in [written.version, Version::random().expect("random bytes")] {
        let attempt = store.replace(&written.at, &seen, &late, fixture.later()).await.expect("replace");
        assert!(matches!(attempt, Attempt::Conflict), "expected Conflict, got {attempt:?}");
    }
    assert_same_contents(&live(&*store, &token).await.record, &first);
}

/// A session that was deleted is not brought back, by a change or by a login.
pub async fn p3_nothing_revives_the_deleted(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    store.delete(&written.at, None).await.expect("delete");
    assert_gone(fixture, &*store, &written.at, &written.version).await;
    assert_absent(&*store, &token).await;
}

/// A session that has expired is not brought back, by a change or by a login.
pub async fn p3_nothing_revives_the_expired(fixture: &StoreFixture) {
    let store = fixture.store();
    let deadline = fixture.now().plus(fixture.time().short());
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), deadline).await;
    fixture.time().outlive_short().await;
    assert_gone(fixture, &*store, &written.at, &written.version).await;
    assert_absent(&*store, &token).await;
}

async fn assert_gone(fixture: &StoreFixture, store: &dyn SessionStore, at: &session_core::Locator, seen: &Version) {
    let (late, later) = (fixture.record(&[("n", "late")]), fixture.later());
    for attempt in [
        store.replace(at, seen, &late, later).await.expect("replace"),
        store.touch(at, seen, later).await.expect("touch"),
        store.rotate(at, seen, &late, later).await.expect("rotate"),
    ] {
        assert!(matches!(attempt, Attempt::Gone), "expected Gone, got {attempt:?}");
    }
}
