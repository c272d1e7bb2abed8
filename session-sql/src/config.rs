//! What a SQL store needs to know.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use session_core::{Error, Result, StoreConfig, seconds};

/// The table that holds what the other tables are.
pub(crate) const SCHEMA_TABLE: &str = "session_schema";

/// How a SQL store keeps sessions: where, in which table, and how patiently.
///
/// ```
/// use std::time::Duration;
/// use session_sql::{SqlConfig, Synchronous};
///
/// let config = SqlConfig::new("sqlite:///var/lib/shop/sessions.db")
///     .table("shop_sessions")
///     .synchronous(Synchronous::Full)
///     .sweep_interval(Duration::from_secs(300));
/// assert_eq!(config.table, "shop_sessions");
/// ```
///
/// From a configuration file; times are numbers of seconds:
///
/// ```
/// let text = r#"{ "url": "sqlite://sessions.db", "busy_timeout": 0.5, "store": { "max_payload": 4096 } }"#;
/// let config: session_sql::SqlConfig = serde_json::from_str(text)?;
/// assert_eq!(config.store.max_payload, 4096);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SqlConfig {
    /// Where the database is: `sqlite://FILE`, or `sqlite::memory:` for one that ends with the store;
    /// `postgres://USER:PASSWORD@HOST:5432/DATABASE` (feature `postgres`); `mysql://USER:PASSWORD@HOST:3306/DATABASE` (feature
    /// `mysql`). Default: `sqlite://sessions.db`, a file in the current folder.
    pub url: String,
    /// The table of the sessions: a letter or `_`, then letters, digits and `_`, at most 63. Default: `sessions`, which is also what
    /// Flask-Session calls its own, used where the layout is Flask's.
    pub table: String,
    /// How long a call may wait for a free connection, or a new one; opening an SQLite file may take five times that. Default: 1 s,
    /// so that a jam is a 503 and no heap of waiting requests.
    #[serde(with = "seconds")]
    pub acquire_timeout: Duration,
    /// How often expired rows are removed, on average: each pause is drawn between half of it and one and a half. Default: 60 s.
    #[serde(with = "seconds")]
    pub sweep_interval: Duration,
    /// How many rows one statement of a sweep removes at most: requests wait no longer than for that. Default: 200, some
    /// milliseconds in a table of a million.
    pub sweep_batch: usize,
    /// PostgreSQL and MariaDB: how many connections there are at most. The first is made at the first call. Default: 16.
    pub max_connections: u32,
    /// PostgreSQL: whether a pooler in transaction mode stands in between, such as pgbouncer. Statements are then not prepared, but
    /// sent whole, in one message each, values and all (as hexadecimal digits). Default: no.
    pub transaction_pooler: bool,
    /// SQLite: what a commit waits for. Default: [`Synchronous::Normal`].
    pub synchronous: Synchronous,
    /// SQLite: how long a write may wait for another *process* that is writing, at most the store's `call_timeout` and a minute.
    /// Default: 1 s.
    #[serde(with = "seconds")]
    pub busy_timeout: Duration,
    /// SQLite: how many connections read at the same time, each with a thread of its own; one more writes. Default: 4.
    pub max_readers: u32,
    /// Keys, codec, bounds and time-outs, as for every server-side store.
    pub store: StoreConfig,
}

/// What a commit to SQLite waits for, and so what a power cut can take.
///
/// Neither choice can corrupt the file, and neither loses anything when the process is killed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Synchronous {
    /// The commit is in the operating system's hands. When the power fails or the kernel crashes, the commits since the last
    /// checkpoint (one every 4 MiB of writes or so) may be undone, the latest ones, in order; a logout among them, too.
    #[default]
    Normal,
    /// The commit is on the disk: one flush for each write, which a laptop's disk does some hundred times a second.
    Full,
}

impl Default for SqlConfig {
    fn default() -> Self {
        SqlConfig {
            url: "sqlite://sessions.db".into(),
            table: "sessions".into(),
            acquire_timeout: Duration::from_secs(1),
            sweep_interval: Duration::from_secs(60),
            sweep_batch: 200,
            max_connections: 16,
            transaction_pooler: false,
            synchronous: Synchronous::default(),
            busy_timeout: Duration::from_secs(1),
            max_readers: 4,
            store: StoreConfig::default(),
        }
    }
}

impl SqlConfig {
    /// The default settings for this database.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        SqlConfig { url: url.into(), ..Self::default() }
    }

    /// Sets the table's name.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    session_core::setters! {
        /// Sets how long a call may wait for a free connection.
        acquire_timeout: Duration,
        /// Sets how often expired rows are removed, on average.
        sweep_interval: Duration,
        /// Sets how many rows one statement of a sweep removes at most.
        sweep_batch: usize,
        /// Sets how many connections to a server there are at most.
        max_connections: u32,
        /// Sets whether a pooler in transaction mode stands before PostgreSQL.
        transaction_pooler: bool,
        /// Sets what a commit to SQLite waits for.
        synchronous: Synchronous,
        /// Sets how long a write to SQLite may wait for another process.
        busy_timeout: Duration,
        /// Sets how many connections read SQLite at the same time.
        max_readers: u32,
        /// Sets keys, codec, bounds and time-outs.
        store: StoreConfig,
    }

    /// Refuses what cannot be right; what [`StoreConfig`] holds is checked by the store.
    pub(crate) fn check(&self) -> Result<()> {
        check_table(&self.table)?;
        check_time("acquire_timeout", self.acquire_timeout)?;
        check_time("sweep_interval", self.sweep_interval)?;
        for (field, is_zero) in [
            ("sweep_batch", self.sweep_batch == 0),
            ("max_readers", self.max_readers == 0),
            ("max_connections", self.max_connections == 0),
        ] {
            if is_zero {
                return Err(Error::config(field, "zero", "choose a number above zero"));
            }
        }
        Ok(())
    }
}

