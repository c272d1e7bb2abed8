//! Settings from the environment, under Flask's names.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::time::Duration;

use super::{Compatibility, SameSite, SecretKeys, SessionConfig, StoreConfig};
use crate::error::{Error, Result};

/// Environment variables that configure sessions, under the names that Flask and Flask-Session use.
///
/// | variable | sets |
/// |---|---|
/// | `SECRET_KEY`, `SECRET_KEY_FALLBACKS` (comma-separated) | [`SecretKeys`] |
/// | `SESSION_KEY_PREFIX` | [`StoreConfig::prefix`] |
/// | `SESSION_COOKIE_NAME`, `_DOMAIN`, `_PATH`, `_HTTPONLY`, `_SECURE`, `_SAMESITE`, `_PARTITIONED` | [`SessionConfig::cookie`] |
/// | `APPLICATION_ROOT` | in the [Flask modes](crate::Compatibility) the cookie's path, where `SESSION_COOKIE_PATH` is unset |
/// | `PERMANENT_SESSION_LIFETIME` (seconds) | [`SessionConfig::idle`] |
/// | `SESSION_REFRESH_EACH_REQUEST` | [`SessionConfig::refresh`] |
/// | `SESSION_PERMANENT` | [`SessionConfig::permanent`] |
///
/// What is unset or empty keeps this library's default, which is not always Flask's. A value that cannot be read is an error
/// that names the variable.
///
/// ```
/// use session_core::{Environment, SessionConfig};
///
/// let environment = Environment::from_pairs([("SESSION_COOKIE_NAME", "sid"), ("PERMANENT_SESSION_LIFETIME", "1800")]);
/// let config = environment.sessions(SessionConfig::default())?;
/// assert_eq!(config.cookie.name.as_deref(), Some("sid"));
/// assert_eq!(config.idle.as_secs(), 1800);
///
/// let typo = Environment::from_pairs([("SESSION_COOKIE_SECURE", "si")]);
/// let refused = typo.sessions(SessionConfig::default()).unwrap_err();
/// assert_eq!(refused.to_string(), r#"SESSION_COOKIE_SECURE: "si" is neither true nor false; write true or false"#);
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Environment(HashMap<String, String>);

impl Environment {
    /// The process's environment.
    #[must_use]
    pub fn of_process() -> Self {
        Environment(
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect(),
        )
    }

    /// These variables and no others.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Environment(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// `config` with what the environment sets.
    ///
    /// # Errors
    /// [`Error::Config`] for a value that cannot be read, naming the variable.
    pub fn sessions(&self, mut config: SessionConfig) -> Result<SessionConfig> {
        let root = self.text("APPLICATION_ROOT").filter(|_| config.compatibility.is_flask());
        let cookie = &mut config.cookie;
        cookie.name = self.text("SESSION_COOKIE_NAME").or(cookie.name.take());
        cookie.domain = self.text("SESSION_COOKIE_DOMAIN").or(cookie.domain.take());
        cookie.path = self.text("SESSION_COOKIE_PATH").or(cookie.path.take()).or(root);
        cookie.http_only = self.flag("SESSION_COOKIE_HTTPONLY")?.or(cookie.http_only);
        cookie.secure = self.flag("SESSION_COOKIE_SECURE")?.or(cookie.secure);
        cookie.same_site = self.same_site()?.or(cookie.same_site);
        // Flask-Session does not pass it on: two cookies of one name would come of it.
        if config.compatibility != Compatibility::FlaskSession {
            cookie.partitioned = self.flag("SESSION_COOKIE_PARTITIONED")?.unwrap_or(cookie.partitioned);
        }
        config.idle = self.seconds("PERMANENT_SESSION_LIFETIME")?.unwrap_or(config.idle);
        config.refresh = self.flag("SESSION_REFRESH_EACH_REQUEST")?.unwrap_or(config.refresh);
        config.permanent = self.flag("SESSION_PERMANENT")?.unwrap_or(config.permanent);
        Ok(config)
    }

    /// `config` with what the environment sets.
    ///
    /// # Errors
    /// None today; a later variable may have values that cannot be read.
    pub fn store(&self, mut config: StoreConfig) -> Result<StoreConfig> {
        config.prefix = self.text("SESSION_KEY_PREFIX").unwrap_or(config.prefix);
        Ok(config)
    }

