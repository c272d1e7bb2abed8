//! What a MongoDB store needs to know.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use session_core::{Error, Result, Shape, StoreConfig, seconds};

use crate::place::redacted;

/// How a MongoDB store keeps sessions: where, how safely, and how patiently.
///
/// ```
/// use session_mongo::{Durability, MongoConfig};
///
/// let config = MongoConfig::new("mongodb://db1.example,db2.example/shop?replicaSet=rs0")
///     .collection("visitors")
///     .durability(Durability::Majority);
/// assert_eq!(config.collection, "visitors");
/// ```
///
/// From a configuration file; times are numbers of seconds:
///
/// ```
/// let text = r#"{ "url": "mongodb://db.example/", "database": "shop", "server_selection_timeout": 0.5 }"#;
/// let config: session_mongo::MongoConfig = serde_json::from_str(text)?;
/// assert_eq!(config.database.as_deref(), Some("shop"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MongoConfig {
    /// Where the servers are: `mongodb://[USER:PASSWORD@]HOST[:PORT][,…][/DATABASE][?OPTIONS]`, with the driver's options for TLS,
    /// pools and so on; `mongodb+srv://` with the feature `srv`. What it says of write concern and read preference is not used:
    /// [`durability`](MongoConfig::durability) decides the one, and reads go to the primary. Default: `mongodb://127.0.0.1:27017`.
    pub url: String,
    /// The database: letters, digits, `_` and `-`, at most 63. Default: the one in the URL, or else `sessions`; where the layout is
    /// Flask-Session's, `flask_session` whatever the URL says, as there.
    pub database: Option<String>,
    /// The collection: letters, digits and `_ . -`, at most 120. Default: `sessions`.
    pub collection: String,
    /// What a write waits for. Default: [`Durability::Majority`].
    pub durability: Durability,
    /// Whether an index is made, where there is none, by which the server itself removes what has expired, about once a minute.
    /// Default: yes. Without it call [`sweep`](crate::MongoStore::sweep) now and then. Nobody sees an expired session either way.
    pub ttl_index: bool,
    /// Where the layout is Flask-Session's: whether an index on the field `id` is made beside the first new session. Flask-Session
    /// makes none: without it the server reads the whole collection for every request, Flask's too. Default: no, since the
    /// collection is Flask's.
    pub flask_id_index: bool,
    /// How long a call may look for a server that can answer, unless the URL has `serverSelectionTimeoutMS`. Default: 0.8 s, well
    /// within the store's `call_timeout`, so that the error tells what is wrong with the servers.
    #[serde(with = "seconds")]
    pub server_selection_timeout: Duration,
    /// How long opening a connection may take, unless the URL has `connectTimeoutMS`. Default: 1 s.
    #[serde(with = "seconds")]
    pub connect_timeout: Duration,
    /// Keys, codec, bounds and time-outs, as for every server-side store.
    pub store: StoreConfig,
}

/// What a write waits for, and so what a crash can take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Durability {
    /// The write is in the journals of most members of the replica set (of the one server, where there is but one): neither a
    /// killed server nor a failover takes it back. While most members are away, writes are refused.
    #[default]
    Majority,
    /// The write is in the primary's journal. It outlives that server's crash; a failover may take it back, a logout among it.
    Journal,
    /// The write is in the primary's memory. A crash may take what was written in the last tenth of a second, a failover more.
    Memory,
}

impl Default for MongoConfig {
    fn default() -> Self {
        MongoConfig {
            url: "mongodb://127.0.0.1:27017".into(),
            database: None,
            collection: "sessions".into(),
            durability: Durability::default(),
            ttl_index: true,
            flask_id_index: false,
            server_selection_timeout: Duration::from_millis(800),
            connect_timeout: Duration::from_secs(1),
            store: StoreConfig::default(),
        }
    }
}

