//! The session's own cookie.

use cookie::{Cookie, CookieBuilder, SameSite as Site, time};
use http::HeaderValue;
use session_core::{CookieAction, SameSite, SessionCookie};

/// The `Set-Cookie` line that an action needs, if any. Name and attributes were checked when the sessions were built, and a
/// token is cookie-octets by its type: no line can be refused.
pub(crate) fn line(rules: &SessionCookie, action: &CookieAction) -> Option<HeaderValue> {
    let cookie = match action {
        CookieAction::None => return None,
        CookieAction::Set { token, max_age: None } => with_attributes(rules, token.expose()),
        CookieAction::Set { token, max_age: Some(age) } => {
            with_attributes(rules, token.expose()).max_age(duration(*age))
        }
        // Browsers remove a cookie only where path, domain and partition are those that it was set with.
        CookieAction::Remove => with_attributes(rules, "").removal(),
    };
    sensitive(&cookie.build())
}

fn with_attributes<'a>(rules: &'a SessionCookie, value: &'a str) -> CookieBuilder<'a> {
    let cookie = Cookie::build((rules.name(), value))
        .path(rules.path())
        .secure(rules.secure())
        .http_only(rules.http_only())
        .same_site(same_site(rules.same_site()))
        .partitioned(rules.partitioned());
    match rules.domain() {
        Some(domain) => cookie.domain(domain),
        None => cookie,
    }
}

/// The cookie as a header's value that does not print, and that HTTP/2 keeps out of its tables.
pub(crate) fn sensitive(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    let mut line = HeaderValue::from_bytes(cookie.to_string().as_bytes()).ok()?;
    line.set_sensitive(true);
    Some(line)
}

pub(crate) fn same_site(site: SameSite) -> Site {
    match site {
        SameSite::Strict => Site::Strict,
        SameSite::Lax => Site::Lax,
        SameSite::None => Site::None,
    }
}

/// A length of time in whole seconds, as far as a cookie can say it.
pub(crate) fn duration(time: std::time::Duration) -> time::Duration {
    time::Duration::try_from(time).unwrap_or(time::Duration::MAX)
}
