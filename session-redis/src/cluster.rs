//! A cluster: the driver finds the server of each key.

use std::num::NonZeroUsize;
use std::time::Duration;

use async_trait::async_trait;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, RedisResult, Value};
use tokio::sync::OnceCell;

use crate::config::RedisConfig;
use crate::link::Link;

/// A cluster, whose servers are asked for the map of keys at the first call that finds one of them.
pub(crate) struct Cluster {
    client: ClusterClient,
    patience: Duration,
    connection: OnceCell<ClusterConnection>,
}

impl Cluster {
    pub(crate) fn new(client: ClusterClient, config: &RedisConfig) -> Self {
        let patience = config.connect_timeout + config.response_timeout;
        Cluster { client, patience, connection: OnceCell::new() }
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
        let connection = self.connection.get_or_try_init(|| self.connect()).await?;
        command.query_async(&mut connection.clone()).await
    }
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
