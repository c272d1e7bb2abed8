//! Records that cannot be read.

use session_core::{
    Backend, CorruptPolicy, Entry, Error, RecordKey, SessionConfig, SessionStore, StoreConfig, Stored, Token,
};

use crate::suite::fixture::{Fixture, server_side};
use crate::suite::visitor::{Visitor, new_cookie};

/// A token under which the server holds something that is no record.
async fn unreadable<B: Backend>(fixture: &Fixture<B>) -> (Token, RecordKey, Stored) {
    let token = Token::random().expect("random bytes");
    let key = RecordKey::hashed(&StoreConfig::default().prefix, &token);
    let stored = fixture.stored(&b"\x93written by a newer version"[..]);
    assert!(fixture.insert(&key, &stored).await);
    (token, key, stored)
}

/// An unreadable record is an error, and stays as it is: a bad deployment can be rolled back.
pub async fn corrupt_is_an_error_and_left_alone<B: Backend>(fixture: &Fixture<B>) {
    let (token, key, stored) = unreadable(fixture).await;
    let store = server_side(&fixture.backend, StoreConfig::default());
    let error = store.load(&token).await.expect_err("it can't be read");
    assert!(matches!(error, Error::Corrupt { .. }), "expected Corrupt, got {error:?}");

    let sessions = fixture.sessions_on(&fixture.backend, SessionConfig::default());
    let error = sessions.open([token.expose()]).await.expect_err("it can't be read");
    assert!(matches!(error, Error::Corrupt { .. }), "expected Corrupt, got {error:?}");
    assert_eq!(sessions.counts().corrupt, 1, "an operator sees it");
    fixture.assert_holds(&key, &stored).await;
}

/// With `CorruptPolicy::StartAnew` the visitor gets a new session under a new id; the unreadable record stays.
pub async fn corrupt_can_start_anew<B: Backend>(fixture: &Fixture<B>) {
    let (token, key, stored) = unreadable(fixture).await;
    let config = SessionConfig::default().corrupt(CorruptPolicy::StartAnew);
    let mut visitor = Visitor::new(fixture.sessions_on(&fixture.backend, config));
    visitor.cookie = Some(token.expose().to_owned());
    let committed = visitor.request(|session| session.set("n", 1_u64)).await;
    assert_ne!(new_cookie(&committed), token.expose(), "a new id");
    assert_eq!(visitor.number("n").await, Some(1));
    fixture.assert_holds(&key, &stored).await;
}

/// An empty payload is no record either: an error, never an empty session.
pub async fn corrupt_is_also_an_empty_payload<B: Backend>(fixture: &Fixture<B>) {
    let (token, key, stored) = unreadable(fixture).await;
    let empty = fixture.stored("");
    fixture.swap(&key, &stored.version, &Entry::Live(empty.clone())).await;
    let sessions = fixture.sessions_on(&fixture.backend, SessionConfig::default());
    let error = sessions.open([token.expose()]).await.expect_err("it can't be read");
    assert!(matches!(error, Error::Corrupt { .. }), "expected Corrupt, got {error:?}");
    fixture.assert_holds(&key, &empty).await;
}
