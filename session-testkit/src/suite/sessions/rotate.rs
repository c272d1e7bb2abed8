//! A new id: logins and renewals.

use std::time::Duration;

use session_core::{CookieAction, Error, SessionConfig};

use super::{ada, ada_with};
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::{assert_refused, has_no_cookie, new_cookie};

/// A rotation gives a new cookie and keeps the data.
pub async fn rotate_keeps_the_data(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let old = visitor.cookie.clone();
    let committed = visitor
        .request(|session| {
            session.rotate();
            session.set("role", "admin")
        })
        .await;
    assert_ne!(Some(new_cookie(&committed)), old);
    assert_eq!(visitor.open().await.keys(), fixture.in_order(["username", "role"]));
}

/// The old id shows nothing of the session, and a change under it is refused for 15 s.
pub async fn rotate_kills_the_old_id(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let mut attacker = visitor.on(visitor.sessions.clone());
    visitor.login().await;

    let session = attacker.open().await;
    assert!(session.is_new() && session.is_empty(), "the old id opens an empty session");
    let committed = attacker.answer(&session).await;
    assert!(committed.result.is_ok() && has_no_cookie(&committed), "reading leaves the cookie alone");
    session_refused(&mut attacker).await;
    assert_eq!(visitor.open().await.keys(), ["username"]);
}

async fn session_refused(attacker: &mut crate::suite::visitor::Visitor) {
    let session = attacker.open().await;
    session.set("username", "eve").expect("set");
    assert_refused(&attacker.answer(&session).await, |error| matches!(error, Error::Retired));
}

/// 15 s after the rotation a retired id is an unknown one: what is set goes under a new id.
pub async fn retired_id_is_unknown_after_15_s(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let mut deaf = visitor.on(visitor.sessions.clone());
    visitor.login().await;
    fixture.time().pass(Duration::from_millis(14_999)).await;
    session_refused(&mut deaf).await;
    fixture.time().pass(Duration::from_millis(1)).await;
    let old = deaf.cookie.clone();
    deaf.request(|session| session.set("username", "grace")).await;
    assert!(deaf.cookie != old && deaf.cookie != visitor.cookie);
    assert_eq!(deaf.open().await.keys(), ["username"]);
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
}

/// A login begins a new life: created and absolute end start anew.
pub async fn rotate_begins_a_new_life(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let before = visitor.open().await.created();
    fixture.time().pass(fixture.time().unit()).await;
    visitor.login().await;
    assert!(visitor.open().await.created() > before);
}

/// A renewal keeps when the session was created, and so when it ends.
pub async fn renewal_keeps_the_life(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let (old, before) = (visitor.cookie.clone(), visitor.open().await.created());
    fixture.time().pass(fixture.time().unit()).await;
    visitor
        .request(|session| {
            session.rotate_keeping_deadlines();
            Ok(())
        })
        .await;
    assert_ne!(visitor.cookie, old);
    assert_eq!(visitor.open().await.created(), before);
}

/// A login on a new session stores it under one new id.
pub async fn rotate_of_a_new_session_creates_it(fixture: &StoreFixture) {
    let mut visitor = fixture.visitor();
    let committed = visitor
        .request(|session| {
            session.rotate();
            session.set("username", "ada")
        })
        .await;
    new_cookie(&committed);
    assert_eq!(committed.report.store_calls, 1);
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
}

/// A rotated session that ends empty is deleted, and no cookie is sent (a client-side one is removed).
pub async fn rotate_of_an_emptied_session_deletes(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let old = visitor.cookie.clone();
    let committed = visitor
        .request(|session| {
            session.clear();
            session.rotate();
            Ok(())
        })
        .await;
    match fixture.capabilities().token_per_write {
        true => assert!(matches!(committed.cookie, CookieAction::Remove), "{:?}", committed.cookie),
        false => assert!(has_no_cookie(&committed), "{:?}", committed.cookie),
    }
    if fixture.capabilities().revocable {
        visitor.cookie = old;
        assert!(!visitor.is_live().await);
    }
}

/// A read that began before a login ends well; it sends no cookie that could undo the login.
pub async fn slow_read_across_a_login_is_harmless(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, SessionConfig::default().refresh_below(1.0)).await;
    let slow = visitor.open().await;
    visitor.login().await;
    // Its touch is due, and finds the id retired.
    fixture.time().pass(fixture.time().unit()).await;
    let committed = visitor.answer(&slow).await;
    assert!(committed.result.is_ok() && has_no_cookie(&committed), "{committed:?}");
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
}

/// A change that began before a login is refused with `Retired`, and reaches nothing of the new session.
pub async fn slow_change_across_a_login_is_refused(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let slow = visitor.open().await;
    slow.set("username", "eve").expect("set");
    visitor
        .request(|session| {
            session.rotate();
            session.set("role", "admin")
        })
        .await;
    assert_refused(&visitor.answer(&slow).await, |error| matches!(error, Error::Retired));
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
}

/// A renewal without changes that meets a login or a logout is dropped.
pub async fn renewal_across_a_login_is_dropped(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    for end in [session_core::Session::rotate, session_core::Session::destroy] {
        let slow = visitor.open().await;
        slow.rotate_keeping_deadlines();
        visitor
            .request(|session| {
                end(session);
                Ok(())
            })
            .await;
        let committed = visitor.answer(&slow).await;
        assert!(committed.result.is_ok() && has_no_cookie(&committed), "{committed:?}");
    }
    assert!(!visitor.is_live().await);
}