    /// The secret keys; `None` where `SECRET_KEY` is not set.
    ///
    /// # Errors
    /// [`Error::Config`] for weak keys, or for fallbacks without a key.
    pub fn secret_keys(&self) -> Result<Option<SecretKeys>> {
        let fallbacks = self.text("SECRET_KEY_FALLBACKS");
        let Some(key) = self.text("SECRET_KEY") else {
            return match fallbacks {
                Some(_) => {
                    Err(Error::config("SECRET_KEY", "not set beside SECRET_KEY_FALLBACKS", "set the key that signs"))
                }
                None => Ok(None),
            };
        };
        let fallbacks = fallbacks.unwrap_or_default();
        let list = fallbacks.split(',').map(str::trim).filter(|key| !key.is_empty());
        SecretKeys::with_fallbacks(key, list).map(Some)
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Whether a variable is set to nothing.
    ///
    /// ```
    /// let environment = session_core::Environment::from_pairs([("SESSION_KEY_PREFIX", "")]);
    /// assert!(environment.is_empty("SESSION_KEY_PREFIX") && !environment.is_empty("SECRET_KEY"));
    /// ```
    #[must_use]
    pub fn is_empty(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(String::is_empty)
    }

    /// A variable that is true or false.
    ///
    /// # Errors
    /// [`Error::Config`] for any other word, naming the variable.
    pub fn flag(&self, name: &'static str) -> Result<Option<bool>> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(Some(true)),
            "false" | "0" | "no" | "off" => Ok(Some(false)),
            _ => Err(Error::config(name, format!("{value:?} is neither true nor false"), "write true or false")),
        }
    }

    fn seconds(&self, name: &'static str) -> Result<Option<Duration>> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match value.parse() {
            Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
            Err(_) => Err(Error::config(
                name,
                format!("{value:?} is no number of seconds"),
                "write whole seconds, such as 1800",
            )),
        }
    }

    fn same_site(&self) -> Result<Option<SameSite>> {
        const NAME: &str = "SESSION_COOKIE_SAMESITE";
        let Some(value) = self.text(NAME) else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "strict" => Ok(Some(SameSite::Strict)),
            "lax" => Ok(Some(SameSite::Lax)),
            "none" => Ok(Some(SameSite::None)),
            _ => Err(Error::config(NAME, format!("{value:?} is unknown"), "write Strict, Lax or None")),
        }
    }
}

impl Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables, redacted)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flask_name_is_read() {
        let environment = Environment::from_pairs([
            ("SESSION_COOKIE_NAME", "sid"),
            ("SESSION_COOKIE_DOMAIN", "example.org"),
            ("SESSION_COOKIE_PATH", "/app"),
            ("SESSION_COOKIE_HTTPONLY", "False"),
            ("SESSION_COOKIE_SECURE", "True"),
            ("SESSION_COOKIE_SAMESITE", "strict"),
            ("SESSION_COOKIE_PARTITIONED", "1"),
            ("PERMANENT_SESSION_LIFETIME", "60"),
            ("SESSION_REFRESH_EACH_REQUEST", "off"),
            ("SESSION_PERMANENT", "yes"),
            ("SESSION_KEY_PREFIX", "shop:"),
        ]);
        let config = environment.sessions(SessionConfig::default()).unwrap();
        assert_eq!(config.cookie.name.as_deref(), Some("sid"));
        assert_eq!(config.cookie.domain.as_deref(), Some("example.org"));
        assert_eq!(config.cookie.path.as_deref(), Some("/app"));
        assert_eq!((config.cookie.http_only, config.cookie.secure), (Some(false), Some(true)));
        assert_eq!((config.cookie.same_site, config.cookie.partitioned), (Some(SameSite::Strict), true));
        assert_eq!((config.idle.as_secs(), config.refresh, config.permanent), (60, false, true));
        assert_eq!(environment.store(StoreConfig::default()).unwrap().prefix, "shop:");
        let root = Environment::from_pairs([("APPLICATION_ROOT", "/sub"), ("SESSION_COOKIE_PATH", "")]);
        assert_eq!(root.sessions(SessionConfig::flask()).unwrap().cookie.path.as_deref(), Some("/sub"));
        assert_eq!(root.sessions(SessionConfig::default()).unwrap().cookie.path, None);
        let unset = Environment::from_pairs([("SESSION_COOKIE_NAME", "")]);
        assert_eq!(unset.sessions(SessionConfig::default()).unwrap(), SessionConfig::default());
    }

    #[test]
    fn what_cannot_be_read_names_the_variable() {
        for (name, value) in [
            ("SESSION_COOKIE_HTTPONLY", "maybe"),
            ("SESSION_COOKIE_SAMESITE", "loose"),
            ("PERMANENT_SESSION_LIFETIME", "31 days"),
            ("PERMANENT_SESSION_LIFETIME", "-5"),
        ] {
            let refused = Environment::from_pairs([(name, value)]).sessions(SessionConfig::default());
            assert!(refused.unwrap_err().to_string().starts_with(name));
        }
    }

    #[test]
    fn s68_no_key_is_no_key() {
        let keys = |pairs: &[(&str, &str)]| Environment::from_pairs(pairs.iter().copied()).secret_keys();
        assert!(keys(&[]).unwrap().is_none());
        let (new, old) = ("the key that signs today: 32 bytes+", "the key that signed before: 32 bytes");
        assert!(keys(&[("SECRET_KEY_FALLBACKS", old)]).is_err());
        let both = keys(&[("SECRET_KEY", new), ("SECRET_KEY_FALLBACKS", &format!("{old}, "))]).unwrap().unwrap();
        assert_eq!(both.derive("x").len(), 2);
    }
}
