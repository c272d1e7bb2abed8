//! Keeping caches from giving one visitor's page, or cookie, to another.

use http::header::{CACHE_CONTROL, Entry, HeaderName, VARY};
use http::{HeaderMap, HeaderValue};

use crate::log;

/// What a response must tell caches.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Caching {
    /// It depends on the request's cookies.
    pub(crate) varies: bool,
    /// It is meant for one visitor alone.
    pub(crate) private: bool,
    /// It sets a cookie of ours.
    pub(crate) sets_cookie: bool,
}

const NO_COOKIE: &str = r#"no-cache="Set-Cookie""#;

impl Caching {
    pub(crate) fn apply(self, headers: &mut HeaderMap) {
        if self.varies {
            vary_by_cookie(headers);
        }
        if self.private || self.sets_cookie {
            self.control(headers);
        }
    }

    /// Keeps what the application said where it is stricter.
    fn control(self, headers: &mut HeaderMap) {
        if let Entry::Vacant(free) = headers.entry(CACHE_CONTROL) {
            free.insert(self.alone());
            return;
        }
        let said = joined(headers, CACHE_CONTROL);
        let mut directives = split(&said);
        if directives.iter().any(|said| is(said, "no-store")) {
            return;
        }
        let before = directives.len();
        directives.retain(|said| !is(said, "public") && !name(said).eq_ignore_ascii_case("s-maxage"));
        let refused = directives.len() < before;
        if refused {
            log::shared_caching_refused();
        }
        let mut added = Vec::new();
        if self.private && !directives.iter().any(|said| is(said, "private")) {
            added.push("private");
        }
        if self.sets_cookie && !directives.iter().any(|said| is(said, "no-cache") || is(said, NO_COOKIE)) {
            added.push(NO_COOKIE);
        }
        if refused || !added.is_empty() {
            directives.append(&mut added);
            set(headers, CACHE_CONTROL, &directives);
        }
    }

    /// What is said where the application said nothing.
    fn alone(self) -> HeaderValue {
        HeaderValue::from_static(match (self.private, self.sets_cookie) {
            (true, true) => r#"private, no-cache="Set-Cookie""#,
            (true, false) => "private",
            (false, _) => NO_COOKIE,
        })
    }
}

fn vary_by_cookie(headers: &mut HeaderMap) {
    if let Entry::Vacant(free) = headers.entry(VARY) {
        free.insert(HeaderValue::from_static("Cookie"));
        return;
    }
    let said = joined(headers, VARY);
    let mut names = split(&said);
    if names.iter().any(|name| *name == "*" || is(name, "cookie")) {
        return;
    }
    names.push("Cookie");
    set(headers, VARY, &names);
}

/// All lines of a header as one.
fn joined(headers: &HeaderMap, name: HeaderName) -> String {
    let lines: Vec<_> = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    lines.join(",")
}

/// The members of a list, those in quotes kept whole.
fn split(list: &str) -> Vec<&str> {
    let mut quoted = false;
    let members = list.split(|letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    });
    members.map(str::trim_ascii).filter(|member| !member.is_empty()).collect()
}

fn name(directive: &str) -> &str {
    directive.split_once('=').map_or(directive, |(name, _)| name.trim_ascii_end())
}

fn is(directive: &str, wanted: &str) -> bool {
    directive.eq_ignore_ascii_case(wanted)
}

fn set(headers: &mut HeaderMap, name: HeaderName, members: &[&str]) {
    // They come out of a header or out of this file, so that every byte is one that a header takes.
    if let Ok(line) = HeaderValue::from_bytes(members.join(", ").as_bytes()) {
        headers.insert(name, line);
    }
}
