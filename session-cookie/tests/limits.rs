//! What a client-side session cannot do, shown; and what it can in spite of it.
#![allow(clippy::unwrap_used)] // Tests.

use std::time::Duration;

use session_cookie::{CookieStore, CookieStoreConfig, Sealing};
use session_core::{Committed, CookieAction, SecretKeys, SessionConfig, Sessions};
use session_testkit::MovableClock;

fn sessions(sealing: Sealing) -> (Sessions, MovableClock) {
    let keys = SecretKeys::new("the key of these tests, 32 bytes or more").unwrap();
    let store = CookieStore::new(&keys, CookieStoreConfig::default().sealing(sealing)).unwrap();
    let clock = MovableClock::default();
    (Sessions::with_clock(store, SessionConfig::default(), clock.shared()).unwrap(), clock)
}

const SEALINGS: [Sealing; 2] = [Sealing::Encrypted, Sealing::Signed];

fn cookie(committed: Committed) -> String {
    committed.result.unwrap();
    match committed.cookie {
        CookieAction::Set { token, .. } => token.expose().to_owned(),
        other => panic!("expected a cookie, got {other:?}"),
    }
}

async fn begin(sessions: &Sessions) -> String {
    let session = sessions.fresh();
    session.set("user", "ada").unwrap();
    cookie(sessions.commit(&session).await)
}

#[tokio::test]
async fn of_two_requests_that_race_the_last_answer_wins() {
    for sealing in SEALINGS {
        let (sessions, _) = sessions(sealing);
        let both_have = begin(&sessions).await;
        let first = sessions.open([both_have.as_str()]).await.unwrap();
        let second = sessions.open([both_have.as_str()]).await.unwrap();
        first.set("first", 1).unwrap();
        second.set("second", 2).unwrap();
        cookie(sessions.commit(&first).await);
        let last = cookie(sessions.commit(&second).await);
        let found = sessions.open([last.as_str()]).await.unwrap();
        assert_eq!(found.get::<u8>("second").unwrap(), Some(2));
        assert_eq!(found.get::<u8>("first").unwrap(), None, "the other change is lost: see the README");
    }
    let can = sessions(Sealing::Encrypted).0.capabilities();
    assert!(!can.mergeable && !can.revocable && can.token_per_write && can.max_payload < 3072);
}

#[tokio::test]
async fn s26_a_logout_removes_the_cookie_and_a_copy_lives_on_as_the_docs_say() {
    for sealing in SEALINGS {
        let (sessions, _) = sessions(sealing);
        let copy = begin(&sessions).await;
        let session = sessions.open([copy.as_str()]).await.unwrap();
        session.destroy();
        assert!(matches!(sessions.commit(&session).await.cookie, CookieAction::Remove));
        assert!(!sessions.open([copy.as_str()]).await.unwrap().is_new());
    }
    let first_screen: String = include_str!("../README.md").lines().take(8).collect();
    assert!(first_screen.contains("A logout only removes the cookie from that browser."));
    assert!(first_screen.contains("until its deadline"));
}

#[tokio::test]
async fn an_emptied_session_removes_the_cookie() {
    for sealing in SEALINGS {
        let (sessions, _) = sessions(sealing);
        let full = begin(&sessions).await;
        let session = sessions.open([full.as_str()]).await.unwrap();
        session.clear();
        let committed = sessions.commit(&session).await;
        assert!(matches!(committed.cookie, CookieAction::Remove), "{:?}", committed.cookie);
    }
}

#[tokio::test]
async fn a_session_that_is_read_gets_a_new_cookie_when_a_touch_is_due() {
    for sealing in SEALINGS {
        let (sessions, clock) = sessions(sealing);
        let first = begin(&sessions).await;
        let read = sessions.open([first.as_str()]).await.unwrap();
        assert!(matches!(sessions.commit(&read).await.cookie, CookieAction::None), "not yet");
        clock.advance(Duration::from_secs(10 * 24 * 3600));
        let read = sessions.open([first.as_str()]).await.unwrap();
        let touched = cookie(sessions.commit(&read).await);
        clock.advance(Duration::from_secs(10 * 24 * 3600));
        assert!(sessions.open([first.as_str()]).await.unwrap().is_new(), "unused for 20 days of 14");
        assert!(!sessions.open([touched.as_str()]).await.unwrap().is_new(), "used after 10");
    }
}

#[tokio::test]
async fn what_is_bound_to_the_id_survives_writes_and_touches_and_ends_with_a_rotation() {
    for sealing in SEALINGS {
        let (sessions, clock) = sessions(sealing);
        let first = begin(&sessions).await;
        let session = sessions.open([first.as_str()]).await.unwrap();
        let bound = *session.binding().unwrap().expose();
        session.set("n", 1).unwrap();
        assert_eq!(session.binding().unwrap().expose(), &bound, "a change under way");
        let written = cookie(sessions.commit(&session).await);
        clock.advance(Duration::from_secs(10 * 24 * 3600));
        let session = sessions.open([written.as_str()]).await.unwrap();
        let touched = cookie(sessions.commit(&session).await);
        let session = sessions.open([touched.as_str()]).await.unwrap();
        assert_eq!(session.binding().unwrap().expose(), &bound, "after a write and a touch");
        session.rotate();
        let rotated = cookie(sessions.commit(&session).await);
        let session = sessions.open([rotated.as_str()]).await.unwrap();
        assert_ne!(session.binding().unwrap().expose(), &bound, "another id");
        let other = sessions.open([begin(&sessions).await.as_str()]).await.unwrap();
        assert_ne!(other.binding().unwrap().expose(), session.binding().unwrap().expose(), "each session its own");
    }
}

#[tokio::test]
async fn a_session_of_two_cookies_that_are_garbage_and_good_is_found() {
    for sealing in SEALINGS {
        let (sessions, _) = sessions(sealing);
        let good = begin(&sessions).await;
        let garbage = "A".repeat(good.len());
        let session = sessions.open([garbage.as_str(), "", good.as_str()]).await.unwrap();
        assert_eq!(session.get::<String>("user").unwrap().as_deref(), Some("ada"));
    }
}
