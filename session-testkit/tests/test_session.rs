//! A preset session is what an application sees, and follows logins and logouts.

#![allow(clippy::unwrap_used)]

use session_core::{CookieAction, Error, MemoryStore, SessionConfig, Sessions};
use session_testkit::TestSession;

fn sessions() -> Sessions {
    Sessions::new(MemoryStore::default(), SessionConfig::default()).unwrap()
}

#[tokio::test]
async fn a_preset_session_is_what_a_request_finds() {
    let sessions = sessions();
    let ada = TestSession::with(&sessions, |session| session.set("username", "ada")).await.unwrap();
    let (name, token) = ada.header().split_once('=').map(|(name, token)| (name.to_owned(), token.to_owned())).unwrap();
    assert_eq!(name, "__Host-id");
    let session = sessions.open([token.as_str()]).await.unwrap();
    assert!(!session.is_new());
    assert_eq!(session.require::<String>("username").unwrap(), "ada");
    assert_eq!(ada.get::<String>("username").await.unwrap().as_deref(), Some("ada"));
    assert_eq!(ada.get::<String>("nothing").await.unwrap(), None);
}

#[tokio::test]
async fn it_follows_a_login_and_a_logout() {
    let sessions = sessions();
    let mut ada = TestSession::with(&sessions, |session| session.set("username", "ada")).await.unwrap();
    let session = ada.session().await.unwrap();
    session.rotate();
    let CookieAction::Set { token, .. } = sessions.commit(&session).await.cookie else {
        panic!("a login has a cookie")
    };
    assert_eq!(ada.get::<String>("username").await.unwrap(), None, "the old id is dead");

    ada.receive("other=1; Path=/");
    ada.receive(&format!("__Host-id={}; Path=/; Secure; HttpOnly", token.expose()));
    assert_eq!(ada.get::<String>("username").await.unwrap().as_deref(), Some("ada"));

    ada.receive("__Host-id=; Path=/; Max-Age=0; Secure");
    assert_eq!(ada.header(), "");
    assert!(ada.session().await.unwrap().is_new());
}

#[tokio::test]
async fn an_empty_one_is_refused_and_none_prints_its_token() {
    let sessions = sessions();
    let refused = TestSession::with(&sessions, |_| Ok(())).await.unwrap_err();
    assert!(matches!(refused, Error::Config { .. }), "{refused:?}");
    let ada = TestSession::with(&sessions, |session| session.set("username", "ada")).await.unwrap();
    let token = ada.header().split_once('=').map(|(_, token)| token.to_owned()).unwrap();
    assert!(!format!("{ada:?}").contains(&token));
}
