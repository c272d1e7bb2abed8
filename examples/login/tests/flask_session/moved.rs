//! 10,000 live Flask sessions move under load, from two processes at once.

use std::sync::Arc;

use serde_json::json;
use session_core::{AdoptingStore, CookieAction, Session, SessionConfig, Sessions, StoreConfig};
use session_redis::{RedisConfig, RedisStore};
use session_testkit::server::RedisServer;

use crate::shared::Shared;

const SESSIONS: usize = 10_000;
/// Visitors who are served at the same time.
const AT_ONCE: usize = 64;

fn settings() -> SessionConfig {
    SessionConfig::flask_session().budget(std::time::Duration::from_secs(60))
}

fn native() -> StoreConfig {
    StoreConfig::default().prefix("native:").call_timeout(std::time::Duration::from_secs(20))
}

async fn store(url: &str, config: StoreConfig) -> RedisStore {
    RedisStore::connect_with(RedisConfig::new(url).store(config)).await.unwrap()
}

/// A process that adopts.
async fn process(url: &str) -> Sessions {
    let (flask, _) = session_flask::preset().unwrap();
    let flask = flask.call_timeout(std::time::Duration::from_secs(20));
    let adopting = AdoptingStore::new(store(url, native()).await, store(url, flask).await).unwrap();
    Sessions::new(adopting, settings()).unwrap()
}

async fn request(sessions: &Sessions, id: &str, handler: impl FnOnce(&Session)) -> Option<String> {
    let session = sessions.open([id]).await.unwrap();
    assert!(!session.is_new(), "nobody is logged out");
    handler(&session);
    let committed = sessions.commit(&session).await;
    committed.result.unwrap();
    match committed.cookie {
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        _ => None,
    }
}

fn count(session: &Session) {
    session.update("n", |n: Option<usize>| n.unwrap_or(0) + 1).unwrap();
}

/// What one visitor does: reads, two changes at the same time at two processes, and one in three logs in anew. Their id then.
async fn visit(processes: &[Sessions; 2], id: String, number: usize) -> String {
    let [one, two] = processes;
    request(one, &id, |session| assert_eq!(session.require::<usize>("n").unwrap(), number)).await;
    let (_, _) = tokio::join!(
        request(one, &id, |session| {
            count(session);
            session.set("one", number).unwrap();
        }),
        request(two, &id, |session| {
            count(session);
            session.set("two", number).unwrap();
        }),
    );
    match number % 3 {
        0 => request(two, &id, Session::rotate).await.expect("a login has a cookie"),
        _ => id,
    }
}

async fn assert_whole(sessions: &Sessions, id: &str, number: usize) {
    let session = sessions.open([id]).await.unwrap();
    assert_eq!(session.require::<String>("username").unwrap(), format!("user{number}"));
    assert_eq!(session.require::<usize>("n").unwrap(), number + 2, "both counted");
    assert_eq!((session.require::<usize>("one").unwrap(), session.require::<usize>("two").unwrap()), (number, number));
}

/// Each visitor of the range, so many at a time.
async fn all<F: Future<Output = ()> + Send + 'static>(visitor: impl Fn(usize) -> F) {
    let mut at_work = tokio::task::JoinSet::new();
    for number in 0..SESSIONS {
        if at_work.len() == AT_ONCE {
            at_work.join_next().await.unwrap().unwrap();
        }
        at_work.spawn(visitor(number));
    }
    while let Some(done) = at_work.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_flask_sessions_move_under_load_and_nothing_is_lost() {
    let server = RedisServer::private(&[]);
    let shared = Shared::on_redis(server.url());
    let flask = shared.flask();
    let ids = tokio::task::block_in_place(|| flask.act(None, &json!([["begin_many", SESSIONS]])).results[0].clone());
    let ids: Arc<Vec<String>> = Arc::new(serde_json::from_value(ids).unwrap());
    let processes = Arc::new([process(server.url()).await, process(server.url()).await]);
    let now = Arc::new(std::sync::Mutex::new(vec![String::new(); SESSIONS]));

    let begun = std::time::Instant::now();
    all(|number| {
        let (ids, processes, now) = (Arc::clone(&ids), Arc::clone(&processes), Arc::clone(&now));
        async move {
            let id = visit(&processes, ids[number].clone(), number).await;
            now.lock().unwrap()[number] = id;
        }
    })
    .await;
    let replays: u64 = processes.iter().map(|sessions| sessions.counts().replays).sum();
    println!("{SESSIONS} sessions moved in {:?}; {replays} changes met another and were replayed", begun.elapsed());

    // The native store alone has all of it, and Flask's has nothing left.
    let alone = Sessions::new(store(server.url(), native()).await, settings()).unwrap();
    all(|number| {
        let (alone, id) = (alone.clone(), now.lock().unwrap()[number].clone());
        async move { assert_whole(&alone, &id, number).await }
    })
    .await;
    assert!(server.ask("KEYS session:*").starts_with("*0"), "no record is left where Flask looks");
}
