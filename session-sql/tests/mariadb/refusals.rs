//! A MariaDB that answers, and refuses.

use session_core::{Backend, Error};
use session_testkit::server::MariadbServer;
use sqlx::{Connection, Executor, MySqlConnection};

use crate::common::{add_one, backend, begin, key, now, recovers, sessions, stored, total};

/// An administrator ends every connection: nobody notices.
#[tokio::test]
async fn s50_connections_that_an_administrator_ends_are_replaced() {
    let server = MariadbServer::private(&[]);
    let sessions = sessions(&server.database()).await;
    let token = begin(&sessions).await;
    for _ in 0..5 {
        let ids = server
            .ask("SELECT id FROM information_schema.processlist WHERE user <> 'system user' AND id <> connection_id()");
        assert!(!ids.is_empty());
        ids.lines().for_each(|id| drop(server.ask(&format!("KILL {id}"))));
        add_one(&sessions, &token).await.unwrap();
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 5);
}

#[tokio::test]
async fn s50_a_server_with_too_many_clients_is_an_outage_until_some_leave() {
    let server = MariadbServer::private(&["--max-connections=10"]);
    let url = server.database();
    let token = begin(&sessions(&url).await).await;
    let mut crowd = Vec::new();
    while let Ok(one) = MySqlConnection::connect(&url).await {
        crowd.push(one);
    }
    let sessions = sessions(&url).await;
    let error = add_one(&sessions, &token).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    drop(crowd);
    recovers(&sessions, &token).await;
}

/// As on a replica, until it is promoted. Root may write all the same: another user must ask.
#[tokio::test]
async fn s49_a_server_that_only_reads_refuses_writes_and_keeps_what_it_has() {
    let server = MariadbServer::private(&[]);
    let url = server.database();
    server.ask("CREATE USER app IDENTIFIED BY 'secret'");
    server.ask(&format!("GRANT ALL ON {}.* TO app", url.rsplit('/').next().unwrap()));
    let backend = backend(&url.replace("root@", "app:secret@")).await;
    let (key, old) = (key(), stored(b"old"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    server.ask("SET GLOBAL read_only = ON");
    let error = backend.insert(&crate::common::key(), &old, now()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(backend.get(&key, now()).await.unwrap().is_some());
    server.ask("SET GLOBAL read_only = OFF");
    assert!(backend.insert(&crate::common::key(), &old, now()).await.unwrap());
}

/// A row that somebody keeps locked is waited for no longer than a call may take.
#[tokio::test]
async fn s49_a_locked_row_is_an_outage_of_bounded_length() {
    let server = MariadbServer::private(&[]);
    let url = server.database();
    let sessions = sessions(&url).await;
    let token = begin(&sessions).await;
    let mut other = MySqlConnection::connect(&url).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other.execute("SELECT `key` FROM sessions FOR UPDATE").await.unwrap();
    assert!(add_one(&sessions, &token).await.unwrap_err().is_outage());
    other.execute("COMMIT").await.unwrap();
    recovers(&sessions, &token).await;
}
