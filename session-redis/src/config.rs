//! What a Redis store needs to know.

use std::fmt;
use std::time::Duration;

use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo};
use serde::Deserialize;
use session_core::{Error, Result, StoreConfig, seconds};

/// How a Redis store keeps sessions: where, and how patiently.
///
/// ```
/// use std::time::Duration;
/// use session_core::StoreConfig;
/// use session_redis::RedisConfig;
///
/// let config = RedisConfig::new("redis://127.0.0.1:6379/1")
///     .response_timeout(Duration::from_millis(300))
///     .store(StoreConfig::default().prefix("shop:"));
/// assert_eq!(config.store.prefix, "shop:");
/// ```
///
/// From a configuration file; times are numbers of seconds:
///
/// ```
/// let text = r#"{ "url": "redis://127.0.0.1/", "response_timeout": 0.3, "store": { "max_payload": 4096 } }"#;
/// let config: session_redis::RedisConfig = serde_json::from_str(text)?;
/// assert_eq!(config.store.max_payload, 4096);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RedisConfig {
    /// Where the server is: `redis://USER:PASSWORD@HOST:6379/DATABASE`, `rediss://…` with TLS (feature `tls`), or
    /// `unix:///PATH`. Default: `redis://127.0.0.1/`.
    pub url: String,
    /// The servers of a cluster, at least one that is up (feature `cluster`); if there are any, `url` is not used. Default: none.
    pub cluster: Vec<String>,
    /// How long connecting may take. Default: 0.5 s.
    #[serde(with = "seconds")]
    pub connect_timeout: Duration,
    /// How long an answer may take. Default: 0.8 s, so that a call and its one repeat fit into a
    /// request. Records of many MiB over a slow line want more.
    #[serde(with = "seconds")]
    pub response_timeout: Duration,
    /// The certificate of the authority that the server's certificate comes from, a PEM file, in place of those that the
    /// operating system trusts. Default: none.
    #[cfg(feature = "tls")]
    pub ca_file: Option<std::path::PathBuf>,
    /// Keys, codec, bounds and time-outs, as for every server-side store.
    pub store: StoreConfig,
}

impl Default for RedisConfig {
    fn default() -> Self {
        RedisConfig {
            url: "redis://127.0.0.1/".into(),
            cluster: Vec::new(),
            connect_timeout: Duration::from_millis(500),
            response_timeout: Duration::from_millis(800),
            #[cfg(feature = "tls")]
            ca_file: None,
            store: StoreConfig::default(),
        }
    }
}

impl RedisConfig {
    /// The default settings for this server.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        RedisConfig { url: url.into(), ..Self::default() }
    }

    /// The default settings for a cluster, of which these are servers.
    #[must_use]
    pub fn cluster<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Self {
        RedisConfig { cluster: urls.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Sets how long connecting may take.
    #[must_use]
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// Sets how long an answer may take.
    #[must_use]
    pub fn response_timeout(mut self, time: Duration) -> Self {
        self.response_timeout = time;
        self
    }

    /// Sets the authority that the server's certificate must come from.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn ca_file(mut self, file: impl Into<std::path::PathBuf>) -> Self {
        self.ca_file = Some(file.into());
        self
    }

    /// Sets keys, codec, bounds and time-outs.
    #[must_use]
    pub fn store(mut self, store: StoreConfig) -> Self {
        self.store = store;
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        let (field, urls) = match self.cluster.is_empty() {
            true => ("url", std::slice::from_ref(&self.url)),
            false => ("cluster", &self.cluster[..]),
        };
        urls.iter().try_for_each(|url| check_url(field, url))?;
        self.check_times()
    }

    pub(crate) fn check_times(&self) -> Result<()> {
        for (field, time) in [("connect_timeout", self.connect_timeout), ("response_timeout", self.response_timeout)] {
            if time.is_zero() {
                return Err(Error::config(field, "zero", "choose a time above zero"));
            }
        }
        Ok(())
    }

    /// The driver's client for one server.
    #[cfg(not(feature = "tls"))]
    pub(crate) fn client(&self, url: &str) -> Result<Client> {
        Client::open(url).map_err(|_| no_url("url"))
    }

    /// The driver's client for one server.
    #[cfg(feature = "tls")]
    pub(crate) fn client(&self, url: &str) -> Result<Client> {
        match crate::tls::certificates(self, url)? {
            Some(certificates) => Client::build_with_tls(url, certificates).map_err(|_| crate::tls::no_certificate()),
            None => Client::open(url).map_err(|_| no_url("url")),
        }
    }

    /// The driver's client for a cluster.
    #[cfg(feature = "cluster")]
    pub(crate) fn cluster_client(&self) -> Result<redis::cluster::ClusterClient> {
        let builder = redis::cluster::ClusterClient::builder(self.cluster.iter().map(String::as_str));
        let builder = crate::cluster::tuned(builder, self);
        #[cfg(feature = "tls")]
        let builder = match crate::tls::certificates(self, &self.cluster[0])? {
            Some(certificates) => builder.certs(certificates),
            None => builder,
        };
        builder.build().map_err(|_| {
            let fix = "give all of them the same kind of URL, user and password, and no database";
            Error::config("cluster", "its URLs do not go together", fix)
        })
    }
}

