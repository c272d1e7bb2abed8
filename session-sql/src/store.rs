//! Sessions in a SQL database.

use std::sync::Arc;

use session_core::{Backend, Result, ServerSide, SessionStore, StoreConfig, Wraps};

use crate::backend::SqlBackend;
use crate::config::SqlConfig;
use crate::pools::SqlPools;
use crate::sweeper::{Sweeper, Turn};

/// Sessions in a SQL database. A clone shares the connections and the sweeper.
///
/// ```
/// use session_core::{SessionConfig, Sessions};
/// use session_sql::SqlStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("sessions.db");
/// let store = SqlStore::connect(format!("sqlite://{}", file.display())).await?;
/// let sessions = Sessions::new(store, SessionConfig::default())?;
/// # let _ = sessions; Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SqlStore {
    inner: ServerSide<SqlBackend>,
    turn: Turn,
    sweeper: Option<Arc<Sweeper>>,
}

impl SqlStore {
    /// Opens the database at `url` with the default settings; see [`connect_with`](SqlStore::connect_with).
    ///
    /// # Errors
    /// As [`connect_with`](SqlStore::connect_with).
    pub async fn connect(url: impl Into<String>) -> Result<Self> {
        Self::connect_with(SqlConfig::new(url)).await
    }

    /// Opens a database, makes or updates the table, and starts the sweeper, which ends with the last clone of the store.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting or a database that cannot be used, in one line that says
    /// what to mend and shows no password; [`Error::Unavailable`](session_core::Error::Unavailable) for a database that other
    /// processes keep locked.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use session_sql::{SqlConfig, SqlStore};
    ///
    /// let refused = SqlStore::connect_with(SqlConfig::new("sqlite:///no/such/folder/sessions.db")).await.unwrap_err();
    /// let line = r#"url: the folder "/no/such/folder" does not exist; create it, or name another one"#;
    /// assert_eq!(refused.to_string(), line);
    /// # }
    /// ```
    pub async fn connect_with(config: SqlConfig) -> Result<Self> {
        let backend = SqlBackend::connect(&config).await?;
        let mut store = Self::on(backend, &config)?;
        let sweeper = Sweeper::start(store.inner.clone(), store.turn.clone(), config.sweep_interval);
        store.sweeper = Some(Arc::new(sweeper));
        Ok(store)
    }

    /// A store on connections of your own. The configuration's URL and what else describes connections is not used, and no
    /// sweeper is started: call [`sweep`](SqlStore::sweep) now and then.
    ///
    /// # Errors
    /// As [`connect_with`](SqlStore::connect_with).
    pub async fn new(pools: SqlPools, config: SqlConfig) -> Result<Self> {
        Self::on(SqlBackend::new(pools, &config).await?, &config)
    }

    fn on(backend: SqlBackend, config: &SqlConfig) -> Result<Self> {
        let most = backend.capabilities().max_payload;
        let inner = ServerSide::new(backend, bounded(&config.store, most))?;
        Ok(SqlStore { inner, turn: Turn::new(config.sweep_batch), sweeper: None })
    }

    /// Removes expired sessions in small batches until none is left; says how many. Waits if a sweep is under way.
    ///
    /// # Errors
    /// An outage of the store ends it; what was removed stays removed.
    ///
    /// # Cancel safety
    /// Dropping the future stops it between two batches or after the one under way.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> session_core::Result<()> {
    /// let store = session_sql::SqlStore::connect("sqlite::memory:").await?;
    /// assert_eq!(store.sweep().await?, 0);
    /// # Ok(()) }
    /// ```
    pub async fn sweep(&self) -> Result<usize> {
        self.turn.sweep(&self.inner).await
    }
}

/// The settings with the largest record that the table takes, where they name none: in MariaDB, Flask-Session's has a BLOB, one
/// byte short of the default.
fn bounded(config: &StoreConfig, most: usize) -> StoreConfig {
    let default = StoreConfig::default().max_payload;
    match config.max_payload == default {
        true => config.clone().max_payload(default.min(most)),
        false => config.clone(),
    }
}

impl Wraps for SqlStore {
    fn inner(&self) -> &dyn SessionStore {
        &self.inner
    }
    fn inner_mut(&mut self) -> &mut dyn SessionStore {
        &mut self.inner
    }
    fn bound(&mut self) {
        if let Some(sweeper) = &self.sweeper {
            sweeper.follow(self.inner.clone());
        }
    }
}
