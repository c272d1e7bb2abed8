//! Requests of one session that meet.

use session_core::{ConflictPolicy, Error, SessionConfig};

use super::{ada, ada_with, count_on};
use crate::suite::race::race;
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::assert_refused;

fn strict() -> SessionConfig {
    SessionConfig::default().conflict(ConflictPolicy::Strict)
}

/// Two requests that set different keys both survive.
pub async fn different_keys_both_survive(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let (one, two) = (visitor.open().await, visitor.open().await);
    one.set("one", "1").expect("set");
    two.set("two", "2").expect("set");
    two.remove("username").expect("remove");
    assert!(visitor.answer(&one).await.result.is_ok());
    let committed = visitor.answer(&two).await;
    assert!(committed.result.is_ok() && committed.report.replays == 1, "{committed:?}");
    assert_eq!(visitor.open().await.keys(), ["one", "two"]);
}

/// Of two requests that set one key the last one stays.
pub async fn same_key_keeps_the_last(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let (first, last) = (visitor.open().await, visitor.open().await);
    first.set("username", "first").expect("set");
    last.set("username", "last").expect("set");
    assert!(visitor.answer(&first).await.result.is_ok());
    assert!(visitor.answer(&last).await.result.is_ok());
    assert_eq!(visitor.text("username").await.as_deref(), Some("last"));
}

/// `update` is run again on the fresher value.
pub async fn update_counts_on(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let (one, two) = (visitor.open().await, visitor.open().await);
    for session in [&one, &two] {
        count_on(session).expect("update");
        count_on(session).expect("update");
    }
    assert!(visitor.answer(&one).await.result.is_ok());
    assert!(visitor.answer(&two).await.result.is_ok());
    assert_eq!(visitor.number("n").await, Some(4));
}

/// 64 requests at once, each counting on: 64, and every one of them succeeds.
pub async fn update_counts_64_of_64(fixture: &StoreFixture) {
    let visitor = ada(fixture).await;
    let counted = race(64, |_| {
        let (sessions, cookie) = (visitor.sessions.clone(), visitor.cookie.clone());
        async move {
            let session = sessions.open(cookie.as_deref()).await?;
            count_on(&session)?;
            sessions.commit(&session).await.result
        }
    })
    .await;
    for result in counted {
        result.expect("no contender is refused");
    }
    assert_eq!(visitor.number("n").await, Some(64));
}

/// 64 requests that have all loaded before the first one commits: 64.
pub async fn update_counts_64_loaded_before(fixture: &StoreFixture) {
    let visitor = ada(fixture).await;
    let mut loaded = Vec::new();
    for _ in 0..64 {
        let session = visitor.open().await;
        count_on(&session).expect("update");
        loaded.push(session);
    }
    let committed = race(64, |index| {
        let (sessions, session) = (visitor.sessions.clone(), loaded[index].clone());
        async move { sessions.commit(&session).await.result }
    })
    .await;
    for result in committed {
        result.expect("no contender is refused");
    }
    assert_eq!(visitor.number("n").await, Some(64));
}

/// 64 tasks that share one request's session, saving as they go: 64.
pub async fn update_counts_64_on_one_handle(fixture: &StoreFixture) {
    let visitor = ada(fixture).await;
    let session = visitor.open().await;
    let saved = race(64, |_| {
        let session = session.clone();
        async move {
            count_on(&session)?;
            session.save().await
        }
    })
    .await;
    for result in saved {
        result.expect("no save fails");
    }
    assert_eq!((session.require::<u64>("n").expect("a number"), visitor.number("n").await), (64, Some(64)));
}

/// Two processes that count 16 requests each: 32.
pub async fn update_counts_across_processes(fixture: &StoreFixture) {
    let here = ada(fixture).await;
    let there = here.on(fixture.sessions(SessionConfig::default()));
    let counted = race(32, |index| {
        let visitor = if index % 2 == 0 { &here } else { &there };
        let (sessions, cookie) = (visitor.sessions.clone(), visitor.cookie.clone());
        async move {
            let session = sessions.open(cookie.as_deref()).await?;
            count_on(&session)?;
            sessions.commit(&session).await.result
        }
    })
    .await;
    for result in counted {
        result.expect("no contender is refused");
    }
    assert_eq!((here.number("n").await, there.number("n").await), (Some(32), Some(32)));
}

/// `Strict`: a change computed from a value that was read and has changed is refused, and stores nothing.
pub async fn strict_refuses_a_stale_read(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, strict()).await;
    visitor.request(|session| session.set("balance", 100_u64)).await;
    let stale = visitor.open().await;
    let read: u64 = stale.require("balance").expect("a number");
    stale.set("balance", read - 30).expect("set");
    visitor.request(|session| session.set("balance", 50_u64)).await;
    assert_refused(&visitor.answer(&stale).await, |error| matches!(error, Error::Conflict));
    assert_eq!(visitor.number("balance").await, Some(50));
}

/// `Strict`: what has looked at the whole session is refused whatever has changed.
pub async fn strict_refuses_after_reading_all(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, strict()).await;
    let stale = visitor.open().await;
    let keys = stale.len();
    stale.set("keys", keys).expect("set");
    visitor.request(|session| session.set("one", "more")).await;
    assert_refused(&visitor.answer(&stale).await, |error| matches!(error, Error::Conflict));
}

/// `Strict`: other keys still merge, and `update` still counts on.
pub async fn strict_merges_what_was_not_read(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, strict()).await;
    let other = visitor.open().await;
    other.require::<String>("username").expect("a text");
    other.set("two", "2").expect("set");
    count_on(&other).expect("update");
    visitor
        .request(|session| {
            count_on(session)?;
            session.set("one", "1")
        })
        .await;
    assert!(visitor.answer(&other).await.result.is_ok());
    assert_eq!(visitor.number("n").await, Some(2));
    assert!(["one", "two"].into_iter().eq(visitor.open().await.keys().iter().filter(|key| key.len() == 3)));
}
