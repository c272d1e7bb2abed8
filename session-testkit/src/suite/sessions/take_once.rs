//! Values that are handed out once.

use session_core::SessionConfig;

use super::ada;
use crate::suite::race::{count, race};
use crate::suite::store_fixture::StoreFixture;

/// Of 32 requests that have all loaded the value exactly one gets it, on whichever process.
pub async fn take_once_hands_out_to_one_of_32(fixture: &StoreFixture) {
    let mut here = ada(fixture).await;
    here.request(|session| session.set("voucher", "v1")).await;
    let there = here.on(fixture.sessions(SessionConfig::default()));
    let mut loaded = Vec::new();
    for index in 0..32 {
        loaded.push(if index % 2 == 0 { here.open().await } else { there.open().await });
    }
    let taken = race(32, |index| {
        let session = loaded[index].clone();
        async move { session.take_once::<String>("voucher").await.expect("take_once") }
    })
    .await;
    assert_eq!(count(&taken, |value| value.as_deref() == Some("v1")), 1, "exactly one gets it");
    assert_eq!(count(&taken, Option::is_none), 31);
    assert_eq!(here.text("voucher").await, None);
}

/// A value that was set anew meanwhile is another value: the one that was read is not handed out, the new one stays.
pub async fn take_once_leaves_a_newer_value(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    visitor.request(|session| session.set("state", "old")).await;
    let late = visitor.open().await;
    visitor.request(|session| session.set("state", "new")).await;
    assert_eq!(late.take_once::<String>("state").await.expect("take_once"), None);
    assert_eq!(visitor.text("state").await.as_deref(), Some("new"));
}

/// What is not there is not handed out, and costs nothing.
pub async fn take_once_of_nothing_is_none(fixture: &StoreFixture) {
    let visitor = ada(fixture).await;
    let session = visitor.open().await;
    assert_eq!(session.take_once::<String>("voucher").await.expect("take_once"), None);
    assert!(!session.is_modified());
}
