//! P5 for stores.

use session_core::{Attempt, Deleted, Lookup, SessionStore, Version};

use super::{create, done};
use crate::suite::store_fixture::{StoreFixture, assert_absent, assert_same_contents, live};

/// A rotation gives another token, under which the new contents load.
pub async fn p5_rotate_gives_another_token(fixture: &StoreFixture) {
    let store = fixture.store();
    let (old, written) = create(&*store, &fixture.record(&[("user", "guest")]), fixture.later()).await;
    let next = fixture.record(&[("user", "ada")]);
    let rotated = done(store.rotate(&written.at, &written.version, &next, fixture.later()).await.expect("rotate"));
    let new = rotated.token.expect("a rotation has a token");
    assert!(new != old, "another token");
    let loaded = live(&*fixture.store(), &new).await;
    assert_same_contents(&loaded.record, &next);
    assert_eq!(loaded.version, rotated.version);
}

/// The old token opens nothing: it is retired, and its marker leads to the new record, not to its token.
pub async fn p5_the_old_token_is_retired(fixture: &StoreFixture) {
    let store = fixture.store();
    let (old, written) = create(&*store, &fixture.record(&[("user", "guest")]), fixture.later()).await;
    let next = fixture.record(&[("user", "ada")]);
    let rotated = done(store.rotate(&written.at, &written.version, &next, fixture.later()).await.expect("rotate"));
    let Lookup::Retired { at, successor, since } = store.load(&old).await.expect("load") else {
        panic!("the old token is not retired")
    };
    assert!(at == written.at && successor == rotated.at, "the marker leads elsewhere");
    assert!(since <= fixture.now(), "it was rotated in the future");
    assert!(matches!(store.reload(&successor).await.expect("reload"), Lookup::Live(_)), "the successor lives");
}

/// Under a retired id nothing can be changed, kept alive, rotated or deleted.
pub async fn p5_a_retired_id_refuses_everything(fixture: &StoreFixture) {
    let store = fixture.store();
    let (old, written) = create(&*store, &fixture.record(&[("user", "guest")]), fixture.later()).await;
    let next = fixture.record(&[("user", "ada")]);
    let rotated = done(store.rotate(&written.at, &written.version, &next, fixture.later()).await.expect("rotate"));
    let (late, later) = (fixture.record(&[("user", "eve")]), fixture.later());
    for seen in [written.version, rotated.version, Version::random().expect("random bytes")] {
        let replaced = store.replace(&written.at, &seen, &late, later).await.expect("replace");
        let touched = store.touch(&written.at, &seen, later).await.expect("touch");
        let again = store.rotate(&written.at, &seen, &late, later).await.expect("rotate");
        for attempt in [replaced, touched, again] {
            assert!(matches!(attempt, Attempt::Retired { .. }), "expected Retired, got {attempt:?}");
        }
        for condition in [None, Some(&seen)] {
            let deleted = store.delete(&written.at, condition).await.expect("delete");
            assert!(matches!(deleted, Deleted::Retired { .. }), "expected Retired, got {deleted:?}");
        }
    }
    assert!(matches!(store.load(&old).await.expect("load"), Lookup::Retired { .. }));
    assert_same_contents(&live(&*store, &rotated.token.expect("a token")).await.record, &next);
}

/// A rotation of another version than the one seen changes nothing.
pub async fn p5_rotate_of_another_version_is_a_conflict(fixture: &StoreFixture) {
    let store = fixture.store();
    let first = fixture.record(&[("user", "ada")]);
    let (token, written) = create(&*store, &first, fixture.later()).await;
    let (late, seen) = (fixture.record(&[("user", "eve")]), Version::random().expect("random bytes"));
    let attempt = store.rotate(&written.at, &seen, &late, fixture.later()).await.expect("rotate");
    assert!(matches!(attempt, Attempt::Conflict), "expected Conflict, got {attempt:?}");
    assert_same_contents(&live(&*store, &token).await.record, &first);
}

/// A marker lives for 120 s; then the old token is as unknown as any other.
pub async fn p5_a_retired_id_is_forgotten_after_120_s(fixture: &StoreFixture) {
    let store = fixture.store();
    let (old, written) = create(&*store, &fixture.record(&[("user", "guest")]), fixture.later()).await;
    let next = fixture.record(&[("user", "ada")]);
    done(store.rotate(&written.at, &written.version, &next, fixture.later()).await.expect("rotate"));
    let start = fixture.now();
    fixture.time().pass(std::time::Duration::from_secs(119)).await;
    let found = store.load(&old).await.expect("load");
    assert!(matches!(found, Lookup::Retired { since, .. } if since == start), "after 119 s: {found:?}");
    fixture.time().pass(std::time::Duration::from_secs(1)).await;
    assert_absent(&*store, &old).await;
}
