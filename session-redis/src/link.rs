//! The connection: one, shared by all requests, that mends itself.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, ErrorKind, RedisError, RedisResult, Value};

use crate::config::RedisConfig;

/// After so long without an answer a connection counts as dead, though nothing has told that it is: its other end may be gone
/// without a word, and the operating system would not notice for a quarter of an hour.
const SILENCE: Duration = Duration::from_secs(2);

/// What a command is sent through.
#[async_trait]
pub(crate) trait Link: Send + Sync {
    /// One command, one answer.
    async fn send(&self, command: &Cmd) -> RedisResult<Value>;
}

/// One server, to which a connection is made at the first call.
///
/// The driver's manager makes a new connection when one breaks. It does not when the server refused the first one in so many
/// words (too many clients, a password that was wrong until somebody mended it), or never answers: then this makes a new manager.
pub(crate) struct Server {
    client: Client,
    tuned: ConnectionManagerConfig,
    current: Mutex<Current>,
}

struct Current {
    manager: Option<ConnectionManager>,
    /// Which manager it is: of many calls that failed together, one replaces it.
    number: u64,
    answered: Instant,
}

impl Server {
    pub(crate) fn new(client: Client, config: &RedisConfig) -> Self {
        let current = Mutex::new(Current { manager: None, number: 0, answered: Instant::now() });
        Server { client, tuned: tuned(config), current }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        // Nothing under the lock can panic half-way.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn manager(&self) -> RedisResult<(ConnectionManager, u64)> {
        let mut current = self.current();
        let manager = match current.manager.clone() {
            Some(manager) => manager,
            None => ConnectionManager::new_lazy_with_config(self.client.clone(), self.tuned.clone())?,
        };
        current.manager = Some(manager.clone());
        Ok((manager, current.number))
    }

    fn heard(&self, result: &RedisResult<Value>, number: u64) {
        let mut current = self.current();
        let dead = match result {
            Err(error) if error.is_timeout() => current.answered.elapsed() > SILENCE,
            Err(error) => is_refused(error),
            Ok(_) => false,
        };
        if dead && current.number == number {
            current.manager = None;
            current.number += 1;
        }
        if dead || result.is_ok() {
            current.answered = Instant::now();
        }
    }
}

/// Whether this may be what became of connecting, which the driver would then go on reporting for ever.
fn is_refused(error: &RedisError) -> bool {
    !matches!(error.kind(), ErrorKind::Io | ErrorKind::Server(_) | ErrorKind::Extension)
        || matches!(error.code(), Some("ERR" | "NOAUTH" | "WRONGPASS" | "NOPERM" | "LOADING" | "DENIED"))
}

#[async_trait]
impl Link for Server {
    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let (mut manager, number) = self.manager()?;
        let result = command.query_async(&mut manager).await;
        self.heard(&result, number);
        result
    }
}

/// The driver's own settings try for 9.5 s while the server is away, longer than a request may take. Core repeats a call once.
fn tuned(config: &RedisConfig) -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_connection_timeout(Some(config.connect_timeout))
        .set_response_timeout(Some(config.response_timeout))
        .set_number_of_retries(1)
        .set_min_delay(Duration::from_millis(20))
        .set_max_delay(Duration::from_millis(200))
}
