//! Retired ids: Flask finds nothing under them, and this side knows where the session went.

use session_core::Session;
use session_testkit::server::MemcachedServer;

use crate::common::{Raw, begin, is_absent, key_of, login, marker_of, request, sessions};

/// An empty value is no record for Flask-Session; the marker lies where it does not look.
#[tokio::test]
async fn flask_finds_an_empty_value_under_a_retired_id() {
    let server = MemcachedServer::private(&[]);
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let old = begin(&sessions).await;
    let new = login(&sessions, &old).await;
    assert_eq!(flask.gets(&key_of(&old)).map(|(value, flags, _)| (value, flags)), Some((Vec::new(), 0)));
    assert_eq!(server.stat("curr_items"), 3, "the record, the empty value, the marker");
    for key in [key_of(&old), marker_of(&key_of(&old))] {
        assert!((115..=120).contains(&flask.left(&key)), "{key}");
    }
    assert!(is_absent(&sessions, &old).await && !is_absent(&sessions, &new).await);
    // A logout with the old id ends what has become of the session.
    request(&sessions, Some(&old), Session::destroy).await;
    assert!(is_absent(&sessions, &new).await && is_absent(&sessions, &old).await);
}

/// Evicted, or ended a moment earlier: the id is as unknown as any other, and nothing is brought back.
#[tokio::test]
async fn flask_empty_value_without_a_marker_is_nothing() {
    let server = MemcachedServer::private(&[]);
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let old = begin(&sessions).await;
    let late = sessions.open([old.as_str()]).await.unwrap();
    login(&sessions, &old).await;
    assert_eq!(flask.ask(&format!("delete {}", marker_of(&key_of(&old))), None), "DELETED");
    assert!(is_absent(&sessions, &old).await);
    late.set("late", 1).unwrap();
    assert!(sessions.commit(&late).await.result.is_err());
    assert_eq!(flask.get(&key_of(&old)), Some(Vec::new()));
}

/// What differs from the other servers: the record that Flask writes over the empty value is a session again at once.
#[tokio::test]
async fn flask_write_over_a_retired_id_is_a_session_at_once() {
    let server = MemcachedServer::private(&[]);
    let (sessions, mut flask) = (sessions(server.url()).await, Raw::of(server.address()));
    let old = begin(&sessions).await;
    let record = flask.get(&key_of(&old)).unwrap();
    let new = login(&sessions, &old).await;
    flask.set(&key_of(&old), &record, 3600);
    assert!(!is_absent(&sessions, &old).await && !is_absent(&sessions, &new).await);
    // It can be rotated again, and its first marker is written over.
    let third = login(&sessions, &old).await;
    request(&sessions, Some(&old), Session::destroy).await;
    assert!(is_absent(&sessions, &third).await && !is_absent(&sessions, &new).await);
}

/// The marker's key begins unlike every key of Flask's, and all that a layout makes fits: 250 bytes.
#[tokio::test]
async fn flask_marker_of_the_longest_key_fits() {
    use session_core::SessionConfig;
    use session_flask::FlaskLayout;
    let server = MemcachedServer::private(&[]);
    let layout = FlaskLayout::default().prefix("p".repeat(64)).unwrap().id_length(128).unwrap();
    let sessions = crate::common::with_layout(server.url(), layout, SessionConfig::default()).await;
    let old = begin(&sessions).await;
    let key = format!("{}{old}", "p".repeat(64));
    login(&sessions, &old).await;
    assert_eq!((key.len(), marker_of(&key).len()), (235, 245));
    assert!(Raw::of(server.address()).get(&marker_of(&key)).is_some());
}
