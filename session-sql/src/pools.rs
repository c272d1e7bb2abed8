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
        SqlPools(Box::new(crate::dialect::sqlite::pools(writer, readers, "the database".into())))
    }

    /// PostgreSQL: a pool of your own, with [`SqlConfig::transaction_pooler`] and [`StoreConfig::call_timeout`] of this
    /// configuration.
    ///
    /// It is you who chooses: each call sends a ping besides, unless `test_before_acquire` is off, and then each connection fails
    /// once after a restart of the server; `acquire_timeout` should be below `call_timeout`. What
    /// [`SqlStore::connect_with`](crate::SqlStore::connect_with) makes by itself has neither problem.
    ///
    /// [`StoreConfig::call_timeout`]: session_core::StoreConfig::call_timeout
    #[cfg(feature = "postgres")]
    #[must_use]
    pub fn postgres(pool: sqlx::PgPool, config: &SqlConfig) -> Self {
        SqlPools(Box::new(crate::dialect::postgres::pools(pool, config)))
    }

    /// MariaDB: a pool of your own; see [`SqlPools::postgres`]. Its connections should be in the isolation level READ COMMITTED:
    /// in REPEATABLE READ, logins at the same time can be refused as deadlocks.
    #[cfg(feature = "mysql")]
    #[must_use]
    pub fn mysql(pool: sqlx::MySqlPool, config: &SqlConfig) -> Self {
        SqlPools(Box::new(crate::dialect::mysql::pools(pool, config)))
    }

    /// Opens what the configuration's URL names.
    pub(crate) fn open(config: &SqlConfig) -> Result<Self> {
        match config.url.split_once(':') {
            #[cfg(feature = "sqlite")]
            Some(("sqlite", _)) => Ok(SqlPools(Box::new(crate::dialect::sqlite::open(config)?))),
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => Ok(SqlPools(Box::new(crate::dialect::postgres::open(config)?))),
            #[cfg(feature = "mysql")]
            Some(("mysql" | "mariadb", _)) => Ok(SqlPools(Box::new(crate::dialect::mysql::open(config)?))),
            other => Err(unknown(other)),
        }
    }
}

/// The error of a URL that this build can do nothing with.
fn unknown(parts: Option<(&str, &str)>) -> Error {
    let missing = |what, fix| Error::config("url", format!("this build knows no {what}"), fix);
    match parts {
        Some(("sqlite", _)) => missing("SQLite", "turn on the feature `sqlite` of session-sql"),
        Some(("postgres" | "postgresql", _)) => missing("PostgreSQL", "turn on the feature `postgres` of session-sql"),
        Some(("mysql" | "mariadb", _)) => missing("MariaDB", "turn on the feature `mysql` of session-sql"),
        // What stands before a lone colon may be a user's name, and what is no word a part of a password.
        Some((scheme, rest)) if rest.starts_with("//") && scheme.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            Error::config("url", format!("{scheme}:// is no SQL database"), KNOWN)
        }
        _ => Error::config("url", "it names no kind of database", KNOWN),
    }
}

const KNOWN: &str = "begin it with sqlite://, postgres:// or mysql://";

impl fmt::Debug for SqlPools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlPools({})", self.0.name())
    }
}
