//! The session's own cookie.

use std::time::Duration;

use cookie::time::{self, OffsetDateTime};
use cookie::{Cookie, SameSite as Site};
use http::HeaderValue;
use session_core::{CookieAction, SameSite, SessionCookie, Timestamp};

/// 9999-12-31T23:59:59Z, the last second that a cookie's date can say.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

/// Room for most attributes.
const ATTRIBUTES: usize = 128;

/// The `Set-Cookie` line that an action needs, if any. Name and attributes were checked when the sessions were built, and a
/// token is cookie-octets by its type: no line can be refused.
pub(crate) fn line(rules: &SessionCookie, action: &CookieAction) -> Option<HeaderValue> {
    let text = match action {
        CookieAction::None => return None,
        CookieAction::Set { token, max_age, expires } => text(rules, token.expose(), *expires, *max_age),
        // Browsers remove a cookie only where path, domain and partition are those that it was set with.
        CookieAction::Remove => text(rules, "", Some(Timestamp::default()), Some(Duration::ZERO)),
    };
    HeaderValue::try_from(text).ok().map(hidden)
}

/// The line with the attributes in Werkzeug's order, so that a Flask application and this one send the same text.
fn text(rules: &SessionCookie, value: &str, expires: Option<Timestamp>, max_age: Option<Duration>) -> String {
    let mut line = String::with_capacity(rules.name().len() + value.len() + ATTRIBUTES);
    line.extend([rules.name(), "=", value]);
    let mut add = |attribute: &str, value: &str| line.extend(["; ", attribute, value]);
    if let Some(domain) = rules.domain() {
        add("Domain=", domain);
    }
    if let Some(moment) = expires {
        add("Expires=", &http_date(moment));
    }
    if let Some(age) = max_age {
        add("Max-Age=", &age.as_secs().to_string());
    }
    if rules.secure() {
        add("Secure", "");
    }
    if rules.http_only() {
        add("HttpOnly", "");
    }
    add("Path=", rules.path());
    if let Some(site) = rules.same_site() {
        add("SameSite=", site.as_str());
    }
    if rules.partitioned() {
        add("Partitioned", "");
    }
    line
}

/// The moment as RFC 9110 writes it, such as `Thu, 01 Jan 1970 00:00:00 GMT`; at the latest the end of the year 9999.
fn http_date(moment: Timestamp) -> String {
    let seconds = i64::try_from(moment.as_secs()).unwrap_or(LAST_SECOND).min(LAST_SECOND);
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (weekday, month) = (time.weekday().to_string(), time.month().to_string());
    let (hour, minute, second) = time.to_hms();
    let (day, year) = (time.day(), time.year());
    format!("{weekday:.3}, {day:02} {month:.3} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// The cookie as a header's value that does not print, and that HTTP/2 keeps out of its tables.
pub(crate) fn sensitive(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::try_from(cookie.to_string()).ok().map(hidden)
}

fn hidden(mut line: HeaderValue) -> HeaderValue {
    line.set_sensitive(true);
    line
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

#[cfg(test)]
mod tests;
