//! Requests that meet, through real HTTP: what was acknowledged is there, what ended stays ended.

mod support;

use futures_util::future::join_all;
use http::{Method, StatusCode};
use support::{Answer, Browser, Server};

const DEMO: &[&str] = &["--demo-routes"];

async fn visitor(server: &Server) -> Browser {
    let mut browser = Browser::new(&server.url);
    browser.get("/visits").await;
    assert!(browser.id().is_some());
    browser
}

async fn put(browser: &Browser, key: &str, value: &str, ms: u64) -> Answer {
    browser.send(Method::GET, &format!("/put?key={key}&value={value}&ms={ms}"), &[]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s44_sixty_four_times_fifty_updates_count_exactly() {
    let server = Server::start(DEMO);
    let mut browser = visitor(&server).await;
    let clients = (0..64).map(|_| {
        let browser = browser.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                assert_eq!(browser.send(Method::GET, "/visits", &[]).await.status, StatusCode::OK);
            }
        })
    });
    for client in join_all(clients).await {
        client.unwrap();
    }
    assert_eq!(browser.get("/visits").await.element("visits"), Some("3202"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_parallel_keys_survive() {
    let server = Server::start(DEMO);
    let mut browser = visitor(&server).await;
    for round in 0..20 {
        let names: Vec<_> = (0..6).map(|n| format!("key{round}x{n}")).collect();
        let answers = join_all(names.iter().map(|name| put(&browser, name, "there", 5))).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK && answer.set_cookies().is_empty()));
        let page = browser.get("/keys").await.text;
        assert!(names.iter().all(|name| page.contains(&format!("{name}=there"))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_stands_whatever_is_under_way() {
    let server = Server::start(DEMO);
    for round in 0..200_u64 {
        let mut browser = visitor(&server).await;
        let before = browser.clone();
        let others = (0..8_u64).map(|n| {
            let (browser, name) = (before.clone(), format!("k{n}"));
            async move { (name.clone(), put(&browser, &name, "there", (round + n) % 7).await) }
        });
        let login = async { browser.log_in("ada").await };
        let (others, logged_in) = tokio::join!(join_all(others), login);
        assert!(logged_in);
        // The other answers arrive last: they must not take the login away.
        others.iter().for_each(|(_, answer)| browser.hear(answer));
        let page = browser.get("/keys").await.text;
        assert!(page.contains("username=ada"), "round {round}");
        for (name, answer) in &others {
            let there = page.contains(&format!("{name}=there"));
            match answer.status {
                StatusCode::OK => assert!(there, "round {round}: {name} was acknowledged"),
                StatusCode::CONFLICT => assert!(!there, "round {round}: {name} was refused"),
                other => panic!("round {round}: {other}"),
            }
            assert!(answer.set_cookies().is_empty());
        }
        assert_eq!(before.clone().username().await, None, "the old id reads nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s05_an_attackers_slow_request_plants_nothing() {
    let server = Server::start(DEMO);
    for ms in [0, 5, 20, 60] {
        let mut victim = visitor(&server).await;
        let attacker = victim.clone();
        let slow = tokio::spawn(async move { put(&attacker, "username", "mallory", ms).await });
        assert!(victim.log_in("ada").await);
        let answer = slow.await.unwrap();
        assert!(answer.set_cookies().is_empty());
        assert_eq!(victim.username().await.as_deref(), Some("ada"), "{ms} ms");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s06_a_doubled_login_ends_logged_in_whichever_answer_is_lost() {
    let server = Server::start(DEMO);
    for heard in [0, 1] {
        for _ in 0..20 {
            let mut browser = visitor(&server).await;
            let page = browser.clone();
            let (one, two) = (&mut page.clone(), &mut page.clone());
            // Both from one open form: the same nonce, as a double click sends it.
            browser.get("/login").await;
            one.jar.clone_from(&browser.jar);
            two.jar.clone_from(&browser.jar);
            let fields = [("username", "ada")];
            let (first, second) =
                tokio::join!(one.submit("/login", "/login", &fields), two.submit("/login", "/login", &fields));
            let answers = [first, second];
            assert!(answers.iter().all(|answer| answer.status == StatusCode::SEE_OTHER));
            browser.hear(&answers[heard]);
            assert_eq!(browser.username().await.as_deref(), Some("ada"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_a_slow_request_does_not_bring_a_session_back() {
    let server = Server::start(DEMO);
    let mut browser = visitor(&server).await;
    assert!(browser.log_in("ada").await);
    let under_way = browser.clone();
    let slow = (0..16_u64).map(|n| {
        let browser = under_way.clone();
        tokio::spawn(async move { put(&browser, &format!("k{n}"), "there", 100).await })
    });
    let slow: Vec<_> = slow.collect();
    // All of them have taken the session when the first visit after them is answered.
    browser.get("/visits").await;
    browser.log_out().await;
    for answer in join_all(slow).await {
        let answer = answer.unwrap();
        assert!(answer.set_cookies().is_empty());
        assert!(matches!(answer.status, StatusCode::CONFLICT | StatusCode::OK), "{}", answer.status);
        browser.hear(&answer);
    }
    assert_eq!(browser.username().await, None);
    assert_eq!(under_way.clone().username().await, None, "the old id opens nothing");
}
