//! A store from its URL.

use session_core::{Error, MemoryStore, Result, SessionStore};

use crate::settings::Settings;

const KNOWN: &str = "use memory:";

/// Opens the store that `url` names.
pub(crate) async fn open(url: &str, settings: &Settings) -> Result<Box<dyn SessionStore>> {
    let (scheme, _) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "memory" => Ok(Box::new(MemoryStore::new(settings.store.clone())?)),
        _ => Err(Error::config("--store", format!("no store has the scheme {scheme:?}"), KNOWN)),
    }
}
