//! A cluster: the driver finds the server of each key.

use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, ErrorKind, RedisResult, Value};
use tokio::sync::OnceCell;

use crate::config::RedisConfig;
use crate::link::Link;

/// A cluster, whose servers are asked for the map of keys at the first call that finds one of them.
pub(crate) struct Cluster {
    client: ClusterClient,
    patience: Duration,
    connection: RwLock<Arc<OnceCell<ClusterConnection>>>,
}

impl Cluster {
    pub(crate) fn new(client: ClusterClient, config: &RedisConfig) -> Self {
        let patience = config.connect_timeout + config.response_timeout;
        Cluster { client, patience, connection: RwLock::default() }
    }

    /// The connection of now, or the place where it is going to be.
    fn current(&self) -> Arc<OnceCell<ClusterConnection>> {
        Arc::clone(&self.connection.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets the next call connect anew, unless another has seen to that.
    fn forget(&self, lost: &Arc<OnceCell<ClusterConnection>>) {
        let mut connection = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&connection, lost) {
            *connection = Arc::default();
        }
    }

    /// The driver tries to connect for longer than a request may take.
    async fn connect(&self) -> RedisResult<ClusterConnection> {
        match tokio::time::timeout(self.patience, self.client.get_async_connection()).await {
            Ok(connection) => connection,
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        }
    }
}

#[async_trait]
impl Link for Cluster {
    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let current = self.current();
        let connection = current.get_or_try_init(|| self.connect()).await?;
        let answer = command.query_async(&mut connection.clone()).await;
        if answer.as_ref().is_err_and(has_no_servers) {
            self.forget(&current);
        }
        answer
    }
}

/// Whether the driver knows no server any more. Once all of them were away, it may stay so, although they are back.
fn has_no_servers(error: &redis::RedisError) -> bool {
    error.kind() == ErrorKind::ClusterConnectionNotFound
}

/// Few retries, with short pauses: the driver's own settings outlast a request.
pub(crate) fn tuned(builder: ClusterClientBuilder, config: &RedisConfig) -> ClusterClientBuilder {
    builder
        .connection_timeout(config.connect_timeout)
        .response_timeout(config.response_timeout)
        .overall_response_timeout(Some(config.connect_timeout + config.response_timeout))
        .retries(3)
        .min_retry_wait(20)
        .max_retry_wait(200)
        .max_connection_attempts(NonZeroUsize::MIN)
}
