//! Commits before the response's head, and after it.

use session_core::{CommitOn, CookieAction, Error, SessionConfig};

use super::ada;
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::{has_no_cookie, new_cookie};

/// What was saved is stored at once; its cookie goes out with the head, and what follows is stored too.
pub async fn save_stores_at_once(fixture: &StoreFixture) {
    let mut visitor = fixture.visitor();
    let session = visitor.open().await;
    session.set("one", "1").expect("set");
    session.save().await.expect("save");
    session.set("two", "2").expect("set");
    let committed = visitor.answer(&session).await;
    assert!(committed.result.is_ok());
    new_cookie(&committed);
    assert_eq!(visitor.open().await.keys(), ["one", "two"]);
}

/// After a later failure the cookie of the successful `save()` still goes out.
pub async fn save_keeps_its_cookie_after_a_failure(fixture: &StoreFixture) {
    let mut visitor = fixture.visitor();
    let session = visitor.open().await;
    session.set("one", "1").expect("set");
    session.save().await.expect("save");
    session.set("blob", "x".repeat(fixture.capabilities().max_payload + 1)).expect("set");
    let committed = visitor.answer(&session).await;
    assert!(matches!(committed.result, Err(Error::TooLarge { .. })), "{:?}", committed.result);
    new_cookie(&committed);
    assert_eq!(visitor.open().await.keys(), ["one"]);
}

/// After the head a new session or a new id is the error `HeadSent`, and nothing is stored.
pub async fn save_after_the_head_needs_no_cookie(fixture: &StoreFixture) {
    let mut visitor = fixture.visitor();
    let session = visitor.open().await;
    assert!(has_no_cookie(&visitor.answer(&session).await));
    session.set("late", "1").expect("set");
    assert!(matches!(session.save().await, Err(Error::HeadSent)), "a new session needs a cookie");

    let mut visitor = ada(fixture).await;
    let session = visitor.open().await;
    assert!(has_no_cookie(&visitor.answer(&session).await));
    session.rotate();
    assert!(matches!(session.save().await, Err(Error::HeadSent)), "a new id needs a cookie");
    assert!(visitor.is_live().await);
}

/// After the head a change of a server-side session can still be saved, and its end.
pub async fn save_after_the_head_stores_changes(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let session = visitor.open().await;
    visitor.answer(&session).await;
    session.set("streamed", "1").expect("set");
    session.save().await.expect("save");
    assert_eq!(visitor.text("streamed").await.as_deref(), Some("1"));
    session.destroy();
    session.save().await.expect("an end needs no cookie");
    assert!(!visitor.is_live().await);
}

/// A panic or a broken connection before the commit stores nothing.
pub async fn uncommitted_is_not_stored(fixture: &StoreFixture) {
    let visitor = ada(fixture).await;
    let session = visitor.open().await;
    session.set("username", "eve").expect("set");
    session.destroy();
    drop(session);
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
}

/// `CommitOn` says which responses store; others change nothing and send no cookie.
pub async fn status_decides_what_is_stored(fixture: &StoreFixture) {
    let sessions = fixture.sessions(SessionConfig::default().commit_on(CommitOn::Success));
    for (status, stores) in [(200, true), (303, true), (400, false), (500, false)] {
        let session = sessions.fresh();
        session.set("n", 1).expect("set");
        let committed = sessions.commit_for_status(&session, status).await;
        assert!(committed.result.is_ok());
        assert_eq!(!has_no_cookie(&committed), stores, "status {status}: {:?}", committed.cookie);
    }
}

/// After a refusal the session takes no further commit in its request: each is the same error.
pub async fn refusal_is_final(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let late = visitor.open().await;
    late.set("n", 1).expect("set");
    visitor.logout().await;
    assert!(matches!(late.save().await, Err(Error::Gone)));
    assert!(matches!(late.save().await, Err(Error::Gone)));
    let committed = visitor.answer(&late).await;
    assert!(matches!(committed.result, Err(Error::Gone)) && committed.already_reported);
    assert!(matches!(committed.cookie, CookieAction::None));
}
