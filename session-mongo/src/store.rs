//! Sessions in MongoDB.

use mongodb::Client;
use session_core::{Result, ServerSide, SessionStore, Wraps};

use crate::backend::MongoBackend;
use crate::config::MongoConfig;
use crate::sweep;

/// Sessions in MongoDB. A clone shares the connections.
///
/// ```no_run
/// use session_core::{SessionConfig, Sessions};
/// use session_mongo::MongoStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// let store = MongoStore::connect("mongodb://127.0.0.1:27017/shop").await?;
/// let sessions = Sessions::new(store, SessionConfig::default())?;
/// # let _ = sessions; Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct MongoStore(ServerSide<MongoBackend>);

impl MongoStore {
    /// Sessions on the servers at `url` with the default settings; see [`connect_with`](MongoStore::connect_with).
    ///
    /// # Errors
    /// As [`connect_with`](MongoStore::connect_with).
    pub async fn connect(url: impl Into<String>) -> Result<Self> {
        Self::connect_with(MongoConfig::new(url)).await
    }

    /// Sessions on the servers that the configuration's URL names. It connects when it is first used, so that an application may
    /// start before its servers do; call [`prepare`](MongoStore::prepare) to have it wait, or fail, at the start.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right, in one line that says what to mend and
    /// shows no password; [`Error::Unavailable`](session_core::Error::Unavailable) where the DNS does not answer for a
    /// `mongodb+srv://` URL.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use session_mongo::MongoStore;
    ///
    /// let refused = MongoStore::connect("mongo://admin:hunter2@db.example/shop").await.unwrap_err();
    /// assert_eq!(refused.to_string(), "url: it names no MongoDB server; begin it with mongodb:// or mongodb+srv://");
    /// # }
    /// ```
    pub async fn connect_with(config: MongoConfig) -> Result<Self> {
        let backend = MongoBackend::connect(&config).await?;
        ServerSide::new(backend, config.store).map(MongoStore)
    }

    /// Sessions in a client of your own, in the database that the configuration or else the client's URL names. The
    /// configuration's URL and its two time-outs are not used: give the client short ones, since its own default lets a call
    /// look for a server for 30 s (it ends after the store's `call_timeout` all the same, with less to say).
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use session_mongo::{MongoConfig, MongoStore};
    ///
    /// let client = mongodb::Client::with_uri_str("mongodb://127.0.0.1/?serverSelectionTimeoutMS=800").await?;
    /// let store = MongoStore::new(&client, MongoConfig::default().database("shop"))?;
    /// # let _ = store; Ok(()) }
    /// ```
    pub fn new(client: &Client, config: MongoConfig) -> Result<Self> {
        let backend = MongoBackend::new(client, &config)?;
        ServerSide::new(backend, config.store).map(MongoStore)
    }

    /// Asks whether the server is there and lets us in, and makes the index by which it removes what has expired: a check for an
    /// application's start. Without it the index is made beside the first new session, and nobody hears of it if that fails.
    ///
    /// # Errors
    /// [`Error::Unavailable`](session_core::Error::Unavailable) or [`Error::Timeout`](session_core::Error::Timeout) for a server
    /// that is away, [`Error::Backend`](session_core::Error::Backend) where it refuses the user, and
    /// [`Error::Config`](session_core::Error::Config) where the collection has another index on the same field, which is left
    /// alone.
    pub async fn prepare(&self) -> Result<()> {
        self.0.backend().prepare().await
    }

    /// Removes expired sessions in small batches until none is left; says how many. Needed where
    /// [`ttl_index`](MongoConfig::ttl_index) is off, and harmless where it is on.
    ///
    /// # Errors
    /// An outage of the store ends it; what was removed stays removed.
    ///
    /// # Cancel safety
    /// Dropping the future stops it between two batches or after the one under way.
    pub async fn sweep(&self) -> Result<usize> {
        self.0.sweep(sweep::BATCH).await
    }
}

impl Wraps for MongoStore {
    fn inner(&self) -> &dyn SessionStore {
        &self.0
    }
    fn inner_mut(&mut self) -> &mut dyn SessionStore {
        &mut self.0
    }
}