impl MongoConfig {
    /// The default settings for these servers.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        MongoConfig { url: url.into(), ..Self::default() }
    }

    /// Sets the database's name.
    #[must_use]
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into());
        self
    }

    /// Sets the collection's name.
    #[must_use]
    pub fn collection(mut self, name: impl Into<String>) -> Self {
        self.collection = name.into();
        self
    }

    /// Sets what a write waits for.
    #[must_use]
    pub fn durability(self, durability: Durability) -> Self {
        MongoConfig { durability, ..self }
    }

    /// Sets whether the index is made by which the server removes what has expired.
    #[must_use]
    pub fn ttl_index(self, ttl_index: bool) -> Self {
        MongoConfig { ttl_index, ..self }
    }

    /// Sets whether an index on Flask-Session's field `id` is made.
    #[must_use]
    pub fn flask_id_index(self, flask_id_index: bool) -> Self {
        MongoConfig { flask_id_index, ..self }
    }

    /// Sets how long a call may look for a server that can answer.
    #[must_use]
    pub fn server_selection_timeout(self, server_selection_timeout: Duration) -> Self {
        MongoConfig { server_selection_timeout, ..self }
    }

    /// Sets how long opening a connection may take.
    #[must_use]
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        MongoConfig { connect_timeout, ..self }
    }

    /// Sets keys, codec, bounds and time-outs.
    #[must_use]
    pub fn store(self, store: StoreConfig) -> Self {
        MongoConfig { store, ..self }
    }

    /// Refuses what cannot be right; what [`StoreConfig`] holds is checked by the store.
    pub(crate) fn check(&self) -> Result<()> {
        let Self { server_selection_timeout, connect_timeout, .. } = self;
        for (field, time) in
            [("server_selection_timeout", server_selection_timeout), ("connect_timeout", connect_timeout)]
        {
            if time.is_zero() {
                return Err(Error::config(field, "zero", "choose a time above zero"));
            }
        }
        check_collection(&self.collection)
    }

    /// Whether the collection is Flask-Session's.
    pub(crate) fn is_flask(&self) -> bool {
        self.store.shape() == Shape::Flask
    }

    /// The database that holds: the configured one, or the default.
    pub(crate) fn database_or(&self, default: Option<&str>) -> Result<String> {
        let default = if self.is_flask() { "flask_session" } else { default.unwrap_or("sessions") };
        let name = self.database.as_deref().unwrap_or(default);
        let ours = !["admin", "local", "config"].contains(&name.to_ascii_lowercase().as_str());
        if ours && (1..=63).contains(&name.len()) && name.bytes().all(|byte| is_word(byte) || byte == b'-') {
            return Ok(name.to_owned());
        }
        let fix = "use at most 63 letters, digits, _ and -, and not admin, local or config";
        Err(Error::config("database", format!("{name:?} is no name for a database of sessions"), fix))
    }
}

fn check_collection(name: &str) -> Result<()> {
    let legal = (1..=120).contains(&name.len())
        && name.bytes().all(|byte| is_word(byte) || b".-".contains(&byte))
        && name.bytes().next().is_some_and(is_word)
        && !name.starts_with("system.");
    if legal {
        return Ok(());
    }
    let fix =
        "begin with a letter, digit or _, then use these and . and -, 120 at most, and not system. at the beginning";
    Err(Error::config("collection", format!("{name:?} is no name for a collection"), fix))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl fmt::Debug for MongoConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoConfig")
            .field("url", &redacted(&self.url))
            .field("database", &self.database)
            .field("collection", &self.collection)
            .field("durability", &self.durability)
            .field("ttl_index", &self.ttl_index)
            .field("flask_id_index", &self.flask_id_index)
            .field("server_selection_timeout", &self.server_selection_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("store", &self.store)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s54_names_are_letters_digits_and_little_else() {
        let long = "x".repeat(121);
        for name in ["", "$cmd", "a b", "a$b", "a\0b", "system.users", ".a", "-a", "naïve", "a/b", &long] {
            let refused = MongoConfig::default().collection(name).check().unwrap_err().to_string();
            assert!(refused.starts_with("collection: "), "{refused}");
        }
        for name in ["", "a.b", "a b", "$x", "a/b", "a\0", "admin", "Local", "config", "naïve", &long[..64]] {
            let refused = MongoConfig::default().database(name).database_or(None).unwrap_err().to_string();
            assert!(refused.starts_with("database: "), "{refused}");
        }
        assert!(MongoConfig::default().collection("shop.visitors-2").check().is_ok());
    }

    #[test]
    fn the_database_is_the_configured_one_or_the_urls() {
        let name = |config: MongoConfig, url| config.database_or(url).unwrap();
        assert_eq!(name(MongoConfig::default(), None), "sessions");
        assert_eq!(name(MongoConfig::default(), Some("shop")), "shop");
        assert_eq!(name(MongoConfig::default().database("other"), Some("shop")), "other");
        assert!(MongoConfig::default().database_or(Some("a b")).is_err());
    }

    #[test]
    fn zero_is_no_time_out() {
        let zero = Duration::ZERO;
        let wrong =
            [MongoConfig::default().server_selection_timeout(zero), MongoConfig::default().connect_timeout(zero)];
        for config in wrong {
            assert!(config.check().unwrap_err().to_string().contains(": zero; choose"));
        }
    }
}
