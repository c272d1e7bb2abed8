//! P11: every call ends.

use std::sync::Arc;
use std::time::Duration;

use session_core::{Backend, Entry, SessionConfig, StoreConfig, Swapped};
use tokio::time::{Instant, timeout};

use crate::suite::fixture::{Fixture, HOUR, key, server_side};
use crate::suite::race::race;
use crate::suite::visitor::Visitor;

/// What a healthy server may take at most for one call.
const LIMIT: Duration = Duration::from_secs(10);

/// Each operation answers in time.
pub async fn p11_every_call_ends<B: Backend>(fixture: &Fixture<B>) {
    let (key, stored, now) = (key(), fixture.stored("in time"), fixture.now());
    let (backend, new) = (&fixture.backend, Entry::Live(fixture.stored("later")));
    let _ = timeout(LIMIT, backend.get(&key, now)).await.expect("get ends");
    let _ = timeout(LIMIT, backend.insert(&key, &stored, now)).await.expect("insert ends");
    let _ = timeout(LIMIT, backend.touch(&key, &stored.version, now.plus(2 * HOUR), now)).await.expect("touch ends");
    let _ = timeout(LIMIT, backend.swap(&key, &stored.version, &new, now)).await.expect("swap ends");
    let _ = timeout(LIMIT, backend.remove(&key, None, now)).await.expect("remove ends");
    let _ = timeout(LIMIT, backend.sweep(10, now)).await.expect("sweep ends");
}

/// 64 visitors at once do not block each other.
pub async fn p11_many_at_once_end<B: Backend>(fixture: &Fixture<B>) {
    let now = fixture.now();
    let visitors = race(64, |index| {
        let backend = Arc::clone(if index % 2 == 0 { &fixture.backend } else { &fixture.peer });
        let (key, first, second) = (key(), fixture.stored("first"), fixture.stored("second"));
        async move {
            assert!(backend.insert(&key, &first, now).await.expect("insert"));
            let new = Entry::Live(second.clone());
            assert_eq!(backend.swap(&key, &first.version, &new, now).await.expect("swap"), Swapped::Done);
            let found = backend.get(&key, now).await.expect("get");
            assert!(found.is_some_and(|entry| *entry.version() == second.version), "each visitor reads its own");
            backend.remove(&key, None, now).await.expect("remove")
        }
    });
    timeout(3 * LIMIT, visitors).await.expect("64 visitors at once end");
}

/// A server that does not answer costs a request its budget and no more, and is an outage.
pub async fn p11_an_outage_ends_in_time<B: Backend>(fixture: &Fixture<B>) {
    let Some(broken) = &fixture.broken else { panic!("the fixture has no broken backend") };
    let config = SessionConfig::default().budget(Duration::from_millis(500));
    let store = server_side(broken, StoreConfig::default().call_timeout(Duration::from_millis(200)));
    let sessions = session_core::Sessions::with_clock(store, config, fixture.time.clock()).expect("it holds");
    let mut visitor = Visitor::new(sessions);
    let session = visitor.open().await;
    session.set("n", 1).expect("set");
    let start = Instant::now();
    let committed = visitor.answer(&session).await;
    assert!(start.elapsed() < Duration::from_secs(2), "it took {:?}", start.elapsed());
    let error = committed.result.expect_err("nothing answers");
    assert!(error.is_outage(), "expected an outage, got {error:?}");
}
