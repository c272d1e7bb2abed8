//! What a response does to the visitor's cookie.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::config::{CookieRules, SameSite};
use crate::token::Token;

/// What the response does to the session's cookie.
#[derive(Debug, Clone, Default)]
pub enum CookieAction {
    /// Leave it alone.
    #[default]
    None,
    /// Set it.
    Set {
        /// Its value.
        token: Token,
        /// `Max-Age`: the remaining absolute life, for a session that outlives the browser; otherwise none.
        max_age: Option<Duration>,
        /// `Expires`, which the Flask modes write instead of `Max-Age`.
        expires: Option<Timestamp>,
    },
    /// Remove it.
    Remove,
}

/// The session cookie's name and attributes, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookie(CookieRules);

impl SessionCookie {
    pub(crate) fn new(rules: CookieRules) -> Self {
        SessionCookie(rules)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// `Domain`, if any.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// `Path`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// `Secure`.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.0.secure
    }

    /// `HttpOnly`.
    #[must_use]
    pub fn http_only(&self) -> bool {
        self.0.http_only
    }

    /// `SameSite`; none only in the [Flask modes](crate::Compatibility), which leave it out unless it is configured.
    #[must_use]
    pub fn same_site(&self) -> Option<SameSite> {
        self.0.same_site
    }

    /// `Partitioned`.
    #[must_use]
    pub fn partitioned(&self) -> bool {
        self.0.partitioned
    }
}
