//! Requests that overtake a logout.

use http::Method;

use crate::app::{app, assert_refused, during};
use crate::support::Visitor;

#[tokio::test]
async fn s43_a_slow_save_after_the_logout_brings_nothing_back() {
    let app = app();
    for _ in 0..1_000 {
        let mut ada = Visitor::of(&app.router);
        ada.post("/login/ada").await;
        let before = ada.clone();
        let slow = before.send(Method::POST, "/slow/put/late/x");
        let (answer, _) = during(&app.hold, slow, ada.post("/logout")).await;
        assert_refused(&answer);
        assert_eq!(before.send(Method::GET, "/keys").await.text, "");
        assert!(app.store.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s43_sixteen_writers_race_one_logout() {
    for round in 0..50 {
        let app = app();
        let mut ada = Visitor::of(&app.router);
        ada.post("/login/ada").await;
        let before = ada.clone();
        let tasks: Vec<_> = (0..16)
            .map(|n| {
                let (ada, path) = (ada.clone(), format!("/put/k{n}/{}", (n * round) % 11));
                tokio::spawn(async move { ada.send(Method::POST, &path).await })
            })
            .collect();
        assert_eq!(ada.post("/logout").await.status, 200);
        for task in tasks {
            // One that arrived after the logout is a stranger's, with an id that nobody knows.
            let answer = task.await.unwrap();
            match answer.id() {
                Some(id) => assert!(answer.status == 200 && Some(id) != before.id().as_deref()),
                None => assert!(matches!(answer.status.as_u16(), 200 | 409), "{answer:?}"),
            }
        }
        assert_eq!(before.send(Method::GET, "/keys").await.text, "", "round {round}: nothing came back");
    }
}
