//! A collection, a backend on it, and things to put in.

use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::{Client, Collection, Database};
use session_core::{Backend, Clock, Entry, RecordKey, Stored, SystemClock, Timestamp, Token, Version};
use session_mongo::{MongoBackend, MongoConfig};
use session_testkit::server::MongoServer;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A collection of its own on this server, without the index.
pub(crate) fn config(server: &MongoServer) -> MongoConfig {
    let collection = format!("test-{}", Token::random().unwrap().expose());
    MongoConfig::new(server.url()).collection(collection).ttl_index(false)
}

pub(crate) async fn backend(config: &MongoConfig) -> MongoBackend {
    MongoBackend::connect(config).await.unwrap()
}

/// Another program's view of the collection.
pub(crate) async fn foreign(config: &MongoConfig) -> Collection<Document> {
    Client::with_uri_str(&config.url).await.unwrap().database("sessions").collection(&config.collection)
}

pub(crate) async fn admin(url: &str) -> Database {
    Client::with_uri_str(url).await.unwrap().database("admin")
}

/// Lets the server fail the next so many commands of these names in this way.
pub(crate) async fn fail(server: &MongoServer, times: u32, names: &[&str], mut how: Document) {
    how.insert("failCommands", names);
    let command = doc! { "configureFailPoint": "failCommand", "mode": { "times": times }, "data": how };
    admin(server.url()).await.run_command(command).await.unwrap();
}

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

pub(crate) fn key() -> RecordKey {
    RecordKey::hashed("session:", &Token::random().unwrap())
}

/// A record that lives for an hour.
pub(crate) fn stored(payload: &[u8]) -> Stored {
    Stored { version: Version::random().unwrap(), deadline: now().plus(HOUR), payload: payload.to_vec().into() }
}

/// A record that has expired.
pub(crate) fn expired() -> Stored {
    Stored { deadline: now().minus(HOUR), ..stored(b"over") }
}

pub(crate) async fn payload(backend: &MongoBackend, key: &RecordKey) -> Option<Vec<u8>> {
    match backend.get(key, now()).await.unwrap() {
        Some(Entry::Live(stored)) => Some(stored.payload.to_vec()),
        _ => None,
    }
}

/// Waits until it holds, for 30 s at most.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}: not within 30 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