/// Beyond a day there is nothing sensible, and somewhere beyond it drivers overflow.
fn check_time(field: &'static str, time: Duration) -> Result<()> {
    if time.is_zero() || time > Duration::from_secs(86_400) {
        return Err(Error::config(field, format!("{time:?}"), "choose a time above zero, a day at most"));
    }
    Ok(())
}

/// The name stands quoted in the statements, so this check is what keeps SQL out of it.
fn check_table(name: &str) -> Result<()> {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let legal = name.len() <= 63
        && name.bytes().next().is_some_and(letter)
        && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit());
    if !legal {
        let fix = "begin with a letter or _, then use letters, digits and _, 63 at most";
        return Err(Error::config("table", format!("{name:?} is no name for a table"), fix));
    }
    let lower = name.to_ascii_lowercase();
    if lower == SCHEMA_TABLE || lower.starts_with("sqlite_") || lower.starts_with("pg_") {
        return Err(Error::config("table", format!("the name {name:?} is taken"), "choose another one"));
    }
    Ok(())
}

impl fmt::Debug for SqlConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SqlConfig { url, table, acquire_timeout, sweep_interval, sweep_batch, .. } = self;
        f.debug_struct("SqlConfig")
            .field("url", &redacted(url))
            .field("table", table)
            .field("acquire_timeout", acquire_timeout)
            .field("sweep_interval", sweep_interval)
            .field("sweep_batch", sweep_batch)
            .field("max_connections", &self.max_connections)
            .field("transaction_pooler", &self.transaction_pooler)
            .field("synchronous", &self.synchronous)
            .field("busy_timeout", &self.busy_timeout)
            .field("max_readers", &self.max_readers)
            .field("store", &self.store)
            .finish()
    }
}

/// A URL without user, password and query; where it cannot be told what is what, nothing of it but the scheme.
pub(crate) fn redacted(url: &str) -> String {
    let Some((scheme, rest)) =
        url.split_once(':').filter(|(scheme, rest)| *scheme == "sqlite" || rest.starts_with("//"))
    else {
        return "(no URL)".into();
    };
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    match before.rsplit_once('@') {
        _ if query.contains('@') => format!("{scheme}:…"),
        Some((_, place)) => format!("{scheme}://…@{place}"),
        None => format!("{scheme}:{before}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s54_a_table_is_letters_digits_and_little_else() {
        let long = "x".repeat(64);
        for name in ["", "a b", "1st", "a\"b", "a;drop", "a'b", "naïve", "a-b", "a.b", "a\0b", &long] {
            let refused = SqlConfig::default().table(name).check().unwrap_err().to_string();
            assert!(refused.starts_with("table: "), "{refused}");
        }
        for name in ["session_schema", "Session_Schema", "sqlite_master"] {
            assert!(SqlConfig::default().table(name).check().unwrap_err().to_string().contains("is taken"));
        }
        for name in ["sessions", "_s", "Shop2", &long[..63]] {
            assert!(SqlConfig::default().table(name).check().is_ok());
        }
    }

    #[test]
    fn zero_and_what_overflows_is_refused() {
        let wrong = [
            SqlConfig::default().acquire_timeout(Duration::ZERO),
            SqlConfig::default().acquire_timeout(Duration::MAX),
            SqlConfig::default().sweep_interval(Duration::ZERO),
            SqlConfig::default().sweep_interval(Duration::MAX),
            SqlConfig::default().sweep_batch(0),
            SqlConfig::default().max_readers(0),
            SqlConfig::default().max_connections(0),
        ];
        for config in wrong {
            let line = config.check().unwrap_err().to_string();
            assert!(line.contains("; choose a") && line.contains(" above zero"), "{line}");
        }
    }

    #[test]
    fn s59_debug_shows_no_password() {
        let wrong = [
            "postgres://admin:hunter2@db/shop",
            "postgres://admin:hunter2@db/shop?password=hunter2",
            "postgres://db/shop?password=hunter2@home",
            "postgres://admin:hun?ter2@db/shop",
            "postgres://admin:hun@ter2@db/shop",
            "admin:hunter2@db/shop",
            "hunter2",
        ];
        for url in wrong {
            let printed = format!("{:?}", SqlConfig::new(url));
            assert!(!printed.contains("ter2") && !printed.contains("admin"), "{printed}");
        }
        assert!(format!("{:?}", SqlConfig::new("sqlite:///a/b.db")).contains("sqlite:///a/b.db"));
    }
}
