//! Flask writes without looking, and this side looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use session_core::{Backend, ConflictPolicy, Error, RecordKey, Session, Timestamp};
use session_flask::FlaskLayout;
use session_testkit::server::RedisServer;

use crate::common::{Raw, a_day, backend, begin, commit, key_of, request, sessions, with_layout, with_text};

/// Counts on; how often that was computed.
fn count(session: &Session) -> Arc<AtomicUsize> {
    let computed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&computed);
    let add = move |n: Option<u64>| {
        seen.fetch_add(1, Ordering::Relaxed);
        n.unwrap_or(0) + 1
    };
    session.update("n", add).unwrap();
    computed
}

#[tokio::test]
async fn flask_write_between_load_and_commit_is_seen_and_merged() {
    let url = RedisServer::shared().url();
    let (sessions, mut flask) = (sessions(url).await, Raw::of(url).await);
    let id = begin(&sessions).await;
    let session = sessions.open([id.as_str()]).await.unwrap();
    let computed = count(&session);
    session.set("ours", "1").unwrap();
    let record = flask.get(&key_of(&id)).await.unwrap();
    flask.set(&key_of(&id), &with_text(&record, "theirs", "2")).await;
    assert_eq!(commit(&sessions, &session).await, None);
    assert_eq!(computed.load(Ordering::Relaxed), 2, "once more on what Flask wrote");
    let both = sessions.open([id.as_str()]).await.unwrap();
    assert_eq!(both.keys(), ["n", "theirs", "ours"]);
    assert_eq!(
        (both.require::<String>("ours").unwrap(), both.require::<String>("theirs").unwrap()),
        ("1".into(), "2".into())
    );
}

/// A strict session refuses what it has read and Flask has changed.
#[tokio::test]
async fn flask_write_between_load_and_commit_is_refused_where_sessions_are_strict() {
    let url = RedisServer::shared().url();
    let strict = with_layout(url, FlaskLayout::default(), a_day().conflict(ConflictPolicy::Strict)).await;
    let (mut flask, id) = (Raw::of(url).await, begin(&strict).await);
    let session = strict.open([id.as_str()]).await.unwrap();
    session.require::<u64>("n").unwrap();
    session.set("seen", true).unwrap();
    let record = flask.get(&key_of(&id)).await.unwrap();
    // `n` is the first key behind `_permanent`; Flask sets it to 5.
    let at = record.windows(3).position(|bytes| bytes == b"\xa1n\0").unwrap();
    let mut changed = record.clone();
    changed[at + 2] = 5;
    flask.set(&key_of(&id), &changed).await;
    let committed = strict.commit(&session).await;
    assert!(matches!(committed.result, Err(Error::Conflict)), "{committed:?}");
    assert_eq!(flask.get(&key_of(&id)).await.unwrap(), changed);
}

/// P3's exception: what Flask changes and changes back goes unseen, and what was computed from the first is still true.
#[tokio::test]
async fn flask_change_that_is_changed_back_goes_unseen() {
    let url = RedisServer::shared().url();
    let (sessions, mut flask) = (sessions(url).await, Raw::of(url).await);
    let id = begin(&sessions).await;
    let session = sessions.open([id.as_str()]).await.unwrap();
    let computed = count(&session);
    let first = flask.get(&key_of(&id)).await.unwrap();
    flask.set(&key_of(&id), &with_text(&first, "theirs", "2")).await;
    flask.set(&key_of(&id), &first).await;
    assert_eq!(commit(&sessions, &session).await, None);
    assert_eq!(computed.load(Ordering::Relaxed), 1, "nobody noticed");
    let after = sessions.open([id.as_str()]).await.unwrap();
    assert_eq!((after.keys(), after.require::<u64>("n").unwrap()), (vec!["n".to_owned()], 1));
}

/// Flask ends a session while a request of ours is under way: it is not brought back.
#[tokio::test]
async fn flask_logout_is_not_undone() {
    let url = RedisServer::shared().url();
    let (sessions, mut flask) = (sessions(url).await, Raw::of(url).await);
    let id = begin(&sessions).await;
    let session = sessions.open([id.as_str()]).await.unwrap();
    session.set("ours", 1).unwrap();
    assert_eq!(flask.number(&format!("DEL {}", key_of(&id))).await, 1);
    assert!(sessions.commit(&session).await.result.is_err());
    assert_eq!(flask.get(&key_of(&id)).await, None);
}

/// And the other way round; nothing is left of it, a marker neither.
#[tokio::test]
async fn flask_finds_nothing_after_a_logout_here() {
    let server = RedisServer::private(&[]);
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.url()).await);
    let id = begin(&sessions).await;
    request(&sessions, Some(&id), Session::destroy).await;
    assert_eq!(flask.keys().await, Vec::<String>::new());
}

/// Flask-Session reads an empty value as no session.
#[tokio::test]
async fn flask_empty_value_is_no_session() {
    let url = RedisServer::shared().url();
    let (sessions, mut flask) = (sessions(url).await, Raw::of(url).await);
    let id = begin(&sessions).await;
    flask.set(&key_of(&id), b"").await;
    assert!(sessions.open([id.as_str()]).await.unwrap().is_new());
}

#[tokio::test]
async fn flask_key_that_holds_no_string_is_corrupt_and_left_alone() {
    let url = RedisServer::shared().url();
    let (backend, mut raw) = (backend(url).await, Raw::of(url).await);
    let key = RecordKey::new(key_of("a-list-under-a-key-of-flask"));
    raw.number(&format!("RPUSH {} item", key.as_str())).await;
    let now = Timestamp::from_millis(1);
    assert!(matches!(backend.get(&key, now).await, Err(Error::Corrupt { .. })));
    assert!(matches!(backend.remove(&key, None, now).await, Err(Error::Corrupt { .. })));
    assert_eq!(raw.number(&format!("LLEN {}", key.as_str())).await, 1);
}

/// The layout has no empty prefix, with which a cookie would reach every key of the database.
#[test]
fn flask_empty_prefix_is_refused() {
    let refused = FlaskLayout::default().prefix("").unwrap_err().to_string();
    assert!(refused.starts_with("SESSION_KEY_PREFIX: \"\" cannot begin a key"), "{refused}");
}
