//! P6 for stores.

use session_core::{Deleted, SessionStore, Version};

use super::{create, done};
use crate::suite::store_fixture::{StoreFixture, assert_absent, live};

/// The first removal removes, the second finds nothing.
pub async fn p6_delete_is_idempotent(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    let first = store.delete(&written.at, None).await.expect("delete");
    assert!(matches!(first, Deleted::Done), "expected Done, got {first:?}");
    let second = store.delete(&written.at, None).await.expect("delete");
    assert!(matches!(second, Deleted::Absent), "expected Absent, got {second:?}");
    assert_absent(&*store, &token).await;
}

/// With a version only that one goes; without one, whatever is there.
pub async fn p6_delete_goes_by_the_version(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    let next = fixture.record(&[("n", "2")]);
    let replaced = done(store.replace(&written.at, &written.version, &next, fixture.later()).await.expect("replace"));
    for seen in [written.version, Version::random().expect("random bytes")] {
        let deleted = store.delete(&written.at, Some(&seen)).await.expect("delete");
        assert!(matches!(deleted, Deleted::Conflict), "expected Conflict, got {deleted:?}");
        live(&*store, &token).await;
    }
    let deleted = store.delete(&written.at, Some(&replaced.version)).await.expect("delete");
    assert!(matches!(deleted, Deleted::Done), "expected Done, got {deleted:?}");
    assert_absent(&*store, &token).await;
}
