//! Settings from the command line and the environment.

use session_core::{Environment, Error, Result, SecretKeys, SessionConfig, StoreConfig};

use crate::arguments::Arguments;
use crate::development;

/// What the application is built from.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) sessions: SessionConfig,
    pub(crate) store: StoreConfig,
    pub(crate) keys: SecretKeys,
    /// Where sessions are kept.
    pub(crate) url: String,
}

pub(crate) fn from(arguments: &Arguments) -> Result<Settings> {
    let environment = Environment::of_process();
    let development = arguments.is_development();
    let url = match &arguments.store {
        Some(url) => url.clone(),
        None => development::default_store()?,
    };
    Ok(Settings {
        sessions: environment.sessions(base(&url, development))?,
        store: environment.store(StoreConfig::default())?,
        keys: keys(environment.secret_keys()?, development, &url)?,
        url,
    })
}

/// The settings before the environment's: Flask's, where the cookie is.
fn base(url: &str, development: bool) -> SessionConfig {
    let mut base = if is_flasks(url) { SessionConfig::flask() } else { SessionConfig::default() };
    base.development = development;
    base
}

/// Whether sessions live in Flask's own cookie.
fn is_flasks(url: &str) -> bool {
    url.starts_with("cookie+flask:")
}

/// SECRET_KEY; in development, where there is none, one that is kept beside the sessions.
fn keys(configured: Option<SecretKeys>, is_development: bool, url: &str) -> Result<SecretKeys> {
    match configured {
        Some(keys) => Ok(keys),
        // Flask's cookie is signed with Flask's key: one of our own would open nothing.
        None if is_development && !is_flasks(url) => development::keys(url),
        None if is_flasks(url) => Err(Error::config(
            "SECRET_KEY",
            "not set, and Flask's cookie is signed with it",
            "set it to that of the Flask application",
        )),
        None => Err(Error::config(
            "SECRET_KEY",
            "not set, and this is no development mode",
            "make one with: python3 -c 'import secrets; print(secrets.token_hex())'",
        )),
    }
}
