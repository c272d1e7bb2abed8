//! Werkzeug's cookie text: the `Set-Cookie` header that Flask sends, and the `Cookie` header as it reads it.

use std::fmt::{self, Write};

use session_core::{Error, Result, SameSite, Timestamp};

use crate::http_date;

/// A `Set-Cookie` header as Werkzeug writes it.
///
/// ```
/// use session_core::{SameSite, Timestamp};
/// use session_flask::SetCookie;
///
/// let cookie = SetCookie::new("session", "eyJhIjoxfQ.Z3SEgA.x-y_z").http_only(true).same_site(Some(SameSite::Lax));
/// let now = Timestamp::from_millis(0);
/// assert_eq!(cookie.header(now)?, "session=eyJhIjoxfQ.Z3SEgA.x-y_z; HttpOnly; Path=/; SameSite=Lax");
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetCookie<'a> {
    /// The name: an HTTP token.
    pub name: &'a str,
    /// The value. What may not stand there is quoted and escaped.
    pub value: &'a str,
    /// `Domain`; a port and leading dots are cut off. None.
    pub domain: Option<&'a str>,
    /// `Expires`, in seconds since 1970. None.
    pub expires: Option<i64>,
    /// `Max-Age` in seconds; it adds `Expires` where that is not set. None.
    pub max_age: Option<i64>,
    /// `Secure`. Off, as in Werkzeug.
    pub secure: bool,
    /// `HttpOnly`. Off, as in Werkzeug.
    pub http_only: bool,
    /// `Path`, percent-encoded as needed. `/`.
    pub path: Option<&'a str>,
    /// `SameSite`. None.
    pub same_site: Option<SameSite>,
    /// `Partitioned`, which takes `Secure` along. Off.
    pub partitioned: bool,
}

impl<'a> SetCookie<'a> {
    /// A cookie with Werkzeug's defaults.
    #[must_use]
    pub fn new(name: &'a str, value: &'a str) -> Self {
        SetCookie {
            name,
            value,
            domain: None,
            expires: None,
            max_age: None,
            secure: false,
            http_only: false,
            path: Some("/"),
            same_site: None,
            partitioned: false,
        }
    }

    /// The cookie that deletes one; it wants the domain and the path of the one that it deletes.
    #[must_use]
    pub fn deletion(name: &'a str) -> Self {
        SetCookie { expires: Some(0), max_age: Some(0), ..SetCookie::new(name, "") }
    }

    session_core::setters! {
        /// Sets the domain.
        domain: Option<&'a str>,
        /// Sets when it ends, in seconds since 1970.
        expires: Option<i64>,
        /// Sets how long it lives, in seconds.
        max_age: Option<i64>,
        /// Sets whether it needs HTTPS.
        secure: bool,
        /// Sets whether scripts may not see it.
        http_only: bool,
        /// Sets the path; without one the browser takes that of the request.
        path: Option<&'a str>,
        /// Sets the `SameSite` attribute.
        same_site: Option<SameSite>,
        /// Sets whether it is kept apart for each site that embeds this one.
        partitioned: bool,
    }

    /// The header's value, ASCII only.
    ///
    /// # Errors
    /// [`Error::Config`] for a name that is no HTTP token, a domain that is none in ASCII, and an end outside of the years 1 to 9999.
    pub fn header(&self, now: Timestamp) -> Result<String> {
        let mut out = format!("{}={}", checked_name(self.name)?, quoted(self.value));
        attribute(&mut out, "Domain", self.domain.map(checked_domain).transpose()?);
        attribute(&mut out, "Expires", self.expires_text(now)?.as_deref());
        attribute(&mut out, "Max-Age", self.max_age.map(|seconds| seconds.to_string()).as_deref());
        flag(&mut out, "Secure", self.secure || self.partitioned);
        flag(&mut out, "HttpOnly", self.http_only);
        attribute(&mut out, "Path", self.path.map(percent_encoded).as_deref());
        attribute(&mut out, "SameSite", self.same_site.map(SameSite::as_str));
        flag(&mut out, "Partitioned", self.partitioned);
        Ok(out)
    }

    fn expires_text(&self, now: Timestamp) -> Result<Option<String>> {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let Some(seconds) = self.expires.or(self.max_age.map(|age| now.saturating_add(age))) else { return Ok(None) };
        let text = http_date::write(seconds);
        text.map(Some)
            .ok_or_else(|| Error::config("expires", "it lies outside of the years 1 to 9999", "choose an earlier end"))
    }
}

