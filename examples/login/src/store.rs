//! A store from its URL.

use session_core::{Error, MemoryStore, Result, SessionStore};
use session_sql::{SqlConfig, SqlStore};

use crate::settings::Settings;

const KNOWN: &str = "use memory: or sqlite://FILE";

/// Opens the store that the settings name.
pub(crate) async fn open(settings: &Settings) -> Result<Box<dyn SessionStore>> {
    let (scheme, _) = settings.url.split_once(':').unwrap_or((&settings.url, ""));
    let config = settings.store.clone();
    match scheme {
        "memory" => Ok(Box::new(MemoryStore::new(config)?)),
        "sqlite" => Ok(Box::new(SqlStore::connect_with(SqlConfig::new(&settings.url).store(config)).await?)),
        _ => Err(Error::config("--store", format!("no store has the scheme {scheme:?}"), KNOWN)),
    }
}
