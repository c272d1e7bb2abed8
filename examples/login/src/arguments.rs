//! The command line.

use clap::Parser;

/// The tutorial's login page. Settings under Flask's names come from the environment: SECRET_KEY, SESSION_COOKIE_NAME,
/// PERMANENT_SESSION_LIFETIME and the others that the README lists.
#[derive(Debug, Parser)]
#[command(name = "login", version)]
pub(crate) struct Arguments {
    /// Where to listen. Port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:5000", value_name = "ADDR")]
    pub(crate) listen: String,

    /// Where sessions are kept: `sqlite://FILE`, `postgres://USER:PASSWORD@HOST/DATABASE`, `mysql://USER:PASSWORD@HOST/DATABASE`,
    /// `redis://HOST` (`rediss://` with TLS), `memcache://HOST:PORT,HOST:PORT`, `mongodb://HOST`, `cookie:` or `cookie+signed:`
    /// (in the visitor's own cookie, sealed by SECRET_KEY), `cookie+flask:` (in the cookie of a Flask application that has the same
    /// SECRET_KEY), or `memory:`. Without it, an SQLite file in the user's data folder.
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,

    /// The table or collection that the sessions are in, where the store has such. Default: `sessions`.
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,

    /// Shares the sessions of a Flask application that uses Flask-Session on --store: its records, its ids, its cookie. Settings
    /// under its names come from the environment: SESSION_SERIALIZATION_FORMAT (`msgpack` or `json`), SESSION_USE_SIGNER,
    /// SESSION_KEY_PREFIX, SESSION_ID_LENGTH, SESSION_PERMANENT, SESSION_COOKIE_…; SESSION_MONGODB_DB, SESSION_MONGODB_COLLECT
    /// and SESSION_SQLALCHEMY_TABLE.
    #[arg(long, requires = "store")]
    pub(crate) flask_session: bool,

    /// The way out of that: sessions live in --store, and those that still lie in Flask-Session's store at this URL move there,
    /// each at its next change, with the id that the visitor has. Settings of that store and of the cookie as for --flask-session.
    #[arg(long, value_name = "URL", requires = "store", conflicts_with = "flask_session")]
    pub(crate) adopt_flask_session: Option<String>,

    /// Waits for the store this long before it listens, and ends with an error then. Without it, the program starts at once, and
    /// pages that need a session are 503 until the store is there.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait_for_store: Option<u64>,

    /// The address that visitors use, if a proxy stands in front: turns development mode off, so that the cookie has Secure and
    /// the `__Host-` prefix.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,

    /// Adds /slow, /put and /keys, which show what concurrent requests do.
    #[arg(long)]
    pub(crate) demo_routes: bool,
}

impl Arguments {
    /// Development mode: on loopback, and no public HTTPS address in front of it.
    pub(crate) fn is_development(&self) -> bool {
        let host = self.listen.rsplit_once(':').map_or(self.listen.as_str(), |(host, _)| host);
        let loopback = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let https = self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
        loopback && !https
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn development(arguments: &[&str]) -> bool {
        Arguments::parse_from([&["login"], arguments].concat()).is_development()
    }

    #[test]
    fn s10_only_plain_loopback_is_development() {
        assert!(development(&[]));
        assert!(development(&["--listen", "[::1]:80"]));
        assert!(development(&["--listen", "localhost:0"]));
        assert!(!development(&["--listen", "0.0.0.0:5000"]));
        assert!(!development(&["--listen", "example.org:80"]));
        assert!(!development(&["--public-url", "https://example.org"]));
    }
}
