//! What somebody reads who has configured it wrongly.

use std::error::Error as _;

use session_core::{Backend, Error, SessionStore, Token};
use session_sql::{SqlConfig, SqlStore};
use session_testkit::server::free_port;

use crate::common::{backend, key, now, sessions, stored};
use crate::under_test::{ENCRYPTED, SCHEME, Server, ask, user};

async fn line(url: &str) -> String {
    SqlStore::connect(url).await.unwrap_err().to_string()
}

#[tokio::test]
async fn s59_a_refused_password_is_one_line_without_it() {
    let url = Server::shared().database();
    let own = user(&url, "refused", "right-one");
    let line = line(&own.replace("right-one", "hunter2")).await;
    assert!(line.starts_with("url: 127.0.0.1:") && line.lines().count() == 1, "{line}");
    assert!(line.ends_with(": it refuses the user or the password; correct the URL"), "{line}");
    assert!(!line.contains("hunter2") && !line.contains("refused"), "{line}");
}

#[tokio::test]
async fn s59_a_database_that_is_not_there_is_one_line() {
    let line = line(&format!("{}_missing", Server::shared().database())).await;
    assert!(line.ends_with(": there is no such database; create it, or name another one"), "{line}");
}

/// Nobody there: the program starts, and the error of a call says where and why.
#[tokio::test]
async fn s59_an_absent_server_is_named_by_the_calls() {
    let port = free_port();
    let backend = backend(&format!("{SCHEME}://admin:hunter2@127.0.0.1:{port}/shop")).await;
    let error = backend.get(&key(), now()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let cause = error.source().unwrap().to_string();
    assert!(cause.starts_with(&format!("127.0.0.1:{port}/shop: ")) && cause.contains("refused"), "{cause}");
    let printed = format!("{error:?} {backend:?} {:?}", SqlConfig::new(format!("{SCHEME}://admin:hunter2@h/shop")));
    assert!(!printed.contains("hunter2") && !printed.contains("admin"), "{printed}");
}

#[tokio::test]
async fn s58_encryption_that_is_not_to_be_had_is_refused_and_never_done_without() {
    let line = line(&format!("{}?{ENCRYPTED}", Server::shared().database())).await;
    assert!(line.contains(": the connection cannot be encrypted; "), "{line}");
}

#[tokio::test]
async fn s59_a_wrong_url_says_what_to_write() {
    for rest in ["", "admin:hun@ter2@db/shop", "admin:hun/ter2@db", "db/shop?passwrd=hunter2", "db:port/shop"] {
        let line = line(&format!("{SCHEME}://{rest}")).await;
        assert!(line.starts_with("url: ") && !line.contains("ter2") && !line.contains("admin"), "{line}");
    }
}

#[tokio::test]
async fn what_answers_but_is_no_database_is_an_error_and_no_hang() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400 Bad Request\r\n\r\nhunter2").await;
        }
    });
    let store = SqlStore::connect(format!("{SCHEME}://u@{address}/d")).await;
    let error = match store {
        Ok(store) => store.load(&Token::random().unwrap()).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(error.is_outage() && !format!("{error:?}").contains("hunter2"), "{error:?}");
}

/// What a server says repeats keys and values; what is passed on does not.
#[tokio::test]
async fn s36_an_error_of_the_server_shows_no_key_and_no_value() {
    let url = Server::shared().database();
    let backend = backend(&url).await;
    ask(&url, "ALTER TABLE sessions ADD CONSTRAINT small CHECK (octet_length(payload) < 5)");
    let key = key();
    let error = backend.insert(&key, &stored(b"a-secret-value"), now()).await.unwrap_err();
    let Error::Backend { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("it answers with the error "), "{source}");
    for secret in [key.as_str(), "a-secret-value", "Failing row", "6173656372"] {
        assert!(!format!("{error:?} {source}").contains(secret), "{error:?}");
    }
}

/// What the README tells to grant is enough, for a program that finds its tables.
#[tokio::test]
async fn s59_a_user_with_few_privileges_is_enough() {
    let url = Server::shared().database();
    drop(backend(&url).await);
    let own = user(&url, "few", "secret");
    let refused = line(&own).await;
    assert!(refused.contains(": its user lacks a privilege; "), "{refused}");
    let who = crate::under_test::grantee("few");
    ask(&url, &format!("GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO {who}"));
    ask(&url, &format!("GRANT SELECT, INSERT, UPDATE ON session_schema TO {who}"));
    let sessions = sessions(&own).await;
    let token = crate::common::begin(&sessions).await;
    crate::common::add_one(&sessions, &token).await.unwrap();
    let token = crate::common::log_in(&sessions, &token).await.unwrap().unwrap();
    crate::common::log_out(&sessions, &token).await.unwrap();
    assert_eq!(backend(&own).await.sweep(10, now()).await.unwrap(), 0);
}
