//! What a cluster alone can get wrong.

use std::time::{Duration, Instant};

use session_core::{Backend, RecordKey, SessionConfig, Sessions, Wraps};
use session_redis::{RedisBackend, RedisConfig, RedisStore};
use session_testkit::server::{Process, RedisCluster};

use crate::common::{BUDGET, begin, commit, is_absent, key, now, stored, total};
use crate::races::{ROUNDS, VISITORS, count};

async fn sessions() -> Sessions {
    let store = RedisStore::connect_with(RedisConfig::cluster(RedisCluster::shared().urls())).await.unwrap();
    Sessions::new(store, SessionConfig::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_count_every_update_on_a_cluster() {
    let processes = [sessions().await, sessions().await];
    let token = begin(&processes[0]).await;
    count(&processes, &token).await;
    assert_eq!(total(&processes[1], &token).await.unwrap(), VISITORS * ROUNDS);
}

/// The two ids of a login lie on different servers, mostly.
#[tokio::test]
async fn logins_and_logouts_work_across_servers() {
    let sessions = sessions().await;
    for _ in 0..20 {
        let old = begin(&sessions).await;
        let session = sessions.open([old.as_str()]).await.unwrap();
        session.rotate();
        let new = commit(&sessions, &session).await.unwrap().expect("a login has a cookie");
        assert!(is_absent(&sessions, &old).await);
        let session = sessions.open([old.as_str()]).await.unwrap();
        session.destroy();
        commit(&sessions, &session).await.unwrap();
        assert!(is_absent(&sessions, &new).await, "a logout with the old id follows the marker");
    }
    let store = RedisStore::connect_with(RedisConfig::cluster(RedisCluster::shared().urls())).await.unwrap();
    assert!(!store.inner().capabilities().atomic_rotate);
}

#[tokio::test]
async fn s59_a_cluster_that_is_named_as_one_server_is_one_line_and_the_other_way_round() {
    let urls = RedisCluster::shared().urls();
    let mut refused = 0;
    for url in &urls {
        // The probe's key lies on one of the three.
        refused += u32::from(
            RedisStore::connect(url).await.is_err_and(|error| error.to_string().contains("RedisConfig::cluster")),
        );
    }
    assert_eq!(refused, 2);
    let one = session_testkit::server::RedisServer::shared().url();
    let line = RedisStore::connect_with(RedisConfig::cluster([one])).await.map(drop);
    assert!(line.is_err_and(|error| error.to_string().contains("it belongs to no cluster")));
}

#[tokio::test]
async fn s59_a_password_that_the_cluster_refuses_is_one_line_without_it() {
    let urls = RedisCluster::shared().urls().into_iter().map(|url| url.replace("//", "//:hunter2@"));
    let line = RedisStore::connect_with(RedisConfig::cluster(urls)).await.unwrap_err().to_string();
    assert!(line.contains(": it refuses the user or the password; ") && !line.contains("hunter2"), "{line}");
}

/// One of three is away: its keys are an outage of bounded length, and all is well again when it is back.
#[tokio::test]
async fn s49_s50_a_server_of_the_cluster_dies_and_comes_back() {
    let mut cluster = RedisCluster::start();
    let backend = RedisBackend::connect(&RedisConfig::cluster(cluster.urls())).await.unwrap();
    let keys: Vec<_> = (0..30).map(|_| key()).collect();
    for key in &keys {
        assert!(backend.insert(key, &stored(b"x"), now()).await.unwrap());
    }
    cluster.nodes()[1].kill();
    for key in &keys {
        let begun = Instant::now();
        let answer = tokio::time::timeout(BUDGET, backend.get(key, now())).await.expect("every call ends");
        assert!(
            answer.as_ref().is_err_and(session_core::Error::is_outage) || matches!(answer, Ok(Some(_))),
            "{answer:?}"
        );
        assert!(begun.elapsed().as_millis() < 1500, "{:?}: within core's own time-out", begun.elapsed());
    }
    cluster.nodes()[1].restart();
    all_answer(&backend, &keys).await;
    cluster.nodes().iter_mut().for_each(Process::kill);
    for key in &keys[..3] {
        assert!(backend.get(key, now()).await.is_err_and(|error| error.is_outage()), "nobody is there");
    }
    cluster.nodes().iter_mut().for_each(Process::restart);
    all_answer(&backend, &keys).await;
}

/// Fails unless every key can be read within the time that the servers take to find each other again (2 s, as they are told here).
async fn all_answer(backend: &RedisBackend, keys: &[RecordKey]) {
    let begun = Instant::now();
    for key in keys {
        while let Err(error) = backend.get(key, now()).await {
            assert!(error.is_outage() && begun.elapsed() < BUDGET, "{:?}: {error:?}", begun.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
