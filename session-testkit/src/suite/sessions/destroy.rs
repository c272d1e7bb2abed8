//! The end of a session: nothing brings it back.

use session_core::{CookieAction, Error, SessionConfig};

use super::{ada, ada_with, count_on};
use crate::suite::race::race;
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::{assert_refused, has_no_cookie, new_cookie};

/// A logout removes the cookie, and on a server the session: whoever kept the cookie has nothing.
pub async fn destroy_ends_the_session(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let kept = visitor.on(visitor.sessions.clone());
    let committed = visitor.logout().await;
    assert!(matches!(committed.cookie, CookieAction::Remove), "{:?}", committed.cookie);
    assert_eq!(visitor.cookie, None);
    if fixture.capabilities().revocable {
        assert!(!kept.is_live().await);
    }
}

/// A second logout finds nothing to end: it stores nothing and sends no removal.
pub async fn destroy_of_nothing_sends_no_removal(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let mut again = visitor.on(visitor.sessions.clone());
    visitor.logout().await;
    let committed = again.logout().await;
    assert!(has_no_cookie(&committed), "{:?}", committed.cookie);

    let committed = fixture.visitor().logout().await;
    assert!(has_no_cookie(&committed) && committed.report.store_calls == 0, "{committed:?}");
}

/// What is set after `destroy` belongs to a new session under a new id.
pub async fn destroy_then_set_is_a_new_session(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let old = visitor.cookie.clone();
    let committed = visitor
        .request(|session| {
            session.destroy();
            session.flash("see you")
        })
        .await;
    assert_ne!(Some(new_cookie(&committed)), old);
    let session = visitor.open().await;
    assert_eq!((session.get::<String>("username").expect("a text"), session.is_new()), (None, false));
    assert_eq!(session.take_flashes().expect("flashes").len(), 1);
}

/// A commit that fails sends no cookie, also where its first half, the logout, was carried out.
pub async fn destroy_then_failure_sends_no_cookie(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let session = visitor.open().await;
    session.destroy();
    session.set("blob", "x".repeat(fixture.capabilities().max_payload + 1)).expect("set");
    let committed = visitor.answer(&session).await;
    assert!(matches!(committed.result, Err(Error::TooLarge { .. })), "{:?}", committed.result);
    assert!(has_no_cookie(&committed), "{:?}", committed.cookie);
    assert!(!fixture.capabilities().revocable || !visitor.is_live().await);
}

/// A logout that began before a login ends the session under its new id too.
pub async fn destroy_follows_a_rotation(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let logout = visitor.open().await;
    logout.destroy();
    visitor.login().await;
    let successor = visitor.on(visitor.sessions.clone());
    let committed = visitor.answer(&logout).await;
    assert!(matches!(committed.cookie, CookieAction::Remove), "{:?}", committed.cookie);
    assert!(!successor.is_live().await, "the successor is ended");
}

/// A logout follows a chain of four rotations.
pub async fn destroy_follows_a_chain(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let logout = visitor.open().await;
    logout.destroy();
    for _ in 0..4 {
        visitor.login().await;
    }
    let successor = visitor.on(visitor.sessions.clone());
    assert!(visitor.answer(&logout).await.result.is_ok());
    assert!(!successor.is_live().await, "the last successor is ended");
}

/// A logout that arrives with a retired id ends the successor too.
pub async fn destroy_with_a_retired_id_ends_the_successor(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let mut old = visitor.on(visitor.sessions.clone());
    visitor.login().await;
    old.logout().await;
    assert!(!visitor.is_live().await);
}

/// A change that meets a logout is refused with `Gone`, and brings nothing back.
pub async fn change_after_a_logout_is_refused(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let kept = visitor.on(visitor.sessions.clone());
    let (set, update, empty) = (visitor.open().await, visitor.open().await, visitor.open().await);
    set.set("n", 1).expect("set");
    count_on(&update).expect("update");
    empty.clear();
    visitor.logout().await;
    for session in [set, update] {
        assert_refused(&visitor.answer(&session).await, |error| matches!(error, Error::Gone));
        assert!(!kept.is_live().await);
    }
    // An emptied session that has ended is as empty as it was to be.
    assert!(visitor.answer(&empty).await.result.is_ok());
    assert!(!kept.is_live().await);
}

/// A read that meets a logout is harmless: its touch is dropped, no cookie is sent, nothing comes back.
pub async fn read_after_a_logout_is_harmless(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, SessionConfig::default().refresh_below(1.0)).await;
    let (slow, kept) = (visitor.open().await, visitor.on(visitor.sessions.clone()));
    visitor.logout().await;
    fixture.time().pass(fixture.time().unit()).await;
    let committed = visitor.answer(&slow).await;
    assert!(committed.result.is_ok() && has_no_cookie(&committed), "{committed:?}");
    assert!(!kept.is_live().await);
}

/// Of 16 writers that race with one logout none brings the session back.
pub async fn nothing_survives_a_racing_logout(fixture: &StoreFixture) {
    let visitor = ada(fixture).await;
    let mut loaded = Vec::new();
    for _ in 0..17 {
        loaded.push(visitor.open().await);
    }
    let results = race(17, |index| {
        let (sessions, session) = (visitor.sessions.clone(), loaded[index].clone());
        async move {
            match index {
                8 => session.destroy(),
                _ => count_on(&session).expect("update"),
            }
            sessions.commit(&session).await.result
        }
    })
    .await;
    let fine = |result: &session_core::Result<()>| matches!(result, Ok(()) | Err(Error::Gone));
    assert!(results.iter().all(fine), "{results:?}");
    assert!(!visitor.is_live().await);
}
