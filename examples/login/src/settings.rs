//! Settings from the command line and the environment.

use session_core::{Environment, Error, Result, SecretKeys, SessionConfig, StoreConfig};

use crate::arguments::Arguments;
use crate::development;

/// What the application is built from.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) sessions: SessionConfig,
    pub(crate) keys: SecretKeys,
    /// Where sessions are kept.
    pub(crate) place: Place,
    /// Where those come from that still lie in Flask-Session's store.
    pub(crate) adopted: Option<Place>,
}

/// Where sessions are kept, and how.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) config: StoreConfig,
    /// The database, where that is not the URL's.
    pub(crate) database: Option<String>,
    /// The table or collection, where that is not the default.
    pub(crate) table: Option<String>,
}

pub(crate) fn from(arguments: &Arguments) -> Result<Settings> {
    let environment = Environment::of_process();
    let development = arguments.is_development();
    let url = match &arguments.store {
        Some(url) => url.clone(),
        None => development::default_store()?,
    };
    let keys = keys(environment.secret_keys()?, development, &url)?;
    let native = Place {
        url: url.clone(),
        config: environment.store(StoreConfig::default())?,
        database: None,
        table: arguments.table.clone(),
    };
    if let Some(old) = &arguments.adopt_flask_session {
        let (flask, sessions) = flask(&environment, old, None)?;
        return Ok(Settings { sessions, keys, place: native, adopted: Some(flask) });
    }
    if arguments.flask_session {
        let (place, sessions) = flask(&environment, &url, arguments.table.clone())?;
        return Ok(Settings { sessions, keys, place, adopted: None });
    }
    let sessions = environment.sessions(base(&url, development))?;
    Ok(Settings { sessions, keys, place: native, adopted: None })
}

/// The store that Flask-Session has at this URL, and sessions that behave as its own.
fn flask(environment: &Environment, url: &str, table: Option<String>) -> Result<(Place, SessionConfig)> {
    for unknown in ["SESSION_SQLALCHEMY_SCHEMA", "SESSION_SQLALCHEMY_BIND_KEY"] {
        if environment.text(unknown).is_some() {
            let fix = "name the database in the URL, and a schema by the `search_path` of its user";
            return Err(Error::config(unknown, "the table is looked for where the URL leads", fix));
        }
    }
    let (config, sessions) = session_flask::preset()?;
    let variable = if url.starts_with("mongodb") { "SESSION_MONGODB_COLLECT" } else { "SESSION_SQLALCHEMY_TABLE" };
    let database = environment.text("SESSION_MONGODB_DB");
    let table = table.or(environment.text(variable));
    Ok((Place { url: url.to_owned(), config, database, table }, sessions))
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
