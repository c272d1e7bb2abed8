//! Logouts, and what races them.

use std::sync::Arc;

use session_core::{CookieAction, Error};
use tokio::sync::Barrier;

use crate::support::{Server, is_none, is_set, log_in};

#[tokio::test]
async fn a_slow_save_after_a_logout_brings_nothing_back() {
    let mut visitor = Server::default().visitor().await;
    visitor.log_in("ada").await.result.unwrap();
    let tab = visitor.clone();
    let slow = tab.arrive().await;
    slow.set("draft", "…").unwrap();
    visitor.log_out().await.result.unwrap();
    assert!(matches!(slow.save().await, Err(Error::Gone)));
    assert!(!tab.has_session().await);

    slow.set("draft", "again").unwrap();
    let committed = tab.finish(&slow).await;
    assert!(matches!(committed.result, Err(Error::Gone)) && is_none(&committed), "{committed:?}");
    assert!(committed.already_reported && !tab.has_session().await);
}

#[tokio::test]
async fn a_logout_follows_the_id_through_four_rotations() {
    for rotations in 1..=4 {
        let mut visitor = Server::default().visitor().await;
        let mut tab = visitor.clone();
        for _ in 0..rotations {
            visitor.log_in("ada").await.result.unwrap();
        }
        let committed = tab.log_out().await;
        assert!(committed.result.is_ok() && matches!(committed.cookie, CookieAction::Remove), "{committed:?}");
        assert!(!visitor.has_session().await, "{rotations} rotations");
    }
}

/// It had loaded before the login, and commits after it.
#[tokio::test]
async fn a_slow_logout_ends_what_became_of_the_session() {
    let mut visitor = Server::default().visitor().await;
    let slow = visitor.arrive().await;
    slow.destroy();
    visitor.log_in("ada").await.result.unwrap();
    visitor.finish(&slow).await.result.unwrap();
    assert!(!visitor.has_session().await);
}

#[tokio::test]
async fn a_login_that_meets_a_logout_begins_anew() {
    let mut visitor = Server::default().visitor().await;
    visitor.request(|session| session.set("secret", "old").unwrap()).await.result.unwrap();
    let login = visitor.arrive().await;
    log_in(&login, "ada");
    visitor.clone().log_out().await.result.unwrap();
    let committed = visitor.finish(&login).await;
    assert!(committed.result.is_ok() && is_set(&committed), "{committed:?}");
    visitor.hear(&committed);
    assert_eq!(visitor.reads("username").await.as_deref(), Some("ada"));
    assert_eq!(visitor.reads("secret").await, None, "the session that ended stays ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_race_of_login_and_logout_nothing_of_the_old_session_lives() {
    for _ in 0..200 {
        let mut visitor = Server::default().visitor().await;
        visitor.request(|session| session.set("secret", "old").unwrap()).await.result.unwrap();
        let mut old = visitor.clone();
        let start = Arc::new(Barrier::new(2));
        let begun = Arc::clone(&start);
        let logout = tokio::spawn(async move {
            begun.wait().await;
            old.log_out().await.result.unwrap();
            old
        });
        start.wait().await;
        let committed = visitor.log_in("ada").await;
        assert!(committed.result.is_ok() && is_set(&committed), "{committed:?}");
        let old = logout.await.unwrap();
        assert!(!old.has_session().await);
        // Ended together with the session that it came from, or begun anew after it; never with what was in it.
        assert_eq!(visitor.reads("secret").await, None);
    }
}

#[tokio::test]
async fn a_logout_that_finds_nothing_to_end_leaves_the_cookie() {
    let mut visitor = Server::default().visitor().await;
    let mut tab = visitor.clone();
    visitor.log_out().await.result.unwrap();
    let committed = tab.log_out().await;
    assert!(committed.result.is_ok() && is_none(&committed), "{committed:?}");
}

#[tokio::test]
async fn what_is_set_after_a_logout_is_a_session_of_its_own() {
    let mut visitor = Server::default().visitor().await;
    let mut tab = visitor.clone();
    let left = |session: &session_core::Session| {
        session.destroy();
        session.flash("good-bye").unwrap();
    };
    let committed = visitor.request(left).await;
    assert!(committed.result.is_ok() && is_set(&committed), "{committed:?}");
    let session = visitor.arrive().await;
    assert_eq!(session.take_flashes().unwrap().len(), 1);
    assert!(!session.contains("cart") && !tab.has_session().await);
    assert!(is_none(&tab.log_out().await));
    assert!(visitor.has_session().await, "the old id does not lead to it");
}
