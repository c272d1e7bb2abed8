//! Retired ids: Flask finds nothing under them, and this side knows where the session went.

use session_core::{Backend, Entry, Layout, RecordKey, Session, Sessions};
use session_flask::FlaskLayout;
use session_testkit::server::RedisServer;

use crate::common::{Raw, backend, begin, key_of, login, request, sessions};

fn marker_of(id: &str) -> String {
    format!("retired:{{{}}}", key_of(id))
}

async fn is_absent(sessions: &Sessions, id: &str) -> bool {
    sessions.open([id]).await.unwrap().is_new()
}

#[tokio::test]
async fn flask_finds_nothing_under_a_retired_id() {
    let server = RedisServer::private(&[]);
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.url()).await);
    let old = begin(&sessions).await;
    let new = login(&sessions, &old).await;
    assert_eq!(flask.get(&key_of(&old)).await, None);
    let mut keys = flask.keys().await;
    keys.sort();
    assert_eq!(keys, [marker_of(&old), key_of(&new)], "the record alone lies where Flask looks");
    let left = flask.number(&format!("PTTL {}", marker_of(&old))).await;
    assert!((115_000..=120_000).contains(&left), "{left}");
    assert!(is_absent(&sessions, &old).await && !is_absent(&sessions, &new).await);
}

/// A Flask request that was under way writes the old record back. While the marker lives, the id stays retired for this side.
#[tokio::test]
async fn flask_write_over_a_retired_id_brings_nothing_back_while_the_marker_lives() {
    let url = RedisServer::shared().url();
    let (sessions, mut flask) = (sessions(url).await, Raw::of(url).await);
    let old = begin(&sessions).await;
    let record = flask.get(&key_of(&old)).await.unwrap();
    let new = login(&sessions, &old).await;
    flask.set(&key_of(&old), &record).await;
    assert!(is_absent(&sessions, &old).await);
    // A logout with the old id ends what has become of the session.
    request(&sessions, Some(&old), Session::destroy).await;
    assert!(is_absent(&sessions, &new).await && is_absent(&sessions, &old).await);

    // The marker's end.
    assert_eq!(flask.number(&format!("DEL {}", marker_of(&old))).await, 1);
    assert!(!is_absent(&sessions, &old).await, "what Flask wrote last is then a session, as Flask has it");
}

/// A change that was under way here finds the marker, and writes nothing.
#[tokio::test]
async fn flask_record_that_came_back_is_not_changed_while_the_marker_lives() {
    let url = RedisServer::shared().url();
    let (sessions, mut flask) = (sessions(url).await, Raw::of(url).await);
    let old = begin(&sessions).await;
    let (late, record) = (sessions.open([old.as_str()]).await.unwrap(), flask.get(&key_of(&old)).await.unwrap());
    login(&sessions, &old).await;
    flask.set(&key_of(&old), &record).await;
    late.set("late", 1).unwrap();
    assert!(sessions.commit(&late).await.result.is_err());
    assert_eq!(flask.get(&key_of(&old)).await.unwrap(), record);
}

/// Flask takes any text for an id and puts its prefix before it: no cookie names a marker's key, on either side.
#[tokio::test]
async fn flask_marker_is_out_of_every_cookies_reach() {
    let url = RedisServer::shared().url();
    let sessions = sessions(url).await;
    let old = begin(&sessions).await;
    login(&sessions, &old).await;
    let marker = marker_of(&old);
    assert!(!marker.starts_with("session:") && Raw::of(url).await.get(&marker).await.is_some());
    for cookie in [&marker, &marker["retired:{session:".len()..], "{session:", "retired:"] {
        assert!(FlaskLayout::default().parse(cookie).is_none(), "{cookie}");
    }
    // As a backend it is asked for nothing but records: a marker under a record's key would be somebody else's value.
    let found = backend(url).await.get(&RecordKey::new(key_of(&old)), session_core::Timestamp::from_millis(1)).await;
    assert!(matches!(found.unwrap(), Some(Entry::Retired(_))));
}

/// Both keys lie on one server of a cluster.
#[cfg(feature = "cluster")]
#[tokio::test]
async fn flask_marker_lies_beside_its_key_on_a_cluster() {
    let urls = session_testkit::server::RedisCluster::shared().urls();
    let mut node = Raw::of(&urls[0]).await;
    for id in ["oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk", "3f2b8c1e-9d47-4a60-b5c8-0e1f2a3b4c5d"] {
        let key = node.number(&format!("CLUSTER KEYSLOT {}", key_of(id))).await;
        assert_eq!(node.number(&format!("CLUSTER KEYSLOT {}", marker_of(id))).await, key);
    }
}
