//! Flask writes without looking, and this side looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use session_core::{ConflictPolicy, Error, Session};
use session_flask::FlaskLayout;
use session_testkit::server::MemcachedServer;

use crate::common::{Raw, a_day, begin, commit, key_of, request, sessions, with_layout, with_text};

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
    let server = MemcachedServer::shared();
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let id = begin(&sessions).await;
    let session = sessions.open([id.as_str()]).await.unwrap();
    let computed = count(&session);
    session.set("ours", "1").unwrap();
    let record = flask.get(&key_of(&id)).unwrap();
    flask.set(&key_of(&id), &with_text(&record, "theirs", "2"), 3600);
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
    let server = MemcachedServer::shared();
    let strict = with_layout(server.url(), FlaskLayout::default(), a_day().conflict(ConflictPolicy::Strict)).await;
    let (mut flask, id) = (Raw::of(server.address()), begin(&strict).await);
    let session = strict.open([id.as_str()]).await.unwrap();
    session.require::<u64>("n").unwrap();
    session.set("seen", true).unwrap();
    let record = flask.get(&key_of(&id)).unwrap();
    // `n` is the first key behind `_permanent`; Flask sets it to 5.
    let at = record.windows(3).position(|bytes| bytes == b"\xa1n\0").unwrap();
    let mut changed = record.clone();
    changed[at + 2] = 5;
    flask.set(&key_of(&id), &changed, 3600);
    let committed = strict.commit(&session).await;
    assert!(matches!(committed.result, Err(Error::Conflict)), "{committed:?}");
    assert_eq!(flask.get(&key_of(&id)).unwrap(), changed);
}

/// P3's exception: what Flask changes and changes back goes unseen, and what was computed from the first is still true.
#[tokio::test]
async fn flask_change_that_is_changed_back_goes_unseen() {
    let server = MemcachedServer::shared();
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let id = begin(&sessions).await;
    let session = sessions.open([id.as_str()]).await.unwrap();
    let computed = count(&session);
    let first = flask.get(&key_of(&id)).unwrap();
    flask.set(&key_of(&id), &with_text(&first, "theirs", "2"), 3600);
    flask.set(&key_of(&id), &first, 3600);
    assert_eq!(commit(&sessions, &session).await, None);
    assert_eq!(computed.load(Ordering::Relaxed), 1, "nobody noticed");
    let after = sessions.open([id.as_str()]).await.unwrap();
    assert_eq!((after.keys(), after.require::<u64>("n").unwrap()), (vec!["n".to_owned()], 1));
}

/// Flask ends a session while a request of ours is under way: it is not brought back.
#[tokio::test]
async fn flask_logout_is_not_undone() {
    let server = MemcachedServer::shared();
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let id = begin(&sessions).await;
    let session = sessions.open([id.as_str()]).await.unwrap();
    session.set("ours", 1).unwrap();
    assert_eq!(flask.ask(&format!("delete {}", key_of(&id)), None), "DELETED");
    assert!(sessions.commit(&session).await.result.is_err());
    assert_eq!(flask.get(&key_of(&id)), None);
}

/// And the other way round; nothing is left of it, a marker neither.
#[tokio::test]
async fn flask_finds_nothing_after_a_logout_here() {
    let server = MemcachedServer::private(&[]);
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let id = begin(&sessions).await;
    request(&sessions, Some(&id), Session::destroy).await;
    assert_eq!((flask.get(&key_of(&id)), server.stat("curr_items")), (None, 0));
}

/// Flask-Session reads an empty value as no session.
#[tokio::test]
async fn flask_empty_value_is_no_session() {
    let server = MemcachedServer::shared();
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let id = begin(&sessions).await;
    flask.set(&key_of(&id), b"", 3600);
    assert!(sessions.open([id.as_str()]).await.unwrap().is_new());
}

/// The layout has no empty prefix, with which a cookie would reach every key of the database.
#[test]
fn flask_empty_prefix_is_refused() {
    let refused = FlaskLayout::default().prefix("").unwrap_err().to_string();
    assert!(refused.starts_with("SESSION_KEY_PREFIX: \"\" cannot begin a key"), "{refused}");
}
