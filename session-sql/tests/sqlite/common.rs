//! A file, a backend on it, and things to put in.

use std::path::PathBuf;
use std::time::Duration;

use session_core::{Backend, Clock, Entry, RecordKey, Stored, SystemClock, Timestamp, Token, Version};
use session_sql::{SqlBackend, SqlConfig};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tempfile::TempDir;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A folder with a database file in it, which goes with the value.
pub(crate) struct File(TempDir);

impl File {
    pub(crate) fn new() -> Self {
        File(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("sessions.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.path().display())
    }

    pub(crate) fn config(&self) -> SqlConfig {
        SqlConfig::new(self.url())
    }

    pub(crate) async fn backend(&self) -> SqlBackend {
        SqlBackend::connect(&self.config()).await.unwrap()
    }

    /// Another program's connection, for looking and for standing in the way.
    pub(crate) async fn foreign(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.path()).create_if_missing(true);
        SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
    }
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

pub(crate) async fn payload(backend: &SqlBackend, key: &RecordKey) -> Option<Vec<u8>> {
    match backend.get(key, now()).await.unwrap() {
        Some(Entry::Live(stored)) => Some(stored.payload.to_vec()),
        _ => None,
    }
}
