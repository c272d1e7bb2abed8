//! A cookie that cannot be set.

use std::fmt;

/// What is wrong with a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieProblem {
    /// The name is no token (RFC 6265).
    Name,
    /// The value has a byte that a cookie cannot hold: a blank, a quote, `,`, `;`, `\`, a control or non-ASCII character.
    Value,
    /// `Domain` is no host name.
    Domain,
    /// `Path` does not begin with `/`, or has a control or non-ASCII character or a `;`.
    Path,
    /// `SameSite=None`, `Partitioned`, or a prefix needs `Secure`.
    NeedsSecure,
    /// `__Host-` with a `Domain`, or a `Path` other than `/`.
    HostPrefix,
    /// Name and value have more than 4096 bytes.
    TooLarge,
    /// It is the session's own cookie.
    SessionCookie,
    /// The response's head has been sent.
    HeadSent,
}

impl CookieProblem {
    /// The problem in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            CookieProblem::Name => "the name is no cookie name",
            CookieProblem::Value => "the value has characters that a cookie cannot hold",
            CookieProblem::Domain => "the domain is no host name",
            CookieProblem::Path => "the path is no cookie path",
            CookieProblem::NeedsSecure => "SameSite=None, Partitioned and the prefixes need Secure",
            CookieProblem::HostPrefix => "__Host- allows no Domain and no Path but /",
            CookieProblem::TooLarge => "name and value have more than 4096 bytes, browsers drop the cookie",
            CookieProblem::SessionCookie => "it is the session's own",
            CookieProblem::HeadSent => "the response's head has been sent",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        match self {
            CookieProblem::Name => "use letters, digits, '-', '_' or '.'",
            CookieProblem::Value => "write it with SetCookie::encoded and read it with Cookies::get_decoded",
            CookieProblem::Domain => "use a host name such as example.org, without scheme or port",
            CookieProblem::Path => "begin it with '/' and use printable ASCII without ';'",
            CookieProblem::NeedsSecure => "leave it unset or set it to true",
            CookieProblem::HostPrefix => "leave both unset, or choose a name without the prefix",
            CookieProblem::TooLarge => "keep it in the session",
            CookieProblem::SessionCookie => "use Session: set, rotate, destroy",
            CookieProblem::HeadSent => "set cookies before the handler returns",
        }
    }
}

/// A cookie that was not set, and why. With the feature `axum` it is a response (500): the mistake is the application's.
///
/// It holds the name, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieError {
    name: String,
    problem: CookieProblem,
}

impl CookieError {
    pub(crate) fn new(name: impl Into<String>, problem: CookieProblem) -> Self {
        CookieError { name: name.into(), problem }
    }

    /// The cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> CookieProblem {
        self.problem
    }
}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cookie {:?}: {}; {}", self.name, self.problem.as_str(), self.problem.fix())
    }
}

impl std::error::Error for CookieError {}
