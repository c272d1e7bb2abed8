//! Servers that answer, and refuse.

use std::net::TcpStream;
use std::time::Duration;

use session_core::{AtomicRename, Backend, Entry, Error, Marker, RecordKey, Rename, SessionConfig, Sessions, Stored};
use session_redis::redis::Client;
use session_redis::{RedisBackend, RedisConfig, RedisStore};
use session_testkit::server::RedisServer;

use crate::common::{HOUR, add_one, backend, begin, commit, key, now, recovers, sessions, stored, total};

fn says(server: &RedisServer, command: &str) {
    let answer = server.ask(command);
    assert!(answer.starts_with("+OK"), "{command}: {answer}");
}

/// Every write is refused as an outage and changes nothing; the read goes on.
async fn only_reads(backend: &RedisBackend, key: &RecordKey, old: &Stored) {
    let (to, new, seen) = (crate::common::key(), stored(&[7; 1000]), &old.version);
    let marker = Marker { version: new.version, successor: to.clone(), until: now().plus(HOUR) };
    let rename = Rename { from: key, seen, to: &to, record: &new, marker: &marker };
    let refused = [
        backend.insert(&to, &new, now()).await.err(),
        backend.swap(key, seen, &Entry::Live(new.clone()), now()).await.err(),
        backend.rename(&rename, now()).await.err(),
    ];
    for error in refused {
        assert!(matches!(error, Some(Error::Unavailable { .. })), "{error:?}");
    }
    assert_eq!(backend.get(key, now()).await.unwrap(), Some(Entry::Live(old.clone())));
    assert_eq!(backend.get(&to, now()).await.unwrap(), None, "no half of a rename");
}

#[tokio::test]
async fn s49_a_full_server_refuses_writes_and_keeps_what_it_has() {
    let server = RedisServer::private(&["--maxmemory-policy", "noeviction"]);
    let (backend, key, old) = (backend(server.url()).await, key(), stored(b"old"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    says(&server, "CONFIG SET maxmemory 1");
    only_reads(&backend, &key, &old).await;
    assert_eq!(backend.remove(&key, None, now()).await.unwrap(), session_core::Removed::Done, "a logout goes through");
    says(&server, "CONFIG SET maxmemory 0");
    assert!(backend.insert(&key, &old, now()).await.unwrap());
}

#[tokio::test]
async fn s49_a_replica_refuses_writes() {
    let primary = RedisServer::private(&["--repl-diskless-sync-delay", "0"]);
    let address = primary.address();
    let port = address.port().to_string();
    let replica = RedisServer::private(&["--replicaof", "127.0.0.1", &port]);
    let (key, old) = (key(), stored(b"old"));
    assert!(backend(primary.url()).await.insert(&key, &old, now()).await.unwrap());
    let backend = backend(replica.url()).await;
    let begun = std::time::Instant::now();
    while backend.get(&key, now()).await.ok().flatten().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the replica has not caught up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    only_reads(&backend, &key, &old).await;
}

#[tokio::test]
async fn s49_a_primary_without_its_replicas_refuses_writes() {
    let server = RedisServer::private(&[]);
    let (backend, key, old) = (backend(server.url()).await, key(), stored(b"old"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    says(&server, "CONFIG SET min-replicas-to-write 1");
    only_reads(&backend, &key, &old).await;
    says(&server, "CONFIG SET min-replicas-to-write 0");
    assert!(backend.insert(&crate::common::key(), &old, now()).await.unwrap());
}

/// An error at the commit leaves the stored session as it was.
#[tokio::test]
async fn s49_a_commit_to_a_full_server_fails_and_sets_no_cookie() {
    let server = RedisServer::private(&["--maxmemory-policy", "noeviction"]);
    let sessions = sessions(server.url()).await;
    let token = begin(&sessions).await;
    says(&server, "CONFIG SET maxmemory 1");
    let session = sessions.open([token.as_str()]).await.unwrap();
    session.set("n", 7).unwrap();
    session.rotate();
    let error = commit(&sessions, &session).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    says(&server, "CONFIG SET maxmemory 0");
    assert_eq!(total(&sessions, &token).await.unwrap(), 0);
}

#[tokio::test]
async fn forgotten_scripts_are_told_again() {
    let server = RedisServer::private(&[]);
    let sessions = sessions(server.url()).await;
    let token = begin(&sessions).await;
    for _ in 0..3 {
        says(&server, "SCRIPT FLUSH");
        add_one(&sessions, &token).await.unwrap();
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 3);
}

/// Refused at the first connection, and let in later: the driver alone would never try again.
#[tokio::test]
async fn s50_a_server_with_too_many_clients_is_an_outage_until_some_leave() {
    let server = RedisServer::private(&["--maxclients", "4"]);
    let early = sessions(server.url()).await;
    let token = begin(&early).await;
    let crowd: Vec<_> = (0..6).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let sessions = sessions(server.url()).await;
    let error = add_one(&sessions, &token).await.unwrap_err();
    assert!(error.is_outage(), "{error:?}");
    drop(crowd);
    recovers(&sessions, &token).await;
}

/// Whoever mends the password, at the server, need not restart the program. The driver alone would go on reporting that its first
/// connection was refused.
#[tokio::test]
async fn s50_a_password_that_was_mended_lets_the_program_in() {
    let server = RedisServer::private(&[]);
    let token = begin(&sessions(server.url()).await).await;
    says(&server, "ACL SETUSER app on >another ~* +@all");
    let client = Client::open(format!("redis://app:hunter2@{}/", server.address())).unwrap();
    let store = RedisStore::new(client, RedisConfig::default()).unwrap();
    let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
    for _ in 0..3 {
        let error = add_one(&sessions, &token).await.unwrap_err();
        assert!(matches!(error, Error::Backend { .. }) && !format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    says(&server, "ACL SETUSER app >hunter2");
    recovers(&sessions, &token).await;
}

/// Taken away while a connection stands, and given back.
#[tokio::test]
async fn s49_a_permission_that_is_taken_away_is_an_outage_until_it_is_back() {
    let server = RedisServer::private(&[]);
    let sessions = sessions(server.url()).await;
    let token = begin(&sessions).await;
    says(&server, "ACL SETUSER default -get");
    assert!(matches!(add_one(&sessions, &token).await, Err(Error::Backend { .. })));
    says(&server, "ACL SETUSER default +get");
    recovers(&sessions, &token).await;
}
