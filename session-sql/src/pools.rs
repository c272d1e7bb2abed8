//! Connections that somebody already has.

use std::fmt;

use session_core::{Error, Result};

use crate::config::SqlConfig;
use crate::driver::Driver;

/// The connections to a database, for [`SqlStore::new`](crate::SqlStore::new).
pub struct SqlPools(pub(crate) Box<dyn Driver>);

impl SqlPools {
    /// SQLite: one pool that writes and one that reads. They may be the same.
    ///
    /// It is you who chooses: the writing pool should have one connection, in WAL mode and with a busy time-out below
    /// [`StoreConfig::call_timeout`](session_core::StoreConfig::call_timeout); of a database in memory, which is one
    /// connection's own, there can be only one pool of one connection that stays open.
    ///
    /// ```
    /// use session_sql::{SqlConfig, SqlPools, SqlStore};
    /// use sqlx::sqlite::SqlitePoolOptions;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    /// let store = SqlStore::new(SqlPools::sqlite(pool.clone(), pool), SqlConfig::default()).await?;
    /// # let _ = store; Ok(()) }
    /// ```
    #[cfg(feature = "sqlite")]
    #[must_use]
    pub fn sqlite(writer: sqlx::SqlitePool, readers: sqlx::SqlitePool) -> Self {
        SqlPools(Box::new(crate::driver::Pools { writer, readers, name: "the database".into() }))
    }

    /// Opens what the configuration's URL names.
    pub(crate) fn open(config: &SqlConfig) -> Result<Self> {
        match config.url.split_once(':') {
            #[cfg(feature = "sqlite")]
            Some(("sqlite", _)) => Ok(SqlPools(Box::new(crate::dialect::sqlite::open(config)?))),
            // What stands before a lone colon may be a user's name.
            Some((scheme, rest)) if rest.starts_with("//") => {
                let problem = format!("{scheme}:// is not a database of this build");
                Err(Error::config("url", problem, "begin it with sqlite://"))
            }
            _ => Err(Error::config("url", "it names no kind of database", "begin it with sqlite://")),
        }
    }
}

impl fmt::Debug for SqlPools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlPools({})", self.0.name())
    }
}
