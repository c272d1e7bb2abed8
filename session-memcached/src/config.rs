//! What a Memcached store needs to know.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use session_core::{Error, Result, StoreConfig, seconds};

use crate::item::{HEADER, MAX_KEY};

/// What the server itself puts into an item beside key and value, generously.
const ITEM_OVERHEAD: usize = 512;
/// The largest `-I` that memcached takes.
const LARGEST_ITEM: usize = 1 << 30;

/// How a Memcached store keeps sessions: on which servers, over how many connections, and how patiently.
///
/// ```
/// use std::time::Duration;
/// use session_memcached::MemcachedConfig;
///
/// let config = MemcachedConfig::new("memcache://cache1:11211,cache2:11211")
///     .max_connections(32)
///     .answer_timeout(Duration::from_millis(500));
/// assert_eq!(config.max_item_size, 1024 * 1024);
/// ```
///
/// From a configuration file; times are numbers of seconds:
///
/// ```
/// let text = r#"{ "url": "memcache://localhost", "answer_timeout": 0.5, "store": { "prefix": "shop:" } }"#;
/// let config: session_memcached::MemcachedConfig = serde_json::from_str(text)?;
/// assert_eq!(config.store.prefix, "shop:");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MemcachedConfig {
    /// The servers: `memcache://host:port,host:port`. Default: `memcache://127.0.0.1:11211`. With several, each session lies on
    /// one of them, which its key and the servers' names decide: name them alike in every process.
    pub url: String,
    /// How many connections to each server are open at most; who finds none free waits. Default: 16.
    pub max_connections: usize,
    /// How long it may take to connect, or to get a free connection. Default: 1 s.
    #[serde(with = "seconds")]
    pub connect_timeout: Duration,
    /// How long a server may take to answer. Default: 1 s.
    #[serde(with = "seconds")]
    pub answer_timeout: Duration,
    /// The servers' largest item in bytes, memcached's `-I`. Default: 1 MiB, as memcached's.
    ///
    /// Never higher than what every server has: **memcached deletes the old item where the new one is too large.** This store
    /// therefore refuses a record that might be, before anything is sent.
    pub max_item_size: usize,
    /// Keys, codec, bounds and time-outs, as for every server-side store.
    pub store: StoreConfig,
}

impl Default for MemcachedConfig {
    fn default() -> Self {
        MemcachedConfig {
            url: "memcache://127.0.0.1:11211".into(),
            max_connections: 16,
            connect_timeout: Duration::from_secs(1),
            answer_timeout: Duration::from_secs(1),
            max_item_size: 1 << 20,
            store: StoreConfig::default(),
        }
    }
}

impl MemcachedConfig {
    /// The default settings for these servers.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        MemcachedConfig { url: url.into(), ..Self::default() }
    }

    session_core::setters! {
        /// Sets how many connections to each server are open at most.
        max_connections: usize,
        /// Sets how long it may take to connect.
        connect_timeout: Duration,
        /// Sets how long a server may take to answer.
        answer_timeout: Duration,
        /// Sets the servers' largest item; never higher than memcached's `-I`.
        max_item_size: usize,
        /// Sets keys, codec, bounds and time-outs.
        store: StoreConfig,
    }

    /// Refuses what cannot be right; what [`StoreConfig`] holds is checked by the store.
    pub(crate) fn check(&self) -> Result<()> {
        let times = [("connect_timeout", self.connect_timeout), ("answer_timeout", self.answer_timeout)];
        if let Some((field, _)) = times.into_iter().find(|(_, time)| time.is_zero()) {
            return Err(Error::config(field, "zero", "choose a time above zero"));
        }
        if self.max_connections == 0 {
            return Err(Error::config("max_connections", "zero", "choose a number above zero"));
        }
        let least = ITEM_OVERHEAD + MAX_KEY + HEADER + 1;
        if !(least..=LARGEST_ITEM).contains(&self.max_item_size) {
            let fix = format!("choose {least} to {LARGEST_ITEM}, and not more than the servers' -I");
            return Err(Error::config("max_item_size", format!("{} bytes", self.max_item_size), fix));
        }
        Ok(())
    }

    /// The largest value under a key of this length.
    pub(crate) fn max_value(&self, key: usize) -> usize {
        self.max_item_size.saturating_sub(ITEM_OVERHEAD + key)
    }
}

impl fmt::Debug for MemcachedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // There is no user in a right URL; a wrong one is somebody's mistake, and may hold a password.
        let url = if self.url.contains(['@', '?']) { "(redacted)" } else { &self.url };
        f.debug_struct("MemcachedConfig")
            .field("url", &url)
            .field("max_connections", &self.max_connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("answer_timeout", &self.answer_timeout)
            .field("max_item_size", &self.max_item_size)
            .field("store", &self.store)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused() {
        let default = MemcachedConfig::default;
        for (config, line) in [
            (default().connect_timeout(Duration::ZERO), "connect_timeout: zero; choose a time above zero"),
            (default().answer_timeout(Duration::ZERO), "answer_timeout: zero; choose a time above zero"),
            (default().max_connections(0), "max_connections: zero; choose a number above zero"),
            (
                default().max_item_size(700),
                "max_item_size: 700 bytes; choose 788 to 1073741824, and not more than the servers' -I",
            ),
        ] {
            assert_eq!(config.check().unwrap_err().to_string(), line);
        }
        assert!(default().check().is_ok());
        assert_eq!(default().max_value(1), 1_048_063);
    }

    #[test]
    fn s59_debug_shows_no_password() {
        for url in ["memcache://bob:hunter2@h", "memcache://h?password=hunter2"] {
            assert!(!format!("{:?}", MemcachedConfig::new(url)).contains("hunter2"));
        }
        assert!(format!("{:?}", MemcachedConfig::default()).contains("memcache://127.0.0.1:11211"));
    }
}
