//! Logins, and what races them.

use std::sync::Arc;
use std::time::Duration;

use session_core::Error;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::{Browser, Server, is_none, is_set, log_in};

/// Each of the eight either succeeds, and what it set is there, or is refused and has left nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_under_way_during_a_login_are_stored_or_refused() {
    let mut refused = 0;
    for _ in 0..200 {
        let mut visitor = Server::default().visitor().await;
        let before = visitor.clone();
        let start = Arc::new(Barrier::new(9));
        let mut tasks = JoinSet::new();
        for n in 0..8 {
            tasks.spawn(set_one(before.clone(), Arc::clone(&start), n));
        }
        let login = visitor.arrive().await;
        log_in(&login, "ada");
        start.wait().await;
        let committed = visitor.finish(&login).await;
        committed.result.as_ref().unwrap();
        visitor.hear(&committed);
        let outcomes = tasks.join_all().await;

        let session = visitor.arrive().await;
        for (key, result) in outcomes {
            assert_eq!(session.contains(key.as_str()), result.is_ok(), "{key}: {result:?}");
            assert!(result.as_ref().err().is_none_or(|error| matches!(error, Error::Retired)), "{result:?}");
            refused += u32::from(result.is_err());
        }
        assert_eq!(session.require::<String>("username").unwrap(), "ada");
        assert!(!before.has_session().await, "the old id still opens something");
    }
    println!("{refused} of 1600 were refused");
}

async fn set_one(tab: Browser, start: Arc<Barrier>, n: u32) -> (String, session_core::Result<()>) {
    let session = tab.arrive().await;
    let key = format!("key{n}");
    start.wait().await;
    session.set(key.as_str(), n).unwrap();
    let committed = tab.finish(&session).await;
    assert!(is_none(&committed), "{committed:?}");
    (key, committed.result)
}

#[tokio::test]
async fn a_slow_request_with_the_old_id_reaches_nothing_of_the_new_session() {
    let mut visitor = Server::default().visitor().await;
    let attacker = visitor.clone();
    let slow = attacker.arrive().await;
    slow.set("username", "mallory").unwrap();
    visitor.log_in("ada").await.result.unwrap();
    let committed = attacker.finish(&slow).await;
    assert!(matches!(committed.result, Err(Error::Retired)) && is_none(&committed), "{committed:?}");
    assert_eq!(visitor.reads("username").await.as_deref(), Some("ada"));
    assert!(!attacker.has_session().await);
}

#[tokio::test]
async fn a_request_that_had_loaded_may_finish_reading() {
    let mut visitor = Server::default().visitor().await;
    let page = visitor.arrive().await;
    visitor.log_in("ada").await.result.unwrap();
    assert_eq!(page.get::<String>("cart").unwrap().as_deref(), Some("book"));
    assert_eq!(page.get::<String>("username").unwrap(), None, "nothing of the new session");
    let committed = visitor.finish(&page).await;
    assert!(committed.result.is_ok() && is_none(&committed), "{committed:?}");
}

/// A double click: both requests left with the same cookie, and one answer never arrives.
#[tokio::test]
async fn a_doubled_login_is_logged_in_whichever_answer_is_lost() {
    for lost in 0..2 {
        for both_loaded in [true, false] {
            let mut visitor = Server::default().visitor().await;
            let (first, early) = (visitor.arrive().await, visitor.arrive().await);
            log_in(&first, "ada");
            let one = visitor.finish(&first).await;
            let second = if both_loaded { early } else { visitor.arrive().await };
            log_in(&second, "ada");
            let two = visitor.finish(&second).await;
            assert!(one.result.is_ok() && is_set(&one) && two.result.is_ok() && is_set(&two), "{one:?} {two:?}");
            visitor.hear(if lost == 0 { &two } else { &one });
            assert_eq!(visitor.reads("username").await.as_deref(), Some("ada"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_beside_sixteen_writers_is_never_refused() {
    for _ in 0..50 {
        let visitor = Server::default().visitor().await;
        let start = Arc::new(Barrier::new(17));
        let mut tasks = JoinSet::new();
        for n in 0..16 {
            tasks.spawn(set_one(visitor.clone(), Arc::clone(&start), n));
        }
        let login = visitor.arrive().await;
        log_in(&login, "ada");
        start.wait().await;
        let committed = visitor.finish(&login).await;
        assert!(committed.result.is_ok() && is_set(&committed), "{committed:?}");
        tasks.join_all().await;
    }
}

#[tokio::test]
async fn a_retired_id_that_arrives_soon_after_changes_nothing() {
    let server = Server::default();
    let mut visitor = server.visitor().await;
    let mut late = visitor.clone();
    visitor.log_in("ada").await.result.unwrap();
    server.advance(Duration::from_millis(14_999));
    let session = late.arrive().await;
    assert!(session.is_new() && session.is_empty());
    let committed = late.request(|session| session.set("username", "mallory").unwrap()).await;
    assert!(matches!(committed.result, Err(Error::Retired)) && is_none(&committed), "{committed:?}");
    assert_eq!(visitor.reads("username").await.as_deref(), Some("ada"));
}

/// That browser never got the answer with the new id.
#[tokio::test]
async fn a_retired_id_that_arrives_later_is_an_unknown_one() {
    for seconds in [15, 119, 121] {
        let server = Server::default();
        let mut visitor = server.visitor().await;
        let mut late = visitor.clone();
        visitor.log_in("ada").await.result.unwrap();
        server.advance(Duration::from_secs(seconds));
        let committed = late.request(|session| session.set("theme", "dark").unwrap()).await;
        assert!(committed.result.is_ok() && is_set(&committed), "{committed:?}");
        assert_eq!(late.reads("theme").await.as_deref(), Some("dark"));
        assert_eq!(late.reads("username").await, None);
        assert_eq!(visitor.reads("theme").await, None, "it is a session of its own");
    }
}

#[tokio::test]
async fn a_login_with_a_retired_id_begins_anew_from_its_own_changes() {
    for seconds in [0, 20] {
        let server = Server::default();
        let mut visitor = server.visitor().await;
        let mut late = visitor.clone();
        visitor.log_in("ada").await.result.unwrap();
        server.advance(Duration::from_secs(seconds));
        let committed = late.log_in("grace").await;
        assert!(committed.result.is_ok() && is_set(&committed), "{committed:?}");
        assert_eq!(late.reads("username").await.as_deref(), Some("grace"));
        assert_eq!(late.reads("cart").await, None, "nothing is copied from where the id went");
        assert_eq!(visitor.reads("username").await.as_deref(), Some("ada"));
    }
}

#[tokio::test]
async fn a_renewal_that_lost_the_race_is_dropped() {
    let mut visitor = Server::default().visitor().await;
    let renewal = visitor.arrive().await;
    renewal.rotate_keeping_deadlines();
    visitor.log_in("ada").await.result.unwrap();
    let committed = visitor.finish(&renewal).await;
    assert!(committed.result.is_ok() && is_none(&committed), "{committed:?}");
    assert_eq!(visitor.reads("username").await.as_deref(), Some("ada"));
}
