//! The configuration of a service that shares its sessions with a Flask application.

use session_core::{Codec, Environment, Error, Result, SessionConfig, StoreConfig};

use crate::layout::FlaskLayout;
use crate::sid::SidSigner;

/// Flask-Session's settings from the process's environment; see [`preset_from`].
///
/// # Errors
/// [`Error::Config`] for a value that cannot be read, naming the variable.
///
/// ```
/// let (store, sessions) = session_flask::preset()?;
/// assert!(store.layout.is_some());
/// assert!(sessions.compatibility.is_flask() && sessions.permanent);
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn preset() -> Result<(StoreConfig, SessionConfig)> {
    preset_from(&Environment::of_process())
}

/// Flask-Session's settings under their own names, with its defaults: [`StoreConfig`] with a [`FlaskLayout`], and
/// [`SessionConfig::flask_session`], which sends and refreshes the cookie as Flask-Session does. Flask's cookie is neither `Secure`
/// nor `SameSite` unless that is configured, on both sides alike.
///
/// | variable | default |
/// |---|---|
/// | `SESSION_KEY_PREFIX` | `session:` |
/// | `SESSION_SERIALIZATION_FORMAT` | `msgpack`; or `json` |
/// | `SESSION_USE_SIGNER`, `SECRET_KEY` | no signature; `SECRET_KEY_FALLBACKS` count for nothing, as in Flask-Session |
/// | `SESSION_ID_LENGTH` | 32 bytes |
/// | `PERMANENT_SESSION_LIFETIME` | 31 days, in seconds |
/// | `SESSION_PERMANENT`, `SESSION_REFRESH_EACH_REQUEST` | true |
/// | `SESSION_COOKIE_NAME` and the other `SESSION_COOKIE_…`, `APPLICATION_ROOT` | `session`; `Path=/`, `HttpOnly` |
///
/// # Errors
/// [`Error::Config`] for a value that cannot be read, naming the variable; for a signer without a key.
///
/// ```
/// use session_core::{Codec, Environment, Layout};
///
/// let flask = Environment::from_pairs([("SESSION_SERIALIZATION_FORMAT", "json"), ("SESSION_KEY_PREFIX", "shop:")]);
/// let (store, sessions) = session_flask::preset_from(&flask)?;
/// assert_eq!((store.prefix.as_str(), store.codec), ("shop:", Codec::Json));
/// assert!(sessions.permanent);
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn preset_from(environment: &Environment) -> Result<(StoreConfig, SessionConfig)> {
    Ok((store(environment)?, environment.sessions(SessionConfig::flask_session())?))
}

fn store(environment: &Environment) -> Result<StoreConfig> {
    if environment.is_empty("SESSION_KEY_PREFIX") {
        let problem = "it is empty, and a cookie would then name any key of the database";
        return Err(Error::config("SESSION_KEY_PREFIX", problem, "give both sides one, or leave it unset"));
    }
    let config = environment.store(StoreConfig::default())?.codec(codec(environment)?);
    let mut layout = FlaskLayout::default().prefix(&config.prefix)?.codec(config.codec);
    if let Some(length) = environment.text("SESSION_ID_LENGTH") {
        layout = layout.id_length(bytes(&length)?)?;
    }
    if environment.flag("SESSION_USE_SIGNER")? == Some(true) {
        layout = layout.signer(SidSigner::new(environment.text("SECRET_KEY").unwrap_or_default())?);
    }
    Ok(config.danger_plain_keys().layout(layout))
}

fn codec(environment: &Environment) -> Result<Codec> {
    const NAME: &str = "SESSION_SERIALIZATION_FORMAT";
    match environment.text(NAME).as_deref() {
        None | Some("msgpack") => Ok(Codec::MessagePack),
        Some("json") => Ok(Codec::Json),
        Some(unknown) => Err(Error::config(NAME, format!("{unknown:?} is unknown"), "write msgpack or json")),
    }
}

fn bytes(text: &str) -> Result<usize> {
    let wrong = || Error::config("SESSION_ID_LENGTH", format!("{text:?} is no number"), "write a number of bytes");
    text.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use session_core::{Compatibility, MemoryStore, Sessions};

    use super::*;

    #[test]
    fn flask_variables_configure_store_and_cookie() {
        let environment = Environment::from_pairs([
            ("SESSION_USE_SIGNER", "True"),
            ("SECRET_KEY", "dev"),
            ("SESSION_ID_LENGTH", "24"),
            ("SESSION_COOKIE_NAME", "sid"),
            ("SESSION_COOKIE_SAMESITE", "Strict"),
            ("SESSION_COOKIE_SECURE", "True"),
            ("SESSION_PERMANENT", "False"),
            ("PERMANENT_SESSION_LIFETIME", "3600"),
        ]);
        let (store, sessions) = preset_from(&environment).unwrap();
        let token = store.layout.unwrap().mint().unwrap();
        assert_eq!(token.expose().len(), 32 + 1 + 27, "24 bytes, a dot, a signature");
        assert_eq!((sessions.cookie.name.as_deref(), sessions.cookie.secure), (Some("sid"), Some(true)));
        assert_eq!((sessions.permanent, sessions.idle.as_secs(), sessions.refresh), (false, 3600, true));
    }

    #[test]
    fn flask_defaults_are_flask_sessions() {
        let (store, sessions) = preset_from(&Environment::from_pairs::<&str, &str>([])).unwrap();
        assert_eq!((store.prefix.as_str(), store.codec, store.hash_keys), ("session:", Codec::MessagePack, false));
        assert_eq!(sessions, SessionConfig::flask_session());
        assert_eq!((sessions.idle.as_secs(), sessions.permanent, sessions.refresh), (31 * 86_400, true, true));
        assert_eq!((sessions.absolute, sessions.compatibility), (Duration::MAX, Compatibility::FlaskSession));
        let sessions = Sessions::new(MemoryStore::new(store).unwrap(), sessions).unwrap();
        let cookie = sessions.cookie();
        assert_eq!((cookie.name(), cookie.path(), cookie.http_only()), ("session", "/", true));
        assert_eq!((cookie.secure(), cookie.same_site()), (false, None));
    }

    #[test]
    fn flask_session_passes_no_partitioned_on() {
        let environment = Environment::from_pairs([("SESSION_COOKIE_PARTITIONED", "True")]);
        let (_, sessions) = preset_from(&environment).unwrap();
        assert!(!sessions.cookie.partitioned);
        assert!(environment.sessions(SessionConfig::flask()).unwrap().cookie.partitioned, "Flask's own cookie has it");
    }

    #[test]
    fn flask_variables_that_cannot_be_read_are_named() {
        for (name, value) in [
            ("SESSION_SERIALIZATION_FORMAT", "pickle"),
            ("SESSION_KEY_PREFIX", ""),
            ("SESSION_KEY_PREFIX", "retired:"),
            ("SESSION_KEY_PREFIX", "r"),
            ("SESSION_ID_LENGTH", "8"),
            ("SESSION_ID_LENGTH", "many"),
            ("SESSION_USE_SIGNER", "perhaps"),
            ("PERMANENT_SESSION_LIFETIME", "31 days"),
        ] {
            let refused = preset_from(&Environment::from_pairs([(name, value)])).unwrap_err().to_string();
            assert!(refused.starts_with(name), "{refused}");
        }
        let keyless = preset_from(&Environment::from_pairs([("SESSION_USE_SIGNER", "1")]));
        assert!(keyless.unwrap_err().to_string().starts_with("SECRET_KEY"));
    }
}
