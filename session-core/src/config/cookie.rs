//! The session cookie's name and attributes.

use serde::Deserialize;

use super::Compatibility;
use crate::error::{Error, Result};

/// The `SameSite` attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum SameSite {
    /// Sent only with requests from the same site.
    Strict,
    /// Sent with top-level navigation from other sites too.
    #[default]
    Lax,
    /// Sent with every request; needs `Secure`.
    None,
}

impl SameSite {
    /// The word in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SameSite::Strict => "Strict",
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        }
    }
}

/// The session cookie's name and attributes; what is unset takes the safe default.
///
/// What would make the browser drop the cookie or weaken it is refused by [`Sessions::new`](crate::Sessions::new), with an
/// error that names the field and the fix. In the [Flask modes](Compatibility) what is unset takes Flask's default instead: the
/// name `session`, no `Secure`, no `SameSite`.
///
/// ```
/// use session_core::{MemoryStore, SameSite, SessionConfig, Sessions};
///
/// let mut config = SessionConfig::default();
/// config.cookie = config.cookie.same_site(SameSite::None).secure(false);
/// let refused = Sessions::new(MemoryStore::default(), config).unwrap_err();
/// assert!(refused.to_string().starts_with("SESSION_COOKIE_SECURE"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CookieConfig {
    /// The name. Unset: `__Host-id`, which browsers accept only with `Secure`, `Path=/` and no `Domain`; where a domain or
    /// another path is set, `__Secure-id`; in development `id`.
    pub name: Option<String>,
    /// The domain whose sub-domains get the cookie too. Unset: this host alone.
    pub domain: Option<String>,
    /// The path below which the cookie is sent. Unset: `/`.
    pub path: Option<String>,
    /// Over HTTPS only. Unset: yes; in development no.
    pub secure: Option<bool>,
    /// Out of JavaScript's reach. Unset: yes.
    pub http_only: Option<bool>,
    /// Which requests from other sites carry it. Unset: `Lax`.
    pub same_site: Option<SameSite>,
    /// A jar of its own for each embedding site (CHIPS). Unset: no.
    pub partitioned: bool,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $field:ident: $type:ty),* $(,)?) => {
        $($(#[$doc])* #[must_use] pub fn $field(mut self, $field: $type) -> Self {
            self.$field = Some($field.into());
            self
        })*
    };
}

impl CookieConfig {
    setters! {
        /// Sets the name.
        name: impl Into<String>,
        /// Sets the domain.
        domain: impl Into<String>,
        /// Sets the path.
        path: impl Into<String>,
        /// Sets `Secure`. Off is refused outside development.
        secure: bool,
        /// Sets `HttpOnly`.
        http_only: bool,
        /// Sets `SameSite`.
        same_site: SameSite,
    }

    /// Sets `Partitioned`.
    #[must_use]
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    /// The rules that hold: unset fields filled in, everything checked.
    pub(crate) fn resolve(&self, development: bool, rules: Compatibility) -> Result<CookieRules> {
        let (resolved, may_be_clear) = match rules.is_flask() {
            true => (self.as_flask(), true),
            false => (self.as_native(development), development),
        };
        resolved.check(may_be_clear)?;
        Ok(resolved)
    }

    fn as_native(&self, development: bool) -> CookieRules {
        let path = self.path.clone().unwrap_or_else(|| "/".into());
        let default_name = match (development, &self.domain, path.as_str()) {
            (true, ..) => "id",
            (false, None, "/") => "__Host-id",
            (false, ..) => "__Secure-id",
        };
        CookieRules {
            name: self.name.clone().unwrap_or_else(|| default_name.into()),
            domain: self.domain.clone(),
            path,
            secure: self.secure.unwrap_or(!development),
            http_only: self.http_only.unwrap_or(true),
            same_site: Some(self.same_site.unwrap_or_default()),
            partitioned: self.partitioned,
        }
    }

