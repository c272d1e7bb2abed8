//! Servers that are killed, frozen, cut off, not there yet, no longer primary; calls that are given up.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::bson::doc;
use session_core::{Backend, Entry, Error, RecordKey, Sessions, Stored, Swapped};
use session_mongo::{MongoBackend, MongoConfig, MongoStore};
use session_testkit::TestSession;
use session_testkit::server::{MongoServer, Proxy};

use crate::common::{admin, backend, config, fail, key, now, payload, stored};
use crate::load::{LONGEST, Load, count_on, recovery, settings};

const RECOVERED: Duration = Duration::from_secs(2);

async fn sessions(config: &MongoConfig) -> Sessions {
    Sessions::new(MongoStore::connect_with(config.clone()).await.unwrap(), settings()).unwrap()
}

async fn visitor(sessions: &Sessions) -> TestSession {
    TestSession::with(sessions, |session| session.set("n", 0)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s50_killed_and_restarted_under_load_no_confirmed_write_is_missing() {
    for mut server in [MongoServer::private(&[]), MongoServer::private_replica_set(&[])] {
        let sessions = sessions(&config(&server).ttl_index(true)).await;
        let (ada, load) = (visitor(&sessions).await, Load::start(&sessions, 16).await);
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            server.process().kill();
            // A shorter absence is bridged by the repeats, and nobody notices.
            tokio::time::sleep(Duration::from_secs(2)).await;
            tokio::task::block_in_place(|| server.process().restart());
            let recovery = recovery(&sessions, &ada).await;
            assert!(recovery < RECOVERED, "{recovery:?}");
        }
        let seen = load.finish().await;
        assert!(seen.iter().any(|seen| seen.outages > 0), "nobody noticed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s49_s51_a_frozen_server_costs_a_request_its_budget_and_nothing_is_left_behind() {
    let mut server = MongoServer::private_replica_set(&[]);
    let sessions = sessions(&config(&server)).await;
    let (ada, load) = (visitor(&sessions).await, Load::start(&sessions, 64).await);
    server.process().freeze();
    let begun = Instant::now();
    let error = count_on(&sessions, &ada).await.unwrap_err();
    assert!(error.is_outage() && begun.elapsed() < LONGEST, "{error:?} after {:?}", begun.elapsed());
    tokio::time::sleep(Duration::from_secs(6)).await;
    server.process().thaw();
    let recovery = recovery(&sessions, &ada).await;
    assert!(recovery < RECOVERED, "{recovery:?}");
    load.finish().await;
    // The driver's pool has ten; its watching, the test's own client and the server itself some more.
    let status = admin(server.url()).await.run_command(doc! { "serverStatus": 1 }).await.unwrap();
    let open = status.get_document("connections").unwrap().get_i32("current").unwrap();
    assert!(open < 25, "{open} connections are open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_a_store_opens_while_its_server_is_away_and_works_when_it_is_there() {
    let server = MongoServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    proxy.refuse();
    let config = MongoConfig::new(format!("mongodb://{}/?directConnection=true", proxy.address()));
    let sessions = sessions(&config).await;
    let begun = Instant::now();
    let error = TestSession::with(&sessions, |session| session.set("n", 0)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }) && begun.elapsed() < LONGEST, "{error:?}");
    proxy.accept().await;
    let begun = Instant::now();
    while TestSession::with(&sessions, |session| session.set("n", 0)).await.is_err() {
        assert!(begun.elapsed() < RECOVERED, "{:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s51_a_connection_cut_in_the_middle_neither_loses_nor_doubles_a_write() {
    let server = MongoServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let config = MongoConfig::new(format!("mongodb://{}/?directConnection=true", proxy.address())).ttl_index(false);
    let sessions = sessions(&config).await;
    let ada = visitor(&sessions).await;
    let mut confirmed = 0;
    for bytes in [0, 1, 16, 40, 100, 150, 200, 300, 400] {
        for cut in [Proxy::cut_requests_after, Proxy::cut_replies_after] {
            let before = ada.get::<u32>("n").await.unwrap().unwrap();
            assert!(before >= confirmed, "a confirmed one is missing");
            cut(&proxy, bytes);
            let counted = count_on(&sessions, &ada).await;
            recovery(&sessions, &ada).await;
            let after = ada.get::<u32>("n").await.unwrap().unwrap();
            let exactly = if counted.is_ok() { 2..=2 } else { 1..=2 };
            assert!(exactly.contains(&(after - before)), "{before}, then {after}: {counted:?}");
            confirmed = after;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_a_server_whose_replies_are_lost_is_an_outage_in_time() {
    let server = MongoServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let config = MongoConfig::new(format!("mongodb://{}/?directConnection=true", proxy.address())).ttl_index(false);
    let sessions = sessions(&config).await;
    let ada = visitor(&sessions).await;
    proxy.drop_replies(true);
    let begun = Instant::now();
    let error = count_on(&sessions, &ada).await.unwrap_err();
    assert!(error.is_outage() && begun.elapsed() < LONGEST, "{error:?} after {:?}", begun.elapsed());
    proxy.drop_replies(false);
    let recovery = recovery(&sessions, &ada).await;
    assert!(recovery < RECOVERED, "{recovery:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s49_a_primary_that_steps_down_is_an_outage_until_there_is_one_again() {
    let server = MongoServer::private_replica_set(&[]);
    let sessions = sessions(&config(&server)).await;
    let (ada, load) = (visitor(&sessions).await, Load::start(&sessions, 8).await);
    let admin = admin(&server.url().replace("replicaSet=rs0", "directConnection=true")).await;
    // For two seconds there is no primary: the only member may not stand for election.
    let step_down = doc! { "replSetStepDown": 2, "secondaryCatchUpPeriodSecs": 0, "force": true };
    admin.run_command(step_down).await.unwrap();
    let error = count_on(&sessions, &ada).await.unwrap_err();
    assert!(error.is_outage(), "{error:?}");
    let recovery = recovery(&sessions, &ada).await;
    assert!(recovery < Duration::from_secs(2) + Duration::from_secs(12), "{recovery:?}");
    assert!(load.finish().await.iter().any(|seen| seen.outages > 0), "nobody noticed");
}

/// A write that most members did not confirm in time may yet be taken back: it is repeated, and it counts once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s51_an_unconfirmed_write_is_repeated_and_counts_once() {
    let server = MongoServer::private_replica_set(&[]);
    let config = config(&server);
    let (sessions, backend) = (sessions(&config).await, backend(&config).await);
    let ada = visitor(&sessions).await;
    let unconfirmed = || doc! { "writeConcernError": { "code": 64, "errmsg": "waiting for replication timed out" } };
    fail(&server, 1, &["update"], unconfirmed()).await;
    count_on(&sessions, &ada).await.unwrap();
    assert_eq!(ada.get::<u32>("n").await.unwrap(), Some(1));

    let (key, old) = (key(), stored(b"old"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    fail(&server, 1, &["update"], unconfirmed()).await;
    let error = backend.swap(&key, &old.version, &Entry::Live(stored(b"new")), now()).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s51_what_the_server_refuses_for_a_moment_is_repeated() {
    for server in [MongoServer::private(&[]), MongoServer::private_replica_set(&[])] {
        let sessions = sessions(&config(&server)).await;
        let ada = visitor(&sessions).await;
        for code in [10107, 91, 189, 11602, 112] {
            for command in ["find", "update"] {
                fail(&server, 1, &[command], doc! { "errorCode": code }).await;
                count_on(&sessions, &ada).await.unwrap();
            }
        }
        assert_eq!(ada.get::<u32>("n").await.unwrap(), Some(10));
        fail(&server, 1, &["find"], doc! { "closeConnection": true }).await;
        count_on(&sessions, &ada).await.unwrap();
        fail(&server, 1, &["update"], doc! { "closeConnection": true }).await;
        count_on(&sessions, &ada).await.unwrap();
        assert_eq!(ada.get::<u32>("n").await.unwrap(), Some(12));
    }
}

/// 200 calls given up at random moments, or as many more as it takes on a busy machine: each leaves the document as it was or as it was to be, and no answer ever goes to
/// another call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p9_two_hundred_calls_given_up_leave_the_store_usable() {
    let backend = Arc::new(backend(&config(MongoServer::shared())).await);
    let mut given_up = 0;
    for round in 0..5000 {
        if round >= 200 && given_up >= 10 {
            break;
        }
        let (key, old, new) = (key(), stored(b"old"), stored(b"new"));
        assert!(backend.insert(&key, &old, now()).await.unwrap());
        let call = tokio::spawn(write(Arc::clone(&backend), round, key.clone(), old.clone(), new.clone()));
        tokio::time::sleep(Duration::from_micros(RandomState::new().hash_one(round) % 3000)).await;
        call.abort();
        given_up += u32::from(call.await.is_err_and(|error| error.is_cancelled()));
        match backend.get(&key, now()).await.unwrap() {
            None | Some(Entry::Retired(_)) => {}
            Some(Entry::Live(found)) => assert!(found.payload == old.payload || found == new),
        }
    }
    assert!(given_up >= 10, "{given_up} were given up: too few to tell");
    let key = key();
    assert!(backend.insert(&key, &stored(b"usable"), now()).await.unwrap());
    assert_eq!(payload(&backend, &key).await.unwrap(), b"usable");
}

/// Each kind of write in turn.
async fn write(backend: Arc<MongoBackend>, round: u32, key: RecordKey, old: Stored, new: Stored) {
    let seen = &old.version;
    match round % 3 {
        0 => assert_eq!(backend.swap(&key, seen, &Entry::Live(new), now()).await.unwrap(), Swapped::Done),
        1 => drop(backend.touch(&key, seen, new.deadline, now()).await.unwrap()),
        _ => drop(backend.remove(&key, Some(seen), now()).await.unwrap()),
    }
}
