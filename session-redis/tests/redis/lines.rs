//! What somebody reads who has configured it wrongly.

use std::error::Error as _;

use session_core::{Backend, Error, SessionStore, StoreConfig, Token, Wraps};
use session_redis::{RedisConfig, RedisStore};
use session_testkit::server::{RedisServer, free_port};

use crate::common::{add_one, backend, begin, commit, key, now, sessions};

async fn line(config: RedisConfig) -> String {
    RedisStore::connect_with(config).await.unwrap_err().to_string()
}

#[tokio::test]
async fn s59_a_refused_password_is_one_line_without_it() {
    let server = RedisServer::private(&["--requirepass", "secret"]);
    let address = server.address();
    for (user, what) in [
        (":hunter2@", "it refuses the user or the password"),
        ("admin:hunter2@", "it refuses the user or the password"),
        ("", "it wants a user or a password"),
    ] {
        let line = line(RedisConfig::new(format!("redis://{user}{address}/"))).await;
        assert_eq!(line, format!("url: {address}: {what}; correct the URL or the server's settings"));
    }
    assert!(RedisStore::connect(format!("redis://:secret@{address}/")).await.is_ok());
}

/// What the README tells to permit is enough, and what is missing is said.
#[tokio::test]
async fn s59_a_user_with_few_permissions_is_enough() {
    let server = RedisServer::private(&[]);
    let commands = "+get +set +getrange +setrange +pexpire +del +eval +evalsha";
    let allowed = format!("ACL SETUSER app on >secret ~session:* ~session-redis:hello {commands}");
    assert!(server.ask(&allowed).starts_with("+OK"));
    let url = format!("redis://app:secret@{}/", server.address());
    let sessions = sessions(&url).await;
    let token = begin(&sessions).await;
    add_one(&sessions, &token).await.unwrap();
    let session = sessions.open([token.as_str()]).await.unwrap();
    session.rotate();
    let token = commit(&sessions, &session).await.unwrap().unwrap();
    let session = sessions.open([token.as_str()]).await.unwrap();
    session.destroy();
    commit(&sessions, &session).await.unwrap();
    assert!(server.ask("ACL SETUSER app -get").starts_with("+OK"));
    let line = line(RedisConfig::new(url)).await;
    assert!(line.contains(": its user lacks a permission (ACL); "), "{line}");
}

#[tokio::test]
async fn s59_a_database_that_is_not_there_is_one_line() {
    let server = RedisServer::private(&[]);
    let line = line(RedisConfig::new(format!("redis://{}/4711", server.address()))).await;
    assert!(line.ends_with(": it has no database of this number; correct the URL or the server's settings"), "{line}");
}

/// Nobody there: the program starts, and the error of a call says where and why.
#[tokio::test]
async fn s59_an_absent_server_is_named_by_the_calls() {
    let port = free_port();
    let backend = backend(&format!("redis://:hunter2@127.0.0.1:{port}/")).await;
    let error = backend.get(&key(), now()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let cause = error.source().unwrap().to_string();
    assert!(cause.starts_with(&format!("127.0.0.1:{port}: Connection refused")), "{cause}");
    assert!(!format!("{error:?} {backend:?}").contains("hunter2"));
}

#[tokio::test]
async fn what_answers_but_is_no_redis_is_an_error_and_no_hang() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400 Bad Request\r\n\r\nhunter2").await;
        }
    });
    let store = RedisStore::connect(format!("redis://{address}/")).await.unwrap();
    let error = store.load(&Token::random().unwrap()).await.unwrap_err();
    assert!(error.is_outage() && !format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn a_wrong_setting_of_the_store_is_refused() {
    let url = RedisServer::shared().url();
    assert!(
        line(RedisConfig::new(url).store(StoreConfig::default().prefix("{tag}")))
            .await
            .starts_with("SESSION_KEY_PREFIX: ")
    );
    assert!(line(RedisConfig::new("")).await.starts_with("url: "));
    let store = RedisStore::connect(url).await.unwrap();
    assert!(store.inner().capabilities().self_expiring);
}

#[cfg(not(feature = "cluster"))]
#[tokio::test]
async fn without_its_feature_a_cluster_is_refused() {
    let line = line(RedisConfig::cluster(["redis://127.0.0.1/"])).await;
    assert_eq!(line, "cluster: this build knows no clusters; turn on the feature `cluster` of session-redis");
}