    /// Flask's defaults; domain and path in the form in which Werkzeug writes them.
    fn as_flask(&self) -> CookieRules {
        CookieRules {
            name: self.name.clone().unwrap_or_else(|| "session".into()),
            domain: self.domain.as_deref().map(werkzeug_domain),
            path: werkzeug_path(self.path.as_deref().unwrap_or("/")),
            secure: self.secure.unwrap_or(false) || self.partitioned,
            http_only: self.http_only.unwrap_or(true),
            same_site: self.same_site,
            partitioned: self.partitioned,
        }
    }
}

/// The attributes of every session cookie that is sent, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CookieRules {
    pub(crate) name: String,
    pub(crate) domain: Option<String>,
    pub(crate) path: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) partitioned: bool,
}

fn refuse(field: &'static str, problem: impl Into<String>, fix: &'static str) -> Result<()> {
    Err(Error::config(field, problem.into(), fix))
}

impl CookieRules {
    fn check(&self, may_be_clear: bool) -> Result<()> {
        self.check_texts()?;
        self.check_secure(may_be_clear)?;
        self.check_prefix()
    }

    fn check_texts(&self) -> Result<()> {
        if self.name.is_empty() || !self.name.bytes().all(is_token_byte) {
            return refuse(
                "SESSION_COOKIE_NAME",
                format!("{:?} is no cookie name", self.name),
                "use letters, digits, '-', '_' or '.'",
            );
        }
        if self.name.len() > 256 {
            return refuse("SESSION_COOKIE_NAME", "longer than 256 bytes", "choose a short name");
        }
        if !self.path.starts_with('/') || !is_attribute_text(&self.path) {
            return refuse(
                "SESSION_COOKIE_PATH",
                format!("{:?} is no cookie path", self.path),
                "begin it with '/' and use printable ASCII without ';'",
            );
        }
        match &self.domain {
            Some(domain) if !is_domain(domain) => refuse(
                "SESSION_COOKIE_DOMAIN",
                format!("{domain:?} is no domain"),
                "use a host name such as example.org, without scheme or port",
            ),
            _ => Ok(()),
        }
    }

    fn check_secure(&self, may_be_clear: bool) -> Result<()> {
        let needs_secure = self.same_site == Some(SameSite::None) || self.partitioned;
        if !self.secure && needs_secure {
            return refuse(
                "SESSION_COOKIE_SECURE",
                "SameSite=None and Partitioned need Secure, browsers drop the cookie without it",
                "set it to true",
            );
        }
        if !self.secure && !may_be_clear {
            return refuse(
                "SESSION_COOKIE_SECURE",
                "off outside development: the cookie would travel in clear text",
                "leave it unset, or build the configuration with SessionConfig::development() on plain http://localhost",
            );
        }
        Ok(())
    }

    /// RFC 6265bis, section 4.1.3; browsers compare the prefixes without case.
    fn check_prefix(&self) -> Result<()> {
        let name = self.name.to_ascii_lowercase();
        let (host, secure) = (name.starts_with("__host-"), name.starts_with("__secure-"));
        if (host || secure) && !self.secure {
            return refuse(
                "SESSION_COOKIE_NAME",
                format!("{:?} needs Secure, browsers drop the cookie without it", self.name),
                "set SESSION_COOKIE_SECURE to true or choose a name without the prefix",
            );
        }
        if host && (self.domain.is_some() || self.path != "/") {
            return refuse(
                "SESSION_COOKIE_NAME",
                format!("{:?} allows no Domain and no Path but '/'", self.name),
                "leave SESSION_COOKIE_DOMAIN and SESSION_COOKIE_PATH unset, or use a name with __Secure-",
            );
        }
        Ok(())
    }
}

/// RFC 9110 token characters.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_attribute_text(text: &str) -> bool {
    text.len() <= 1024 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b';')
}

