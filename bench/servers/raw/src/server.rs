//! The connection, set up as session-redis does.

use std::time::Duration;

use axum::http::StatusCode;
use bench_common::Failure;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use crate::record::Record;

/// As long as the other servers' sessions live at least.
const SECONDS: u64 = 24 * 60 * 60;

#[derive(Clone)]
pub(crate) struct Server(ConnectionManager);

impl Server {
    pub(crate) fn connect(url: &str) -> Result<Self, Failure> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_millis(500)))
            .set_response_timeout(Some(Duration::from_millis(800)))
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(20))
            .set_max_delay(Duration::from_millis(200));
        Ok(Server(ConnectionManager::new_lazy_with_config(redis::Client::open(url)?, config)?))
    }

    pub(crate) async fn get(&self, id: &str) -> Result<Record, StatusCode> {
        let found: Option<String> = self.run(redis::cmd("GET").arg(key(id))).await?;
        found.map(Record).ok_or(StatusCode::NOT_FOUND)
    }

    pub(crate) async fn set(&self, id: &str, record: &Record) -> Result<(), StatusCode> {
        self.run(redis::cmd("SET").arg(key(id)).arg(&record.0).arg("EX").arg(SECONDS)).await
    }

    pub(crate) async fn delete(&self, id: &str) -> Result<(), StatusCode> {
        self.run(redis::cmd("DEL").arg(key(id))).await
    }

    async fn run<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, StatusCode> {
        command.query_async(&mut self.0.clone()).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

fn key(id: &str) -> String {
    format!("raw:{id}")
}
