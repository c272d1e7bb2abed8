//! P8, P10 and P11 for stores.

use std::time::Duration;

use session_core::{Error, SessionStore};
use tokio::time::timeout;

use super::create;
use crate::suite::store_fixture::{StoreFixture, assert_same_contents, live};

/// Every value comes back bit for bit: empty, with NUL characters and line ends, of many scripts, thousands of bytes long.
pub async fn p8_values_come_back(fixture: &StoreFixture) {
    let store = fixture.store();
    let long = "x".repeat(store.capabilities().max_payload.min(64 * 1024) / 2);
    let texts: [&[(&str, &str)]; 4] = [
        &[("empty", ""), ("nul", "a\0b\0"), ("", "under the empty key")],
        &[("lines", "a\r\nSet-Cookie: b=c\r\n"), ("$where", "a.b"), ("a.b\0c", "1")],
        &[("text", "żółć 京 🦀 \u{202e}"), ("ключ", "значение")],
        &[("long", &long)],
    ];
    for pairs in texts {
        let record = fixture.record(pairs);
        let (token, _) = create(&*store, &record, fixture.later()).await;
        let loaded = live(&*fixture.store(), &token).await;
        assert_same_contents(&loaded.record, &record);
        assert!(loaded.record.names().eq(fixture.in_order(record.names())), "the keys in their order");
        assert_eq!(loaded.record.life(), record.life(), "created and absolute end");
    }
}

/// A record beyond the bound is refused as `TooLarge`, and the one that is there stays.
pub async fn p8_too_large_is_refused(fixture: &StoreFixture) {
    let store = fixture.store();
    let limit = store.capabilities().max_payload;
    let (small, large) = (fixture.record(&[("n", "1")]), fixture.record(&[("blob", &"x".repeat(limit + 1))]));
    let (token, written) = create(&*store, &small, fixture.later()).await;
    for error in [
        store.create(&large, fixture.later()).await.err(),
        store.replace(&written.at, &written.version, &large, fixture.later()).await.err(),
        store.rotate(&written.at, &written.version, &large, fixture.later()).await.err(),
    ] {
        assert!(matches!(error, Some(Error::TooLarge { .. })), "expected TooLarge, got {error:?}");
    }
    assert_same_contents(&live(&*store, &token).await.record, &small);
}

/// The store and all it hands out print neither tokens nor values.
pub async fn p10_nothing_prints_a_secret(fixture: &StoreFixture) {
    const SECRET: &str = "s3cret-value-that-never-prints";
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("card", SECRET)]), fixture.later()).await;
    let found = store.load(&token).await;
    let printed = format!("{store:?} {token:?} {written:?} {found:?}");
    assert!(!printed.contains(SECRET), "a value was printed");
    assert!(!printed.contains(token.expose()), "a token was printed");
}

/// Each operation answers in time.
pub async fn p11_every_operation_ends(fixture: &StoreFixture) {
    let (store, later) = (fixture.store(), fixture.later());
    let (first, next) = (fixture.record(&[("n", "1")]), fixture.record(&[("n", "2")]));
    let limit = Duration::from_secs(10);
    let created = timeout(limit, store.create(&first, later)).await.expect("create ends");
    let Ok(written) = created else { panic!("create: {created:?}") };
    let token = written.token.expect("a new session has a token");
    let _ = timeout(limit, store.load(&token)).await.expect("load ends");
    let _ = timeout(limit, store.reload(&written.at)).await.expect("reload ends");
    let _ = timeout(limit, store.touch(&written.at, &written.version, later)).await.expect("touch ends");
    let _ = timeout(limit, store.replace(&written.at, &written.version, &next, later)).await.expect("replace ends");
    let _ = timeout(limit, store.rotate(&written.at, &written.version, &next, later)).await.expect("rotate ends");
    let _ = timeout(limit, store.delete(&written.at, None)).await.expect("delete ends");
}
