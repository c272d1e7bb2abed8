//! A PostgreSQL that answers, and refuses.

use session_core::{Backend, Error};
use session_testkit::server::PostgresServer;

use crate::common::{add_one, backend, begin, key, now, recovers, sessions, stored, total};

/// An administrator ends every connection: nobody notices.
#[tokio::test]
async fn s50_connections_that_an_administrator_ends_are_replaced() {
    let server = PostgresServer::private(&[]);
    let sessions = sessions(&server.database()).await;
    let token = begin(&sessions).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    for _ in 0..5 {
        assert_ne!(server.ask(end), "0");
        add_one(&sessions, &token).await.unwrap();
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 5);
}

#[tokio::test]
async fn s50_a_server_with_too_many_clients_is_an_outage_until_some_leave() {
    let server =
        PostgresServer::private(&["max_connections=5", "superuser_reserved_connections=0", "max_wal_senders=0"]);
    let url = server.database();
    let token = begin(&sessions(&url).await).await;
    let mut crowd = Vec::new();
    while let Ok(one) = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await {
        crowd.push(one);
    }
    let sessions = sessions(&url).await;
    let error = add_one(&sessions, &token).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    drop(crowd);
    recovers(&sessions, &token).await;
}

/// As on a replica, until it is promoted.
#[tokio::test]
async fn s49_a_server_that_only_reads_refuses_writes_and_keeps_what_it_has() {
    let server = PostgresServer::private(&[]);
    let backend = backend(&server.database()).await;
    let (key, old) = (key(), stored(b"old"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    let only_reads = |yes: &str| {
        server.ask(&format!("ALTER SYSTEM SET default_transaction_read_only = {yes}"));
        server.ask("SELECT pg_reload_conf()");
    };
    only_reads("on");
    let other = crate::common::key();
    let begun = std::time::Instant::now();
    let error = loop {
        match backend.insert(&other, &old, now()).await {
            Err(error) => break error,
            // The connection has not heard of it yet.
            Ok(_) => assert!(begun.elapsed().as_secs() < 5),
        }
    };
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(backend.get(&key, now()).await.unwrap().is_some());
}

/// A row that somebody keeps locked is waited for no longer than a call may take.
#[tokio::test]
async fn s49_a_locked_row_is_an_outage_of_bounded_length() {
    use sqlx::Executor;
    let server = PostgresServer::private(&[]);
    let url = server.database();
    let sessions = sessions(&url).await;
    let token = begin(&sessions).await;
    let mut other = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.unwrap();
    other.execute("BEGIN; LOCK TABLE sessions IN EXCLUSIVE MODE").await.unwrap();
    assert!(add_one(&sessions, &token).await.unwrap_err().is_outage());
    other.execute("COMMIT").await.unwrap();
    recovers(&sessions, &token).await;
}
