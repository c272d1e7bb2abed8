//! Nothing is lost, and nothing costs more commands than it should: counted by the server.

use std::time::Duration;

use mongodb::Database;
use mongodb::bson::doc;
use session_core::{CookieAction, Session, SessionConfig, Sessions, StoreConfig};
use session_mongo::{MongoConfig, MongoStore};
use session_testkit::server::MongoServer;
use tokio::task::JoinSet;

use crate::common::{admin, config};

async fn sessions(config: MongoConfig, settings: SessionConfig) -> Sessions {
    let store = MongoStore::connect_with(config).await.unwrap();
    store.prepare().await.unwrap();
    Sessions::new(store, settings).unwrap()
}

/// A whole request; gives back the cookie.
async fn request(sessions: &Sessions, cookie: Option<String>, handler: impl FnOnce(&Session)) -> Option<String> {
    let session = sessions.open(cookie.as_deref()).await.unwrap();
    handler(&session);
    let committed = sessions.commit(&session).await;
    committed.result.unwrap();
    match committed.cookie {
        CookieAction::None => cookie,
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        CookieAction::Remove => None,
    }
}

/// Two processes, 64 requests at a time, 50 times: each of the 3,200 answers is a success, and each of them counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s44_64_times_50_updates_in_two_processes_are_3200() {
    // The test is about counting: no time-out that a busy machine could exceed.
    let long = Duration::from_secs(60);
    for server in [MongoServer::shared(), MongoServer::shared_replica_set()] {
        let config = config(server).store(StoreConfig::default().call_timeout(long));
        let settings = || SessionConfig::default().budget(long);
        let processes = [sessions(config.clone(), settings()).await, sessions(config, settings()).await];
        let cookie = request(&processes[0], None, |session| session.set("n", 0).unwrap()).await;
        let mut tasks = JoinSet::new();
        for index in 0..64 {
            let (process, cookie) = (processes[index % 2].clone(), cookie.clone());
            tasks.spawn(async move {
                for _ in 0..50 {
                    let count = |session: &Session| {
                        session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).unwrap();
                    };
                    request(&process, cookie.clone(), count).await;
                }
            });
        }
        tasks.join_all().await;
        let session = processes[0].open(cookie.as_deref()).await.unwrap();
        assert_eq!(session.get::<u32>("n").unwrap(), Some(3200));
    }
}

/// All commands on documents that the server has carried out so far.
async fn operations(admin: &Database) -> i64 {
    let status = admin.run_command(doc! { "serverStatus": 1 }).await.unwrap();
    let counters = status.get_document("opcounters").unwrap();
    let count = |name: &str| counters.get_i64(name).or_else(|_| counters.get_i32(name).map(i64::from)).unwrap();
    ["insert", "query", "update", "delete", "getmore"].into_iter().map(count).sum()
}

/// A request's name, its cost, and what its handler does.
type Step = (&'static str, i64, fn(&Session));

/// Read 1, changed 2, new 1, login 3, logout 2 (DESIGN §4), with no other client on the server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trips_are_as_designed_by_the_servers_own_count() {
    let server = MongoServer::private(&["--setParameter", "ttlMonitorEnabled=false"]);
    let admin = admin(server.url()).await;
    let sessions = sessions(config(&server), SessionConfig::default()).await;
    let mut cookie = None;
    let steps: [Step; 7] = [
        ("untouched", 0, |_| ()),
        ("new", 1, |session| session.set("n", 1).unwrap()),
        ("read", 1, |session| assert_eq!(session.get::<u32>("n").unwrap(), Some(1))),
        ("the same again", 1, |session| session.set("n", 1).unwrap()),
        ("changed", 2, |session| session.set("n", 2).unwrap()),
        ("login", 3, Session::rotate),
        ("logout", 2, Session::destroy),
    ];
    for (name, wanted, handler) in steps {
        let before = operations(&admin).await;
        cookie = request(&sessions, cookie, handler).await;
        assert_eq!(operations(&admin).await - before, wanted, "{name}");
    }
    assert!(cookie.is_none());
}
