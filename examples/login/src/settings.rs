//! Settings from the command line and the environment.

use session_core::{Environment, Error, Result, SecretKeys, SessionConfig, StoreConfig};

use crate::arguments::Arguments;

/// What the application is built from.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) sessions: SessionConfig,
    pub(crate) store: StoreConfig,
    pub(crate) keys: SecretKeys,
}

pub(crate) fn from(arguments: &Arguments) -> Result<Settings> {
    let environment = Environment::of_process();
    let development = arguments.is_development();
    let base = if development { SessionConfig::development() } else { SessionConfig::default() };
    Ok(Settings {
        sessions: environment.sessions(base)?,
        store: environment.store(StoreConfig::default())?,
        keys: keys(environment.secret_keys()?, development)?,
    })
}

/// SECRET_KEY; in development, where there is none, one that lasts as long as the process.
fn keys(configured: Option<SecretKeys>, development: bool) -> Result<SecretKeys> {
    match configured {
        Some(keys) => Ok(keys),
        None if development => {
            println!("No SECRET_KEY: made one for development, forms that are open now die with this process.");
            SecretKeys::random_for_development()
        }
        None => Err(Error::config(
            "SECRET_KEY",
            "not set, and this is no development mode",
            "make one with: python3 -c 'import secrets; print(secrets.token_hex())'",
        )),
    }
}