impl fmt::Debug for SetCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetCookie({:?}, {} bytes, redacted)", self.name, self.value.len())
    }
}

fn attribute(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        out.extend(["; ", name, "=", value]);
    }
}

fn flag(out: &mut String, name: &str, set: bool) {
    if set {
        out.extend(["; ", name]);
    }
}

fn checked_name(name: &str) -> Result<&str> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    match !name.is_empty() && name.bytes().all(token) {
        true => Ok(name),
        false => Err(Error::config("name", "it is no HTTP token", "use letters, digits, - and _")),
    }
}

fn checked_domain(domain: &str) -> Result<&str> {
    let host = domain.split(':').next().unwrap_or_default().trim_start_matches('.');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    match !host.is_empty() && host.bytes().all(plain) {
        true => Ok(host),
        false => Err(Error::config("domain", "it is no host name in ASCII", "write international names as xn--…")),
    }
}

/// Plain where every character may stand in a cookie; else in quotes, with octal escapes.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    if value.bytes().all(plain) {
        return value.to_owned();
    }
    let mut out = String::from('"');
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' ' => out.push(' '),
            byte if plain(byte) => out.push(char::from(byte)),
            // Writing to a String cannot fail.
            byte => drop(write!(out, "\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// What may stand in a path stays, a `%` too; of all else the UTF-8 bytes.
fn percent_encoded(path: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-~%!$&'()*+,/:=@".contains(&byte);
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        match safe(byte) {
            true => out.push(char::from(byte)),
            // Writing to a String cannot fail.
            false => drop(write!(out, "%{byte:02X}")),
        }
        out
    })
}

/// The pairs of a `Cookie` header, in their order, as Werkzeug reads them.
///
/// A pair that cannot be read is left out, and its neighbours are not. Unquoted values are taken as Latin-1. Flask uses the first of a name.
///
/// ```
/// let pairs = session_flask::parse_cookie(br#"a=1; session="x\073y"; b c; d=e"#);
/// assert_eq!(pairs, [("a", "1"), ("session", "x;y"), ("d", "e")].map(|(name, value)| (name.into(), value.into())));
/// ```
#[must_use]
pub fn parse_cookie(header: &[u8]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        match pair(rest) {
            Some((name, value, length)) => {
                pairs.push((latin1(name), unquoted(value)));
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                let skipped = rest.iter().position(|&byte| byte == b';').map_or(rest.len(), |at| at + 1);
                rest = &rest[skipped..];
            }
        }
    }
    pairs
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// How many bytes from `at` on are of a kind.
fn run(input: &[u8], at: usize, of: impl Fn(u8) -> bool) -> usize {
    input.iter().skip(at).take_while(|&&byte| of(byte)).count()
}

/// The name and the value at the beginning, and the length with the semicolon.
fn pair(input: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let start = run(input, 0, is_blank);
    let end = start + run(input, start, |byte| !is_blank(byte) && !matches!(byte, b'=' | b'"' | b';'));
    let name = input.get(start..end).filter(|name| !name.is_empty())?;
    let mut at = end + run(input, end, is_blank);
    let mut value: &[u8] = b"";
    if input.get(at) == Some(&b'=') {
        at += 1 + run(input, at + 1, is_blank);
        let length = value_length(&input[at..]);
        value = &input[at..at + length];
        at += length + run(input, at + length, is_blank);
    }
    matches!(input.get(at), None | Some(b';')).then_some((name, value, at + 1))
}

/// A quoted value up to its closing quote, or whatever has neither blanks nor quotes.
fn value_length(input: &[u8]) -> usize {
    quoted_length(input).unwrap_or_else(|| run(input, 0, |byte| !is_blank(byte) && !matches!(byte, b'"' | b';')))
}

fn quoted_length(input: &[u8]) -> Option<usize> {
    let mut bytes = input.iter().enumerate();
    bytes.next().filter(|(_, byte)| **byte == b'"')?;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => _ = bytes.next()?,
            _ => {}
        }
    }
    None
}

/// A value without its quotes and escapes.
fn unquoted(value: &[u8]) -> String {
    let Some(inside) = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")) else {
        return latin1(value);
    };
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                push_latin1(&mut bytes, *escaped);
                rest = after;
            }
            (byte, _) => push_latin1(&mut bytes, byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A byte of the header is a character to Werkzeug, which only then becomes UTF-8.
fn push_latin1(bytes: &mut Vec<u8>, byte: u8) {
    bytes.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 2]).as_bytes());
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}
