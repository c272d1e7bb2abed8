//! Sessions in Redis.

use redis::Client;
use session_core::{Result, ServerSide, SessionStore, Wraps};

use crate::backend::RedisBackend;
use crate::config::RedisConfig;

/// Sessions in Redis. A clone shares the connection.
///
/// ```
/// use session_core::{SessionConfig, Sessions};
/// use session_redis::RedisStore;
///
/// # async fn open() -> session_core::Result<()> {
/// let store = RedisStore::connect("redis://127.0.0.1/").await?;
/// let sessions = Sessions::new(store, SessionConfig::default())?;
/// # let _ = sessions; Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct RedisStore(ServerSide<RedisBackend>);

impl RedisStore {
    /// A store on the server at `url` with the default settings; see [`connect_with`](RedisStore::connect_with).
    ///
    /// # Errors
    /// As [`connect_with`](RedisStore::connect_with).
    pub async fn connect(url: impl Into<String>) -> Result<Self> {
        Self::connect_with(RedisConfig::new(url)).await
    }

    /// A store on one server or a cluster.
    ///
    /// It asks the server once, within the time-outs. A server that is away stops nothing: calls fail until it is there.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) in one line that says what to mend and shows no password: for a setting
    /// that cannot be right, a refused user or password, a database that is not there, a cluster that is named as one server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use session_redis::{RedisConfig, RedisStore};
    ///
    /// let refused = RedisStore::connect_with(RedisConfig::new("postgres://ada:hunter2@db/shop")).await.unwrap_err();
    /// let line = "url: postgres:// is no Redis server; begin it with redis:// or rediss://";
    /// assert_eq!(refused.to_string(), line);
    /// # }
    /// ```
    pub async fn connect_with(config: RedisConfig) -> Result<Self> {
        ServerSide::new(RedisBackend::connect(&config).await?, config.store).map(RedisStore)
    }

    /// A store on a client of your own: its address, user and TLS are yours. Of the configuration, the time-outs and what it
    /// says of the store count. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right.
    ///
    /// ```
    /// use session_redis::{RedisConfig, RedisStore, redis};
    ///
    /// let client = redis::Client::open("redis://127.0.0.1/").unwrap();
    /// let store = RedisStore::new(client, RedisConfig::default())?;
    /// # let _ = store; Ok::<(), session_core::Error>(())
    /// ```
    pub fn new(client: Client, config: RedisConfig) -> Result<Self> {
        config.check_times()?;
        ServerSide::new(RedisBackend::new(client, &config), config.store).map(RedisStore)
    }

    /// The same for a client of a cluster, which is taken as it is: its time-outs and retries are yours, and its own ones
    /// outlast a request.
    ///
    /// # Errors
    /// As [`new`](RedisStore::new).
    ///
    /// ```
    /// use session_redis::{RedisConfig, RedisStore, redis::cluster::ClusterClient};
    ///
    /// let client = ClusterClient::new(["redis://127.0.0.1:7000/", "redis://127.0.0.1:7001/"]).unwrap();
    /// let store = RedisStore::new_cluster(client, RedisConfig::default())?;
    /// # let _ = store; Ok::<(), session_core::Error>(())
    /// ```
    #[cfg(feature = "cluster")]
    pub fn new_cluster(client: redis::cluster::ClusterClient, config: RedisConfig) -> Result<Self> {
        config.check_times()?;
        ServerSide::new(RedisBackend::new_cluster(client, &config), config.store).map(RedisStore)
    }
}

impl Wraps for RedisStore {
    fn inner(&self) -> &dyn SessionStore {
        &self.0
    }
    fn inner_mut(&mut self) -> &mut dyn SessionStore {
        &mut self.0
    }
}