fn check_url(field: &'static str, url: &str) -> Result<()> {
    let fix = "begin it with redis:// or rediss://";
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(Error::config(field, "it names no server", fix));
    };
    match scheme {
        "redis" | "valkey" | "unix" | "redis+unix" | "valkey+unix" => {}
        "rediss" | "valkeys" if !cfg!(feature = "tls") => {
            let fix = "turn on the feature `tls` of session-redis";
            return Err(Error::config(field, "this build cannot encrypt", fix));
        }
        "rediss" | "valkeys" if rest.contains('#') => {
            let fix = "leave out what follows the #; to trust an authority of your own, name its `ca_file`";
            return Err(Error::config(field, "the server's certificate is always checked", fix));
        }
        "rediss" | "valkeys" => {}
        // What is no word may be a part of a password.
        scheme if scheme.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            return Err(Error::config(field, format!("{scheme}:// is no Redis server"), fix));
        }
        _ => return Err(Error::config(field, "it names no Redis server", fix)),
    }
    parsed(url).map(drop).ok_or_else(|| no_url(field))
}

/// What a URL says; nothing where an `@` stands behind the host, which then is half of a password.
fn parsed(url: &str) -> Option<ConnectionInfo> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    if rest[authority.len()..].contains('@') || authority.matches('@').count() > 1 {
        return None;
    }
    url.into_connection_info().ok()
}

fn no_url(field: &'static str) -> Error {
    let fix =
        "write redis://USER:PASSWORD@HOST:6379/0, with %XX for what is neither letter nor digit in user and password";
    Error::config(field, "it is no URL of a Redis server", fix)
}

/// A URL without user, password and query; nothing of one that cannot be read.
pub(crate) fn redacted(url: &str) -> String {
    match parsed(url).as_ref().map(|info| (info.addr(), info.redis_settings().db())) {
        None => "(no URL)".into(),
        Some((ConnectionAddr::Unix(path), db)) => format!("unix://{}?db={db}", path.display()),
        Some((ConnectionAddr::TcpTls { .. }, _)) => format!("rediss://{}", address(url)),
        Some(_) => format!("redis://{}", address(url)),
    }
}

fn address(url: &str) -> String {
    parsed(url).map(|info| format!("{}/{}", info.addr(), info.redis_settings().db())).unwrap_or_default()
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RedisConfig");
        shown
            .field("url", &redacted(&self.url))
            .field("cluster", &self.cluster.iter().map(|url| redacted(url)).collect::<Vec<_>>())
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout);
        #[cfg(feature = "tls")]
        shown.field("ca_file", &self.ca_file);
        shown.field("store", &self.store).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRONG: [&str; 12] = [
        "postgres://admin:hunter2@db.example/shop",
        "REDIS://admin:hunter2@db.example/0",
        "admin:hunter2@db.example",
        "redis://admin:hun/ter2@db.example/0",
        "redis://admin:hun?ter2@db.example/0",
        "redis://admin:hun#ter2@db.example/0",
        "redis://admin:hun@ter2@db.example/0",
        "redis://admin:6379/hunter2@db.example",
        "redis://:hunter2@/0",
        "redis://admin:hunter2@db.example/shop",
        "hunter2://db.example",
        "",
    ];

    #[test]
    fn s59_a_wrong_url_says_what_to_mend_and_shows_no_password() {
        for url in WRONG {
            let line = RedisConfig::new(url).check().unwrap_err().to_string();
            assert!(line.starts_with("url: ") && line.contains("redis://"), "{line}");
            assert!(!line.contains("ter2") && !line.contains("admin") && !line.contains("example"), "{line}");
            let printed = format!("{:?}", RedisConfig::new(url));
            assert!(!printed.contains("ter2") && !printed.contains("admin"), "{printed}");
        }
        let line = RedisConfig::cluster(["redis://a/", "hunter2"]).check().unwrap_err().to_string();
        assert!(line.starts_with("cluster: ") && !line.contains("hunter2"), "{line}");
    }

    #[test]
    fn s59_a_right_url_shows_where_and_neither_user_nor_password() {
        let secret = ["redis://admin:hunter2@db.example:7000/3", "redis://:hunter2@db.example:7000/3?protocol=resp3"];
        for url in secret {
            let config = RedisConfig::new(url);
            config.check().unwrap();
            let printed = format!("{config:?}");
            assert!(printed.contains("\"redis://db.example:7000/3\"") && !printed.contains("hunter2"), "{printed}");
        }
        assert!(RedisConfig::new("unix:///run/redis.sock").check().is_ok());
        assert!(RedisConfig::default().check().is_ok());
        assert!(RedisConfig::new("redis://[::1]:6379/").check().is_ok());
    }

    #[test]
    fn s58_without_tls_an_encrypted_url_is_refused_and_never_weakened() {
        let encrypted = RedisConfig::new("rediss://db.example/").check();
        assert_eq!(encrypted.is_ok(), cfg!(feature = "tls"));
        assert!(RedisConfig::new("rediss://db.example/#insecure").check().is_err());
    }

    #[test]
    fn a_time_of_zero_is_refused() {
        for config in [
            RedisConfig::default().connect_timeout(Duration::ZERO),
            RedisConfig::default().response_timeout(Duration::ZERO),
        ] {
            assert!(config.check().unwrap_err().to_string().ends_with("choose a time above zero"));
        }
    }
}
