//! A real Flask with Flask-Session beside this library, on one server.

use serde_json::json;
use session_core::Session;
use session_testkit::server::{FlaskRelease, FlaskServer, MemcachedServer};

use crate::common::{begin, login, request, sessions};

fn flask() -> FlaskServer {
    FlaskServer::with_backend(
        FlaskRelease::Current,
        "memcached",
        &MemcachedServer::shared().address().to_string(),
        &json!({ "SECRET_KEY": "dev" }),
    )
}

fn sent(id: &str) -> String {
    format!("session={id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn flask_and_rust_change_one_session_in_turn() {
    let (sessions, flask) = (sessions(MemcachedServer::shared().url()).await, flask());
    let id = begin(&sessions).await;
    for n in 0..10 {
        let answer = flask.act(Some(&sent(&id)), &json!([["get", "n"], ["add", "n", 1], ["set", "theirs", n]]));
        assert_eq!((answer.status, &answer.results[0]), (200, &json!(2 * n)));
        let session = sessions.open([id.as_str()]).await.unwrap();
        assert_eq!(session.require::<i64>("theirs").unwrap(), n);
        session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1).unwrap();
        sessions.commit(&session).await.result.unwrap();
    }
}

/// It draws a new id, and does not adopt the old one.
#[tokio::test(flavor = "multi_thread")]
async fn flask_takes_a_retired_id_for_no_session() {
    let (sessions, flask) = (sessions(MemcachedServer::shared().url()).await, flask());
    let old = begin(&sessions).await;
    let new = login(&sessions, &old).await;
    let answer = flask.act(Some(&sent(&old)), &json!([["get", "n"], ["set", "stranger", 1], ["sid"]]));
    assert_eq!((answer.status, &answer.results[0]), (200, &json!(null)));
    assert!(answer.results[2] != json!(old) && answer.results[2] != json!(new));
    assert_eq!(flask.act(Some(&sent(&new)), &json!([["get", "n"]])).results, json!([0]));
    request(&sessions, Some(&new), Session::destroy).await;
    assert_eq!(flask.act(Some(&sent(&new)), &json!([["get", "n"]])).results, json!([null]), "a logout here");
}
