//! The request's cookies, and those of the response, apart from the session's own.

mod check;
mod error;
mod set_cookie;

use std::collections::HashSet;
use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::SystemTime;

use cookie::Cookie;
use http::Extensions;

use crate::error::SessionError;
use crate::exchange::Exchange;
use crate::handle::SessionHandle;

pub use error::{CookieError, CookieProblem};
pub use set_cookie::SetCookie;

/// More than any browser keeps for a site.
const MOST_CLEARED: usize = 200;

/// The cookies of a request and of its response: an extractor (feature `axum`), or [`SessionHandle::cookies`]. A cheap handle.
///
/// Reading shows what the request brought; what is set goes out with the response, at most one `Set-Cookie` a name, the last
/// call wins. The session's own cookie is not to be seen here, nor can it be set: use [`Session`](crate::Session).
///
/// ```
/// use std::time::Duration;
/// use session_tower::{CookieError, Cookies, SetCookie};
///
/// async fn dark(cookies: Cookies) -> Result<String, CookieError> {
///     let before = cookies.get("theme").unwrap_or_else(|| "light".into());
///     cookies.set(SetCookie::new("theme", "dark").max_age(Duration::from_secs(365 * 24 * 60 * 60)))?;
///     cookies.remove("banner")?;
///     Ok(format!("it was {before}"))
/// }
/// ```
///
/// A response of a handler that read a cookie gets `Vary: Cookie`; one that sets a cookie gets
/// `Cache-Control: no-cache="Set-Cookie"`, and loses `public`.
///
/// [`SessionHandle::cookies`]: crate::SessionHandle::cookies
#[derive(Clone)]
pub struct Cookies(Arc<Exchange>);

impl Cookies {
    pub(crate) fn new(exchange: Arc<Exchange>) -> Self {
        Cookies(exchange)
    }

    /// The cookies of the request that has these extensions.
    ///
    /// # Errors
    /// A 500 that names [`SessionLayer`](crate::SessionLayer), where the request did not pass one.
    pub fn of(extensions: &Extensions) -> Result<Self, SessionError> {
        SessionHandle::of(extensions).map(|handle| handle.cookies())
    }

    /// The value that the request brought under a name, the first of several; without the quotes, if it has some.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.received(name).next().map(unquoted)
    }

    /// The values that the request brought under a name, in their order.
    #[must_use]
    pub fn get_all(&self, name: &str) -> Vec<String> {
        self.received(name).map(unquoted).collect()
    }

    /// As [`get`](Cookies::get), percent-decoded: what [`SetCookie::encoded`] wrote. `None` also where that gives no text.
    #[must_use]
    pub fn get_decoded(&self, name: &str) -> Option<String> {
        let pair = format!("v={}", self.get(name)?);
        Cookie::parse_encoded(pair).ok().map(|cookie| cookie.value().to_owned())
    }

    /// The names that the request brought, each once.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.mark_varying();
        let mut seen = HashSet::new();
        let others = self.0.received.names().filter(|name| !self.is_sessions(name));
        others.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
    }

    /// Sets a cookie (Flask's `response.set_cookie`). What is unset takes the safe default, see [`SetCookie`].
    ///
    /// # Errors
    /// What would break the header, or what a browser would drop; the session's own cookie; a response that is under way.
    pub fn set(&self, cookie: SetCookie) -> Result<(), CookieError> {
        let name = cookie.name().to_owned();
        if self.is_sessions(&name) {
            return Err(CookieError::new(name, CookieProblem::SessionCookie));
        }
        let outgoing = cookie.outgoing(self.is_development())?;
        self.0.send(outgoing).map_err(|problem| CookieError::new(name, problem))
    }

    /// Removes a cookie (Flask's `response.delete_cookie`): empty, `Max-Age=0`, and expired in 1970.
    ///
    /// Browsers know a cookie by its name, domain and path: for one that was set with others than the defaults, set
    /// [`SetCookie::removal`] with the same.
    ///
    /// # Errors
    /// As [`set`](Cookies::set).
    pub fn remove(&self, name: &str) -> Result<(), CookieError> {
        self.set(SetCookie::removal(name))
    }

    /// Lets a cookie expire (Flask's `response.set_cookie(name, '', expires=0)`): empty, and expired in 1970.
    ///
    /// # Errors
    /// As [`set`](Cookies::set).
    pub fn expire(&self, name: &str) -> Result<(), CookieError> {
        self.set(SetCookie::new(name, "").expires(SystemTime::UNIX_EPOCH))
    }

    /// Removes every cookie that the request brought (200 at most, which is more than browsers keep), but the session's own: to
    /// end that, call [`destroy`](session_core::Session::destroy).
    ///
    /// As with [`remove`](Cookies::remove), those that were set for another path or domain stay: a request does not tell.
    ///
    /// # Errors
    /// A response that is under way.
    pub fn clear(&self) -> Result<(), CookieError> {
        for name in self.names().into_iter().take(MOST_CLEARED) {
            let removal = SetCookie::removal(&name).outgoing_as_received(self.is_development());
            removal.and_then(|removal| self.0.send(removal)).map_err(|problem| CookieError::new(name, problem))?;
        }
        Ok(())
    }

    fn received<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.mark_varying();
        let hidden = self.is_sessions(name);
        self.0.received.values(name).filter(move |_| !hidden)
    }

    fn is_sessions(&self, name: &str) -> bool {
        name == self.0.sessions.cookie().name()
    }

    pub(crate) fn is_development(&self) -> bool {
        self.0.sessions.config().development
    }

    #[cfg(feature = "csrf")]
    pub(crate) fn exchange(&self) -> &Exchange {
        &self.0
    }
}

impl Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookies")
    }
}

fn unquoted(value: &str) -> String {
    Cookie::new("", value).value_trimmed().to_owned()
}
