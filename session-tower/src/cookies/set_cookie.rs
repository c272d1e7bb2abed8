//! A cookie for the response.

use std::fmt::{self, Debug};
use std::time::{Duration, SystemTime};

use cookie::Cookie;
use cookie::time::OffsetDateTime;
use session_core::SameSite;

use super::check::{check, needs_secure};
use super::{CookieError, CookieProblem};
use crate::exchange::Outgoing;
use crate::session_cookie::{LAST_SECOND, duration, same_site, sensitive};

/// A cookie to set, with Flask's attributes. What is unset takes the safe default: `Path=/`, `HttpOnly`, `SameSite=Lax`, and
/// `Secure` but in [development](session_core::SessionConfig::development).
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use session_tower::{SameSite, SetCookie};
///
/// let minimal = SetCookie::new("theme", "dark");
/// let full = SetCookie::new("theme", "dark")
///     .max_age(Duration::from_secs(3600))
///     .expires(SystemTime::now() + Duration::from_secs(3600))
///     .domain("example.org")
///     .path("/shop")
///     .secure(true)
///     .http_only(false)                       // for a script to read
///     .same_site(SameSite::None)
///     .partitioned(true);
/// let spaces = SetCookie::encoded("greeting", "schönen Tag; bis morgen");
/// let gone = SetCookie::removal("theme").domain("example.org").path("/shop");
/// ```
#[derive(Clone)]
#[must_use = "hand it to `Cookies::set`"]
pub struct SetCookie(Cookie<'static>);

impl SetCookie {
    /// A cookie whose value is written as it is: letters, digits and ASCII signs other than blank, `"`, `,`, `;` and `\`.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        SetCookie(Cookie::new(name.into(), value.into()))
    }

    /// A cookie whose value may be any text: it is percent-encoded, as JavaScript's `encodeURIComponent` would do.
    pub fn encoded(name: impl Into<String>, value: impl AsRef<str>) -> Self {
        let pair = Cookie::new("v", value.as_ref()).encoded().stripped().to_string();
        SetCookie::new(name, &pair["v=".len()..])
    }

    /// What removes a cookie: empty, `Max-Age=0`, expired in 1970. Give it the domain and the path that the cookie was set with.
    pub fn removal(name: impl Into<String>) -> Self {
        SetCookie::new(name, "").max_age(Duration::ZERO).expires(SystemTime::UNIX_EPOCH)
    }

    /// How long the browser keeps it. Where neither this nor `expires` is set: until the browser is closed.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.0.set_max_age(duration(age));
        self
    }

    /// Until when the browser keeps it; `max_age` wins, where both are set.
    pub fn expires(mut self, moment: SystemTime) -> Self {
        let seconds = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let seconds = i64::try_from(seconds).unwrap_or(LAST_SECOND).min(LAST_SECOND);
        self.0.set_expires(OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH));
        self
    }

    /// The domain whose sub-domains get it too. Unset: this host alone.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.0.set_domain(domain.into());
        self
    }

    /// The path below which it is sent. Unset: `/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.0.set_path(path.into());
        self
    }

    /// Over HTTPS only. Unset: yes; in development only where another attribute needs it.
    pub fn secure(mut self, secure: bool) -> Self {
        self.0.set_secure(secure);
        self
    }

    /// Out of JavaScript's reach. Unset: yes.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.0.set_http_only(http_only);
        self
    }

    /// Which requests from other sites carry it. Unset: `Lax`.
    pub fn same_site(mut self, site: SameSite) -> Self {
        self.0.set_same_site(same_site(site));
        self
    }

    /// A jar of its own for each embedding site. Unset: no.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.0.set_partitioned(partitioned);
        self
    }

    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    /// The line that is sent, with the defaults filled in, checked.
    pub(crate) fn outgoing(mut self, development: bool) -> Result<Outgoing, CookieError> {
        self.fill_in(development);
        let checked = check(&self.0).and_then(|()| self.line());
        checked.map_err(|problem| CookieError::new(self.name(), problem))
    }

    /// The same for a name that came in a `Cookie` header, and so can stand in a header though it is no token.
    pub(crate) fn outgoing_as_received(mut self, development: bool) -> Result<Outgoing, CookieProblem> {
        self.fill_in(development);
        self.line()
    }

    fn line(&self) -> Result<Outgoing, CookieProblem> {
        let line = sensitive(&self.0).ok_or(CookieProblem::Value)?;
        Ok(Outgoing { name: self.name().to_owned(), line })
    }

    fn fill_in(&mut self, development: bool) {
        let cookie = &mut self.0;
        if cookie.path().is_none() {
            cookie.set_path("/");
        }
        if cookie.secure().is_none() {
            cookie.set_secure(!development || needs_secure(cookie));
        }
        if cookie.http_only().is_none() {
            cookie.set_http_only(true);
        }
        if cookie.same_site().is_none() {
            cookie.set_same_site(cookie::SameSite::Lax);
        }
    }
}

impl Debug for SetCookie {
    /// Prints no value: it may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie").field("name", &self.name()).finish_non_exhaustive()
    }
}