fn is_domain(domain: &str) -> bool {
    let labels = domain.strip_prefix('.').unwrap_or(domain);
    let plain = labels.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    plain && labels.len() <= 253 && labels.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// Without port and leading dots.
fn werkzeug_domain(domain: &str) -> String {
    let host = domain.split_once(':').map_or(domain, |(host, _)| host);
    host.trim_start_matches('.').to_owned()
}

/// Percent-encoded but for what Werkzeug leaves alone.
fn werkzeug_path(path: &str) -> String {
    let mut quoted = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte.is_ascii_alphanumeric() || b"_.-~%!$&'()*+,/:=@".contains(&byte) {
            true => quoted.push(char::from(byte)),
            false => quoted.push_str(&format!("%{byte:02X}")),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Compatibility::{Flask, FlaskSession, Native};

    fn refused(config: &CookieConfig, development: bool) -> String {
        config.resolve(development, Native).unwrap_err().to_string()
    }

    #[test]
    fn s08_the_defaults_are_the_safe_ones() {
        let rules = CookieConfig::default().resolve(false, Native).unwrap();
        assert_eq!((rules.name.as_str(), rules.path.as_str(), rules.domain), ("__Host-id", "/", None));
        assert!(rules.secure && rules.http_only && !rules.partitioned);
        assert_eq!(rules.same_site, Some(SameSite::Lax));
        let domain = CookieConfig::default().domain("example.org").resolve(false, Native).unwrap();
        assert_eq!(domain.name, "__Secure-id");
    }

    #[test]
    fn s10_development_drops_secure_and_the_prefix() {
        let rules = CookieConfig::default().resolve(true, Native).unwrap();
        assert_eq!((rules.name.as_str(), rules.secure), ("id", false));
        assert!(CookieConfig::default().secure(true).resolve(true, Native).unwrap().secure);
    }

    #[test]
    fn s09_what_a_browser_would_drop_is_refused_and_named() {
        let new = CookieConfig::default;
        for (config, field) in [
            (new().name("__Host-id").secure(false), "SESSION_COOKIE_SECURE"),
            (new().name("__Host-id").domain("example.org"), "SESSION_COOKIE_NAME"),
            (new().name("__hOSt-id").path("/app"), "SESSION_COOKIE_NAME"),
            (new().secure(false), "SESSION_COOKIE_SECURE"),
            (new().same_site(SameSite::None).secure(false), "SESSION_COOKIE_SECURE"),
            (new().partitioned(true).secure(false), "SESSION_COOKIE_SECURE"),
            (new().name(""), "SESSION_COOKIE_NAME"),
            (new().name("a b"), "SESSION_COOKIE_NAME"),
            (new().name("a;b"), "SESSION_COOKIE_NAME"),
            (new().name("naïve"), "SESSION_COOKIE_NAME"),
            (new().path("/a;b"), "SESSION_COOKIE_PATH"),
            (new().path("/a\r\nb"), "SESSION_COOKIE_PATH"),
            (new().path("app"), "SESSION_COOKIE_PATH"),
            (new().domain("exa;mple"), "SESSION_COOKIE_DOMAIN"),
            (new().domain("https://example.org"), "SESSION_COOKIE_DOMAIN"),
            (new().domain(""), "SESSION_COOKIE_DOMAIN"),
        ] {
            assert!(refused(&config, false).starts_with(field), "{config:?}: {}", refused(&config, false));
        }
        for config in [new().name("__Secure-id"), new().same_site(SameSite::None), new().partitioned(true)] {
            assert!(!refused(&config, true).is_empty(), "not even in development");
        }
    }

    #[test]
    fn flasks_defaults_are_flasks_and_what_browsers_drop_is_refused_there_too() {
        for mode in [Flask, FlaskSession] {
            let rules = CookieConfig::default().resolve(false, mode).unwrap();
            assert_eq!((rules.name.as_str(), rules.path.as_str(), rules.domain), ("session", "/", None));
            assert_eq!((rules.secure, rules.http_only, rules.same_site, rules.partitioned), (false, true, None, false));
        }
        let new = CookieConfig::default;
        let written =
            new().domain("..example.org:8000").path("/a;b é").partitioned(true).resolve(false, Flask).unwrap();
        assert_eq!((written.domain.as_deref(), written.path.as_str()), (Some("example.org"), "/a%3Bb%20%C3%A9"));
        assert!(written.secure, "Partitioned implies Secure");
        for config in [new().same_site(SameSite::None), new().name("__Host-id"), new().name("a b"), new().path("app")] {
            assert!(config.resolve(false, Flask).is_err(), "{config:?}");
        }
    }
}
