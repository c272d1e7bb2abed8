//! What is stored, and what is not.

use session_core::plan::Plan;
use session_core::{CookieAction, Error, Token};

use super::ada;
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::{assert_refused, has_no_cookie, new_cookie};

/// An untouched new session costs no store call and sends no cookie: a crawler costs nothing.
pub async fn untouched_costs_nothing(fixture: &StoreFixture) {
    let mut visitor = fixture.visitor();
    let committed = visitor.request(|session| session.get::<String>("username").map(drop)).await;
    assert!(has_no_cookie(&committed));
    assert_eq!(committed.report.store_calls, 0);
    assert!(!committed.was_live);
}

/// A new session that is empty at the end is not stored either.
pub async fn empty_new_session_is_not_stored(fixture: &StoreFixture) {
    let mut visitor = fixture.visitor();
    let committed = visitor
        .request(|session| {
            session.set("n", 1)?;
            session.clear();
            Ok(())
        })
        .await;
    assert!(has_no_cookie(&committed));
    assert_eq!(committed.report.store_calls, 0);
}

/// A read of a live session writes nothing and sends no cookie.
pub async fn read_writes_nothing(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let committed = visitor.request(|session| session.require::<String>("username").map(drop)).await;
    assert!(has_no_cookie(&committed) && committed.was_live);
    assert_eq!((committed.report.store_calls, committed.report.steps), (1, vec![]));
}

/// Setting what is already there, byte for byte, is no change.
pub async fn same_value_is_no_change(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let committed = visitor.request(|session| session.set("username", "ada")).await;
    assert_eq!(committed.report.steps, []);
    let there_and_back =
        visitor.request(|session| session.set("n", 1).and_then(|()| session.remove("n").map(drop))).await;
    assert_eq!(there_and_back.report.steps, []);
}

/// What one request stores the next one reads, on another process too.
pub async fn stored_is_read_back(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    visitor.request(|session| session.set("n", 7_u64)).await;
    let elsewhere = visitor.on(fixture.sessions(session_core::SessionConfig::default()));
    let session = elsewhere.open().await;
    assert_eq!((session.keys(), session.is_new()), (fixture.in_order(["username", "n"]), false));
    assert_eq!((elsewhere.text("username").await.as_deref(), elsewhere.number("n").await), (Some("ada"), Some(7)));
}

/// An id that the store does not know is never adopted: what is kept goes under a new one.
pub async fn unknown_id_is_never_adopted(fixture: &StoreFixture) {
    let planted = Token::random().expect("random bytes").expose().to_owned();
    let mut visitor = fixture.visitor();
    visitor.cookie = Some(planted.clone());
    let committed = visitor.request(|_| Ok(())).await;
    assert!(has_no_cookie(&committed), "a mere read leaves an unknown cookie alone");

    let committed = visitor.request(|session| session.set("username", "ada")).await;
    assert_ne!(new_cookie(&committed), planted);
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
    visitor.cookie = Some(planted);
    assert!(!visitor.is_live().await, "the planted id stays dead");
}

/// An emptied session is deleted; a server-side one leaves the cookie alone.
pub async fn emptied_session_is_deleted(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let old = visitor.cookie.clone();
    let committed = visitor.request(|session| session.pop::<String>("username").map(drop)).await;
    assert_eq!(committed.report.steps, [Plan::Delete]);
    let removed = matches!(committed.cookie, CookieAction::Remove);
    assert_eq!(removed, fixture.capabilities().token_per_write, "{:?}", committed.cookie);
    if fixture.capabilities().revocable {
        visitor.cookie = old;
        assert!(!visitor.is_live().await, "the old token opens nothing");
    }
}

/// An emptied session is deleted only as it was seen: what another request adds meanwhile is not lost.
pub async fn emptied_session_that_was_filled_stays(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let emptying = visitor.open().await;
    emptying.remove("username").expect("remove");
    visitor.request(|session| session.set("cart", "book")).await;
    assert!(visitor.answer(&emptying).await.result.is_ok());
    assert_eq!(visitor.text("cart").await.as_deref(), Some("book"));
    assert_eq!(visitor.text("username").await, None);
}

/// A change that meets a session which was emptied and deleted meanwhile is refused: it brings nothing back.
pub async fn change_of_an_emptied_session_is_refused(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let late = visitor.open().await;
    late.set("cart", "book").expect("set");
    visitor.request(|session| session.remove("username").map(drop)).await;
    assert_refused(&visitor.answer(&late).await, |error| matches!(error, Error::Gone));
    assert!(!visitor.is_live().await);
}

/// A session beyond the bound is an error before anything is sent; the stored one stays, and a mended one can be stored.
pub async fn too_large_leaves_the_stored_one(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let session = visitor.open().await;
    session.set("blob", "x".repeat(fixture.capabilities().max_payload + 1)).expect("set");
    let error = session.save().await.expect_err("it is too large");
    assert!(matches!(error, Error::TooLarge { .. }), "expected TooLarge, got {error:?}");
    assert_eq!(visitor.open().await.keys(), ["username"]);

    session.set("blob", "small").expect("set");
    assert!(visitor.answer(&session).await.result.is_ok());
    assert_eq!(visitor.text("blob").await.as_deref(), Some("small"));
}

/// `clear` removes the application's keys; when it was created, its deadlines and `permanent` stay.
pub async fn clear_keeps_the_life(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    visitor
        .request(|session| {
            session.set_permanent(true);
            Ok(())
        })
        .await;
    let before = visitor.open().await;
    fixture.time().pass(fixture.time().unit()).await;
    visitor
        .request(|session| {
            session.clear();
            session.set("cart", "book")
        })
        .await;
    let after = visitor.open().await;
    assert_eq!((after.keys(), after.permanent(), after.created()), (vec!["cart".to_owned()], true, before.created()));
}
