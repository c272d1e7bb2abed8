//! P4 for stores.

use session_core::SessionStore;

use super::{create, done};
use crate::suite::fixture::HOUR;
use crate::suite::store_fixture::{StoreFixture, assert_same_contents, live};

/// A touched session lives beyond its first deadline, its contents as they were.
pub async fn p4_a_touched_session_lives_on(fixture: &StoreFixture) {
    let store = fixture.store();
    let (record, deadline) = (fixture.record(&[("n", "1")]), fixture.now().plus(fixture.time().short()));
    let (token, written) = create(&*store, &record, deadline).await;
    let touched = done(store.touch(&written.at, &written.version, fixture.later()).await.expect("touch"));
    fixture.time().outlive_short().await;
    let loaded = live(&*store, &touched.token.unwrap_or(token)).await;
    assert_same_contents(&loaded.record, &record);
    assert_eq!(loaded.record.life(), record.life(), "created and absolute end");
    assert_eq!(loaded.version, touched.version);
}

/// A touch is no change: whoever had loaded before can still replace.
pub async fn p4_a_touch_is_no_conflict(fixture: &StoreFixture) {
    let store = fixture.store();
    let (_, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    done(store.touch(&written.at, &written.version, fixture.later().plus(HOUR / 2)).await.expect("touch"));
    let next = fixture.record(&[("n", "2")]);
    done(store.replace(&written.at, &written.version, &next, fixture.later()).await.expect("replace"));
}

/// A touch never ends a session earlier.
pub async fn p4_a_touch_never_shortens(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    let sooner = fixture.now().plus(fixture.time().short());
    let touched = done(store.touch(&written.at, &written.version, sooner).await.expect("touch"));
    fixture.time().outlive_short().await;
    live(&*store, &touched.token.unwrap_or(token)).await;
}
