//! Requests that meet, through real HTTP: what was acknowledged is there, what ended stays ended. On one process with its memory,
//! and on two processes that share an SQLite file, a PostgreSQL, a MariaDB, a Redis, a Memcached or a MongoDB.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use futures_util::future::join_all;
use http::{Method, StatusCode};
use support::{Answer, Browser, Site};

/// Each race as a test on one kind of site.
macro_rules! races {
    ($($name:ident;)*) => {
        races!(@memory $($name)*);
        races!(@sqlite $($name)*);
        races!(@postgres $($name)*);
        races!(@mariadb $($name)*);
        races!(@redis $($name)*);
        races!(@memcached $($name)*);
        races!(@mongodb $($name)*);
    };
    (@$site:ident $($name:ident)*) => {
        mod $site {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&super::Site::$site()).await;
            })*
        }
    };
}

races! {
    s44_sixty_four_times_fifty_updates_count_exactly;
    s44_six_parallel_keys_survive;
    s05_a_login_stands_whatever_is_under_way;
    s05_an_attackers_slow_request_plants_nothing;
    s06_a_doubled_login_ends_logged_in_whichever_answer_is_lost;
    s43_a_slow_request_does_not_bring_a_session_back;
    s42_a_logout_under_the_old_id_ends_the_new_one;
    s45_parallel_visitors_never_see_each_other;
}

async fn put(browser: &Browser, key: &str, value: &str, ms: u64) -> Answer {
    browser.send(Method::GET, &format!("/put?key={key}&value={value}&ms={ms}"), &[]).await
}

async fn s44_sixty_four_times_fifty_updates_count_exactly(site: &Site) {
    let mut browser = site.visitor().await;
    let clients = (0..64).map(|n| {
        let browser = site.at(&browser, n);
        tokio::spawn(async move {
            for _ in 0..50 {
                assert_eq!(browser.send(Method::GET, "/visits", &[]).await.status, StatusCode::OK);
            }
        })
    });
    for client in join_all(clients).await {
        client.unwrap();
    }
    // The visitor's first visit, 3,200 updates, and this one.
    assert_eq!(browser.get("/visits").await.element("visits"), Some("3202"));
}

async fn s44_six_parallel_keys_survive(site: &Site) {
    let mut browser = site.visitor().await;
    for round in 0..20 {
        let names: Vec<_> = (0..6).map(|n| format!("key{round}x{n}")).collect();
        let puts = names.iter().enumerate().map(|(n, name)| {
            let browser = site.at(&browser, n);
            async move { put(&browser, name, "there", 5).await }
        });
        let answers = join_all(puts).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK && answer.set_cookies().is_empty()));
        let page = browser.get("/keys").await.text;
        assert!(names.iter().all(|name| page.contains(&format!("{name}=there"))));
    }
}

async fn s05_a_login_stands_whatever_is_under_way(site: &Site) {
    for round in 0..200_usize {
        let mut browser = site.visitor().await;
        let before = browser.clone();
        let others = (0..8).map(|n| {
            let (browser, name) = (site.at(&before, n), format!("k{n}"));
            async move { (name.clone(), put(&browser, &name, "there", ((round + n) % 7) as u64).await) }
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

async fn s05_an_attackers_slow_request_plants_nothing(site: &Site) {
    for ms in [0, 5, 20, 60] {
        let mut victim = site.visitor().await;
        let attacker = site.at(&victim, 1);
        let slow = tokio::spawn(async move { put(&attacker, "username", "mallory", ms).await });
        assert!(victim.log_in("ada").await);
        let answer = slow.await.unwrap();
        assert!(answer.set_cookies().is_empty());
        assert_eq!(victim.username().await.as_deref(), Some("ada"), "{ms} ms");
    }
}

async fn s06_a_doubled_login_ends_logged_in_whichever_answer_is_lost(site: &Site) {
    for heard in [0, 1].repeat(20) {
        let mut browser = site.visitor().await;
        // Both from one open form: the same nonce, as a double click sends it.
        browser.get("/login").await;
        let (mut one, mut two) = (site.at(&browser, 0), site.at(&browser, 1));
        let fields = [("username", "ada")];
        let (first, second) =
            tokio::join!(one.submit("/login", "/login", &fields), two.submit("/login", "/login", &fields));
        let answers = [first, second];
        assert!(answers.iter().all(|answer| answer.status == StatusCode::SEE_OTHER));
        browser.hear(&answers[heard]);
        assert_eq!(browser.username().await.as_deref(), Some("ada"));
    }
}

async fn s43_a_slow_request_does_not_bring_a_session_back(site: &Site) {
    let mut browser = site.visitor().await;
    assert!(browser.log_in("ada").await);
    let under_way = browser.clone();
    let slow: Vec<_> = (0..16)
        .map(|n| {
            let browser = site.at(&under_way, n);
            tokio::spawn(async move { put(&browser, &format!("k{n}"), "there", 100).await })
        })
        .collect();
    browser.get("/visits").await;
    browser.log_out().await;
    for answer in join_all(slow).await {
        let answer = answer.unwrap();
        assert!(matches!(answer.status, StatusCode::CONFLICT | StatusCode::OK), "{}", answer.status);
        // One that came before the logout was stored or refused. One that came after it began a session of its own.
        let mut new = under_way.clone();
        new.hear(&answer);
        assert_eq!(new.username().await, None, "nothing comes back");
        assert!(answer.status == StatusCode::OK || answer.set_cookies().is_empty());
    }
    assert_eq!(browser.username().await, None);
}

async fn s42_a_logout_under_the_old_id_ends_the_new_one(site: &Site) {
    let mut browser = site.visitor().await;
    assert!(browser.log_in("ada").await);
    // The form is open in one tab, while another one logs in again and its answer is heard late.
    let mut old_tab = site.at(&browser, 1);
    let form = old_tab.get("/login").await;
    let mut new_tab = browser.clone();
    let relogin = new_tab.submit("/login", "/login", &[("username", "ada")]).await;
    let logout = old_tab.send_form(&form, "/logout", &[]).await;
    assert_eq!(logout.status, StatusCode::SEE_OTHER);
    new_tab.hear(&relogin);
    assert_eq!(new_tab.username().await, None, "the logout ended what the id became");
}

async fn s45_parallel_visitors_never_see_each_other(site: &Site) {
    let visitors = (0..32_usize).map(|n| async move {
        let mut browser = site.at(&site.visitor().await, n);
        let name = format!("visitor{n}");
        assert!(browser.log_in(&name).await);
        for round in 0..5 {
            put(&browser, &format!("own{n}x{round}"), "there", 1).await;
            assert_eq!(browser.username().await.as_deref(), Some(name.as_str()));
            let page = browser.get("/keys").await.text;
            assert_eq!(page.matches("own").count(), round + 1);
        }
    });
    join_all(visitors).await;
}
