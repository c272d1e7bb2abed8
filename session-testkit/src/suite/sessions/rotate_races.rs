//! `rotate()` never succeeds without a cookie, and never brings a session back.

use session_core::Error;

use super::ada;
use crate::suite::race::race;
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::{assert_refused, new_cookie};

/// A double click on "log in": both succeed, each has a cookie of its own that opens a session with the login's changes.
pub async fn double_login_ends_logged_in(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let (first, second) = (visitor.open().await, visitor.open().await);
    for session in [&first, &second] {
        session.rotate();
        session.set("role", "admin").expect("set");
    }
    for session in [first, second] {
        let committed = visitor.answer(&session).await;
        assert!(committed.result.is_ok(), "{committed:?}");
        new_cookie(&committed);
        assert_eq!(visitor.open().await.keys(), fixture.in_order(["username", "role"]));
    }
}

/// A login that finds its id rotated takes what it had loaded and its own changes, never a copy of the successor.
pub async fn late_login_copies_nothing_of_the_successor(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let mut late = visitor.on(visitor.sessions.clone());
    let session = late.open().await;
    session.rotate();
    session.set("late", "1").expect("set");
    visitor
        .request(|session| {
            session.rotate();
            session.set("secret", "of the successor")
        })
        .await;
    assert!(late.answer(&session).await.result.is_ok());
    assert_eq!(late.open().await.keys(), fixture.in_order(["username", "late"]));
    assert_eq!(visitor.open().await.keys(), fixture.in_order(["username", "secret"]));
}

/// A login that finds its session ended keeps its own changes alone: what the logout ended is not brought back.
pub async fn login_after_a_logout_has_its_own_changes_alone(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let late = visitor.open().await;
    late.rotate();
    late.set("late", "1").expect("set");
    visitor.logout().await;
    assert!(visitor.answer(&late).await.result.is_ok());
    assert_eq!(visitor.open().await.keys(), ["late"]);
}

/// The same where the session was rotated first and its successor ended then.
pub async fn login_after_the_successor_ended_has_its_own_changes_alone(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let late = visitor.open().await;
    late.rotate();
    late.set("late", "1").expect("set");
    visitor.login().await;
    visitor.logout().await;
    assert!(visitor.answer(&late).await.result.is_ok());
    assert_eq!(visitor.open().await.keys(), ["late"]);
}

/// A rotation with nothing of its own that finds its session ended is refused: an empty session has no cookie.
pub async fn empty_login_after_a_logout_is_refused(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let late = visitor.open().await;
    late.rotate();
    visitor.logout().await;
    assert_refused(&visitor.answer(&late).await, |error| matches!(error, Error::Gone));
    assert!(!visitor.is_live().await);
}

/// Arriving with a retired id, a login makes a session of its own changes alone: the browser that never got the answer.
pub async fn login_with_a_retired_id_starts_anew(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let mut deaf = visitor.on(visitor.sessions.clone());
    visitor.login().await;
    deaf.request(|session| {
        session.rotate();
        session.set("username", "ada again")
    })
    .await;
    assert_eq!(deaf.text("username").await.as_deref(), Some("ada again"));
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
}

/// A value to be taken once is not handed out by a login that finds its id rotated.
pub async fn take_once_in_a_late_login_is_refused(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    visitor.request(|session| session.set("state", "oauth")).await;
    let late = visitor.open().await;
    late.rotate();
    visitor.login().await;
    let taken = late.take_once::<String>("state").await;
    assert!(matches!(taken, Err(Error::Retired)), "expected Retired, got {taken:?}");
}

/// Of 16 logins at once each that succeeds has a cookie that opens a session with its own change.
pub async fn racing_logins_each_have_a_live_session(fixture: &StoreFixture) {
    let visitor = ada(fixture).await;
    let mut loaded = Vec::new();
    for _ in 0..16 {
        loaded.push(visitor.open().await);
    }
    let cookies = race(16, |index| {
        let (sessions, session) = (visitor.sessions.clone(), loaded[index].clone());
        async move {
            session.rotate();
            session.set("login", index).expect("set");
            let committed = sessions.commit(&session).await;
            committed.result.as_ref().expect("a login is never refused");
            (new_cookie(&committed), index)
        }
    })
    .await;
    for (cookie, index) in cookies {
        let session = visitor.sessions.open([cookie.as_str()]).await.expect("the session opens");
        assert_eq!(session.get::<usize>("login").expect("a number"), Some(index));
    }
    assert!(!visitor.is_live().await, "the old id is dead");
}
