//! Requests that overtake a login, or a rotation of the id.

use futures_util::future::join_all;
use http::Method;

use crate::app::{app, assert_refused, during};
use crate::support::{NAME, Visitor, get_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s43_eight_under_way_during_a_login_are_kept_or_refused() {
    let (mut kept, mut refused) = (0, 0);
    for round in 0..200_u32 {
        let app = app();
        let mut ada = Visitor::of(&app.router);
        ada.post("/put/seed/0").await;
        let before = ada.id().unwrap();
        let tasks: Vec<_> = (0..8_u32)
            .map(|n| {
                let (ada, path) = (ada.clone(), format!("/put/k{n}/{}", (n * round) % 13));
                tokio::spawn(async move { ada.send(Method::POST, &path).await })
            })
            .collect();
        for _ in 0..round % 7 {
            tokio::task::yield_now().await;
        }
        assert_eq!(ada.post("/login/ada").await.status, 200);
        let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(ada.get("/name").await.text, "ada", "logged in afterwards");
        let keys = ada.get("/keys").await.text;
        for (n, answer) in answers.iter().enumerate() {
            let there = keys.split(' ').any(|key| key == format!("k{n}"));
            assert_eq!(there, answer.status == 200, "round {round}: {answer:?}, {keys}");
            match there {
                true => assert_eq!(answer.set_cookies(), [""; 0]),
                false => assert_refused(answer),
            }
            kept += u32::from(there);
            refused += u32::from(!there);
        }
        assert_eq!(
            get_with(&app.router, "/keys", &[format!("{NAME}={before}")]).await.text,
            "",
            "the old id reads nothing"
        );
    }
    assert!(kept > 0 && refused > 0, "the rounds raced: {kept} kept, {refused} refused");
}

#[tokio::test]
async fn s05_an_attackers_slow_request_does_not_name_the_victim() {
    let app = app();
    let mut attacker = Visitor::of(&app.router);
    attacker.post("/put/planted/0").await;
    // The victim's browser has the attacker's id: a fixated session.
    let mut victim = attacker.clone();
    let slow = attacker.send(Method::POST, "/slow/put/username/mallory");
    let (answer, login) = during(&app.hold, slow, victim.post("/login/vera")).await;
    assert_eq!(login.status, 200);
    assert_refused(&answer);
    assert_eq!(victim.get("/name").await.text, "vera");
    assert_eq!(attacker.get("/keys").await.text, "", "the fixated id shows nothing");
    assert_refused(&attacker.send(Method::POST, "/put/late/0").await);
    assert_eq!(victim.get("/keys").await.text, "planted username");
}

#[tokio::test]
async fn s05_sixteen_requests_race_on_the_old_id_and_see_nothing_of_the_new() {
    let app = app();
    let mut ada = Visitor::of(&app.router);
    ada.post("/put/seed/0").await;
    let old = ada.clone();
    let slow = join_all((0..16).map(|_| old.send(Method::GET, "/slow/read")));
    let (answers, ()) = tokio::join!(slow, async {
        app.hold.full(16).await;
        ada.post("/login/ada").await;
        app.hold.release(16);
    });
    assert!(
        answers.iter().all(|answer| answer.text == "seed" && answer.set_cookies().is_empty()),
        "finished as they began"
    );
    assert_eq!(old.send(Method::GET, "/keys").await.text, "");
}

#[tokio::test]
async fn s06_a_doubled_login_is_a_login_whichever_answer_is_lost() {
    for lost in ["first", "second", "none"] {
        let app = app();
        let mut ada = Visitor::of(&app.router);
        ada.post("/put/seed/0").await;
        let before = ada.clone();
        let slow = before.send(Method::POST, "/slow/login/ada");
        let (second, first) = during(&app.hold, slow, before.send(Method::POST, "/login/ada")).await;
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
        assert_ne!(first.id(), second.id());
        for (answer, kept) in [(&first, lost != "first"), (&second, lost != "second")] {
            if kept {
                ada.keep(answer);
            }
        }
        assert_eq!(ada.get("/name").await.text, "ada", "lost: {lost}");
        assert_eq!(ada.get("/keys").await.text, "seed username");
    }
}

#[tokio::test]
async fn s06_a_doubled_login_without_a_session_is_a_login_too() {
    let app = app();
    let mut ada = Visitor::of(&app.router);
    let (first, second) = tokio::join!(ada.send(Method::POST, "/login/ada"), ada.send(Method::POST, "/login/ada"));
    for answer in [&first, &second] {
        ada.keep(answer);
        assert_eq!(ada.get("/name").await.text, "ada");
    }
}

#[tokio::test]
async fn s72_a_slow_answer_under_the_old_id_takes_nothing_away() {
    let app = app();
    for path in ["/slow/put/late/x", "/slow/read"] {
        let mut ada = Visitor::of(&app.router);
        ada.post("/put/seed/0").await;
        let before = ada.clone();
        let method = if path == "/slow/read" { Method::GET } else { Method::POST };
        let (answer, _) = during(&app.hold, before.send(method, path), ada.post("/login/ada")).await;
        assert_eq!(answer.set_cookies(), [""; 0], "{path}");
        ada.keep(&answer);
        assert_eq!(ada.get("/name").await.text, "ada", "a login never logs out");
    }
}

#[tokio::test]
async fn s42_a_logout_under_the_old_id_ends_the_successor_too() {
    let app = app();
    let mut ada = Visitor::of(&app.router);
    ada.post("/put/seed/0").await;
    let before = ada.clone();
    let (answer, _) = during(&app.hold, before.send(Method::POST, "/slow/logout"), ada.post("/login/ada")).await;
    assert_eq!((answer.status.as_u16(), answer.id()), (200, Some("")));
    assert_eq!(ada.get("/name").await.text, "");
    let again = ada.post("/logout").await;
    assert_eq!(
        (again.status.as_u16(), again.set_cookies().len()),
        (200, 0),
        "a second one creates and removes nothing"
    );
}
