//! What stands in the logs when everything is logged.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use session_core::{Backend, CookieAction, Entry, SessionConfig, Sessions};
use session_sql::{SqlBackend, SqlStore};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{File, key, now, stored};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s36_logs_and_errors_show_no_token_key_or_value() {
    let (log, file) = (Log::default(), File::new());
    let writer = log.clone();
    tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(move || writer.clone()).init();

    let sessions = Sessions::new(SqlStore::connect(file.url()).await.unwrap(), SessionConfig::default()).unwrap();
    let session = sessions.fresh();
    session.set("username", "a-secret-value").unwrap();
    let CookieAction::Set { token, .. } = sessions.commit(&session).await.cookie else { panic!("it has a cookie") };
    sessions.open([token.expose()]).await.unwrap();

    // And one that fails, with its causes.
    let backend = SqlBackend::connect(&file.config().busy_timeout(Duration::ZERO)).await.unwrap();
    let (key, old) = (key(), stored(b"a-secret-value"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    let lock = file.foreign().await.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = backend.swap(&key, &old.version, &Entry::Live(stored(b"a-secret-value")), now()).await.unwrap_err();
    lock.rollback().await.unwrap();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!log.is_empty(), "everything is logged");
    assert!(!log.contains("CASE WHEN length(payload)"), "but statements, which would be the most of it");
    for printed in [log, format!("{error:?}")] {
        for secret in [token.expose(), key.as_str(), "a-secret-value"] {
            assert!(!printed.contains(secret), "{secret:?} is in {printed}");
        }
    }
}
