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
    let base = if development { SessionConfig::development() } else { SessionConfig::default() };
    let url = match &arguments.store {
        Some(url) => url.clone(),
        None => development::default_store()?,
    };
    Ok(Settings {
        sessions: environment.sessions(base)?,
        store: environment.store(StoreConfig::default())?,
        keys: keys(environment.secret_keys()?, development, &url)?,
        url,
    })
}

/// SECRET_KEY; in development, where there is none, one that is kept beside the sessions.
fn keys(configured: Option<SecretKeys>, is_development: bool, url: &str) -> Result<SecretKeys> {
    match configured {
        Some(keys) => Ok(keys),
        None if is_development => development::keys(url),
        None => Err(Error::config(
            "SECRET_KEY",
            "not set, and this is no development mode",
            "make one with: python3 -c 'import secrets; print(secrets.token_hex())'",
        )),
    }
}
