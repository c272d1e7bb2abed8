//! Requests that change one session at once, and visitors who have nothing to do with each other.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use futures_util::future::join_all;
use http::Method;
use session_tower::session_core::{SessionConfig, Sessions};
use session_tower::{SessionHandle, SessionLayer};

use crate::app::{Outcome, app, login};
use crate::support::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s44_sixty_four_times_fifty_updates_are_3200() {
    let app = app();
    let mut ada = Visitor::of(&app.router);
    ada.post("/login/ada").await;
    let tasks = (0..64).map(|_| {
        let ada = ada.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                let answer = ada.send(Method::POST, "/count").await;
                assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0));
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    assert_eq!(ada.post("/count").await.text, "3201");
}

#[tokio::test]
async fn s44_six_parallel_requests_that_set_their_own_key_all_survive() {
    let app = app();
    let mut ada = Visitor::of(&app.router);
    ada.post("/login/ada").await;
    let paths: Vec<_> = (0..6).map(|n| format!("/slow/put/k{n}/v")).collect();
    let slow = join_all(paths.iter().map(|path| ada.send(Method::POST, path)));
    let (answers, ()) = tokio::join!(slow, async {
        app.hold.full(6).await;
        app.hold.release(6);
    });
    assert!(answers.iter().all(|answer| answer.status == 200));
    let keys = ada.get("/keys").await.text;
    assert_eq!(
        keys.split(' ').collect::<BTreeSet<_>>(),
        BTreeSet::from(["username", "k0", "k1", "k2", "k3", "k4", "k5"])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s45_thirty_two_visitors_never_see_each_other() {
    let app = app();
    let tasks = (0..32).map(|n| {
        let mut visitor = Visitor::of(&app.router);
        tokio::spawn(async move {
            let own = format!("visitor{n}");
            for _ in 0..20 {
                visitor.post(&format!("/login/{own}")).await;
                assert_eq!(visitor.get("/name").await.text, own);
                visitor.post("/count").await;
            }
            assert_eq!(visitor.post("/count").await.text, "21");
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    assert_eq!(app.store.len(), 32);
}

#[tokio::test]
async fn s45_a_handle_kept_past_its_request_writes_into_no_other() {
    let kept = Arc::new(std::sync::Mutex::new(None));
    let keep = Arc::clone(&kept);
    let handler = |handle: SessionHandle| async move {
        let session = handle.load().await?;
        let name = session.get::<String>("username")?.unwrap_or_default();
        keep.lock().unwrap().get_or_insert(session);
        Outcome::Ok(name)
    };
    let app = app();
    let sessions = Sessions::new(app.store.clone(), SessionConfig::default()).unwrap();
    let routes = Router::new().route("/keep", get(handler)).route("/login/{name}", post(login));
    let router = routes.layer(SessionLayer::new(sessions));
    let (mut ada, mut bob) = (Visitor::of(&router), Visitor::of(&router));
    ada.post("/login/ada").await;
    bob.post("/login/bob").await;
    assert_eq!(ada.get("/keep").await.text, "ada");
    let session = kept.lock().unwrap().clone().unwrap();
    session.set("username", "mallory").unwrap();
    assert_eq!(bob.get("/keep").await.text, "bob");
    session.save().await.unwrap();
    assert_eq!((bob.get("/keep").await.text.as_str(), ada.get("/keep").await.text.as_str()), ("bob", "mallory"));
}
