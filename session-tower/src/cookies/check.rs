//! What a cookie must be so that the header is whole and a browser takes it. The `cookie` crate writes names, values and
//! attributes as they are, line breaks included.

use cookie::{Cookie, SameSite};

use super::CookieProblem;

/// What browsers take at most, name and value together.
const MOST_BYTES: usize = 4096;

pub(super) fn check(cookie: &Cookie<'_>) -> Result<(), CookieProblem> {
    let rules = [
        (is_name(cookie.name()), CookieProblem::Name),
        (is_value(cookie.value()), CookieProblem::Value),
        (cookie.name().len() + cookie.value().len() <= MOST_BYTES, CookieProblem::TooLarge),
        (cookie.domain().is_none_or(is_domain), CookieProblem::Domain),
        (cookie.path().is_none_or(is_path), CookieProblem::Path),
        (cookie.secure() == Some(true) || !needs_secure(cookie), CookieProblem::NeedsSecure),
        (!has_prefix(cookie, "__host-") || is_of_host(cookie), CookieProblem::HostPrefix),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, problem)) => Err(problem),
        None => Ok(()),
    }
}

/// Whether a browser drops the cookie where it has no `Secure`.
pub(super) fn needs_secure(cookie: &Cookie<'_>) -> bool {
    let prefixed = has_prefix(cookie, "__host-") || has_prefix(cookie, "__secure-");
    prefixed || cookie.partitioned() == Some(true) || cookie.same_site() == Some(SameSite::None)
}

fn is_of_host(cookie: &Cookie<'_>) -> bool {
    cookie.domain().is_none() && cookie.path() == Some("/")
}

/// Browsers compare the prefixes without case.
fn has_prefix(cookie: &Cookie<'_>, prefix: &str) -> bool {
    cookie.name().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// A token of RFC 9110.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Cookie-octets of RFC 6265.
fn is_value(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
}

fn is_path(path: &str) -> bool {
    let plain = path.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b';');
    path.starts_with('/') && path.len() <= 1024 && plain
}

fn is_domain(domain: &str) -> bool {
    let plain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    plain && !domain.is_empty() && domain.len() <= 253
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s14_a_name_is_a_token_and_a_value_is_octets() {
        for name in ["", "a b", "a=b", "a;b", "a\r\nb", "naïve", "a,b", "\u{2000}a", "a\0"] {
            assert!(!is_name(name), "{name:?}");
        }
        for value in ["a b", "a;b", "a\r\nSet-Cookie: x=y", "é", "\"", "a,b", "a\\b", "\0", "\x7f", "\t"] {
            assert!(!is_value(value), "{value:?}");
        }
        assert!(is_name("__Host-x.y") && is_value("") && is_value("a=b&c%20d/!#$'()*+-.:<>?@[]^_`{|}~"));
    }

    #[test]
    fn s14_an_attribute_cannot_add_another() {
        assert!(!is_path("/a;HttpOnly") && !is_path("/\r\n") && !is_path("a") && !is_path("") && is_path("/a b"));
        assert!(!is_domain("a;b") && !is_domain("") && !is_domain("a b") && is_domain("shop.example.org"));
    }
}
