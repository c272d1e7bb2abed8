//! What the visitor's cookie holds, and where a record lies: secrets that cannot print.

use std::any::Any;
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};

/// The bytes of a native id: 256 bits from the operating system's generator.
const ID_BYTES: usize = 32;
/// Their length as unpadded base64url.
const ID_TEXT: usize = 43;
/// What an id ends with: of the last letter's six bits two are stray, and zero in the one spelling.
const LAST: &[u8] = b"AEIMQUYcgkosw048";
/// What a cookie can hold at most.
const MAX_TEXT: usize = 4096;

/// What the visitor's cookie holds: bounded text whose shape only its store judges.
///
/// It opens the session, so it never prints: `Debug` is redacted and there is no `Display`.
/// Two tokens compare in constant time.
#[derive(Clone)]
pub struct Token(Arc<str>);

impl Token {
    /// A new id: 256 random bits as 43 characters of base64url.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the operating system gives no random bytes; there is no weaker source.
    pub fn random() -> Result<Self> {
        let mut bytes = [0_u8; ID_BYTES];
        getrandom::fill(&mut bytes).map_err(Error::random)?;
        Ok(Token(URL_SAFE_NO_PAD.encode(bytes).into()))
    }

    /// The one spelling of a native id, or nothing: exact length and alphabet, no stray bits in the last character.
    #[must_use]
    pub fn parse_id(text: &str) -> Option<Self> {
        let [first @ .., last] = text.as_bytes() else { return None };
        let canonical = text.len() == ID_TEXT && are_base64url(first) && LAST.contains(last);
        canonical.then(|| Token(text.into()))
    }

    /// Any text that a cookie value can hold (RFC 6265 cookie-octets, 1 to 4096 of them), for stores with a shape of their own.
    #[must_use]
    pub fn parse_opaque(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= MAX_TEXT && are_cookie_octets(text.as_bytes());
        fits.then(|| Token(text.into()))
    }

    /// These bytes as unpadded base64url, for stores whose tokens are more than an id. `None` for no bytes, and for more than 4096
    /// characters hold.
    #[must_use]
    pub fn encode(bytes: &[u8]) -> Option<Self> {
        let mut text = [0_u8; MAX_TEXT];
        let length = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text).ok()?;
        let text = std::str::from_utf8(&text[..length]).ok().filter(|text| !text.is_empty())?;
        Some(Token(text.into()))
    }

    /// The secret itself, for the `Set-Cookie` header and for deriving the record's key.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// RFC 6265, section 4.1.1: printable ASCII but blank, quote, comma, semicolon and backslash.
///
/// It looks at every byte without a branch, so that the compiler takes many at a time: a client-side session is 4096 of them.
fn are_base64url(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, byte| all & (byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'_')))
}

fn are_cookie_octets(bytes: &[u8]) -> bool {
    let is_one =
        |byte| matches!(byte, 0x21..=0x7e) & (byte != b'"') & (byte != b',') & (byte != b';') & (byte != b'\\');
    bytes.iter().fold(true, |all, &byte| all & is_one(byte))
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Token {}

impl Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

/// The key under which a backend keeps a record.
///
/// By default prefix + SHA-256 of the token, which opens nothing; in a layout shared with Flask it holds the id itself,
/// so it does not print either.
#[derive(Clone)]
pub struct RecordKey(Arc<str>);

impl RecordKey {
    /// A key from its text.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        RecordKey(text.into())
    }

    /// Prefix + base64url of the SHA-256 of the token's text.
    #[must_use]
    pub fn hashed(prefix: &str, token: &Token) -> Self {
        let mut key = String::with_capacity(prefix.len() + ID_TEXT);
        key.push_str(prefix);
        URL_SAFE_NO_PAD.encode_string(Sha256::digest(token.expose()), &mut key);
        RecordKey(key.into())
    }

    /// Prefix + the token's text as it is.
    #[must_use]
    pub fn plain(prefix: &str, token: &Token) -> Self {
        RecordKey(format!("{prefix}{}", token.expose()).into())
    }

    /// The key's text, for the backend's commands.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for RecordKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for RecordKey {}

impl Hash for RecordKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(redacted)")
    }
}

/// A store's own name for one session: it can be looked up again with it, and nothing else can be read from it.
///
/// The key names the session: the same from write to write, another after a rotation. Locators compare by it alone.
#[derive(Clone)]
pub struct Locator {
    key: RecordKey,
    carried: Option<Arc<dyn Any + Send + Sync>>,
}

impl Locator {
    /// The locator of the session that lies under `key`.
    #[must_use]
    pub fn new(key: RecordKey) -> Self {
        Locator { key, carried: None }
    }

    /// The same, with what a store needs besides to find the session again: for a store that keeps nothing itself, the session
    /// as it came.
    #[must_use]
    pub fn carrying(key: RecordKey, carried: Arc<dyn Any + Send + Sync>) -> Self {
        Locator { key, carried: Some(carried) }
    }

    /// The key that it stands for.
    #[must_use]
    pub fn key(&self) -> &RecordKey {
        &self.key
    }

    /// What it was made to carry, if that is a `T`.
    #[must_use]
    pub fn carried<T: Any>(&self) -> Option<&T> {
        self.carried.as_deref()?.downcast_ref()
    }

    /// A name for logs: 64 bits of a hash under a label of its own, from which neither key nor token can be had.
    pub(crate) fn log_id(&self) -> LogId {
        let mut hash = Sha256::new();
        hash.update(b"session-core log id\0");
        hash.update(self.key.as_str());
        let digest = hash.finalize();
        let mut short = [0_u8; 8];
        short.copy_from_slice(&digest[..8]);
        LogId(u64::from_be_bytes(short))
    }

    /// What can be bound to this id: 256 bits of a hash under a label of its own.
    pub(crate) fn binding(&self) -> SessionBinding {
        let mut hash = Sha256::new();
        hash.update(b"session-core binding\0");
        hash.update(self.key.as_str());
        SessionBinding(hash.finalize().into())
    }
}

impl PartialEq for Locator {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Locator {}

impl Hash for Locator {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Locator(redacted)")
    }
}

/// What ties something outside of the session, such as a form's token, to it: the same for all requests under one id, another
/// after a rotation. It opens nothing, but whoever knows it could name the session, so it does not print.
#[derive(Clone)]
pub struct SessionBinding([u8; 32]);

impl SessionBinding {
    /// The bytes, to be fed into a keyed hash; they belong on no page and in no log.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Debug for SessionBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionBinding(redacted)")
    }
}

/// A session's name in logs: the same for all requests under one id, and of no use to anyone who reads it.
///
/// Prints as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId(u64);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}

/// Which write a record comes from: 128 random bits, chosen once for each commit attempt and kept by its retries.
///
/// A repeated write that finds its own version knows that it is done, and two writers can't mistake each other,
/// as they could with a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version([u8; 16]);

impl Version {
    /// A new version.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the operating system gives no random bytes.
    pub fn random() -> Result<Self> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(Error::random)?;
        Ok(Version(bytes))
    }

    /// The version of a record that lies there without one ([`Shape::Flask`](crate::Shape::Flask)): the first 128 bits of the
    /// SHA-256 of its bytes.
    ///
    /// Equal bytes have equal versions: that a record was changed and changed back goes unseen.
    #[must_use]
    pub fn of(stored: &[u8]) -> Self {
        let digest = Sha256::digest(stored);
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        Version(bytes)
    }

    /// A version read back from a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Version(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s01_ids_are_distinct_and_every_bit_is_even() {
        let n = 20_000;
        let mut ones = [0_u32; 256];
        let mut seen = std::collections::HashSet::new();
        for _ in 0..n {
            let token = Token::random().unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(token.expose()).unwrap();
            for (bit, count) in ones.iter_mut().enumerate() {
                *count += u32::from(bytes[bit / 8] >> (bit % 8) & 1);
            }
            assert!(seen.insert(token.expose().to_owned()));
        }
        // Five standard deviations of a fair coin.
        let slack = 5.0 * (f64::from(n) / 4.0).sqrt();
        assert!(ones.iter().all(|&c| (f64::from(c) - f64::from(n) / 2.0).abs() < slack));
    }

    #[test]
    fn s02_an_id_has_32_bytes_and_no_other_length() {
        let texts = (0..100).map(|length| URL_SAFE_NO_PAD.encode(vec![7_u8; length]));
        let accepted: Vec<_> = texts.filter(|text| Token::parse_id(text).is_some()).collect();
        assert_eq!(accepted, [URL_SAFE_NO_PAD.encode([7_u8; 32])]);
    }

    #[test]
    fn s03_a_token_has_one_spelling() {
        let token = Token::random().unwrap();
        let text = token.expose();
        assert!(Token::parse_id(text).is_some());
        for wrong in [
            format!("{text}="),
            format!(" {text}"),
            format!("{text}A"),
            text[..42].to_owned(),
            text.replacen(char::is_alphanumeric, "+", 1),
            format!("{}é", &text[..41]),
        ] {
            assert!(Token::parse_id(&wrong).is_none(), "accepted another spelling");
        }
        // 43 characters carry 258 bits: of four last characters one is canonical.
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let accepted = alphabet.chars().filter(|c| Token::parse_id(&format!("{}{c}", &text[..42])).is_some()).count();
        assert_eq!(accepted, 16);
    }

    #[test]
    fn flask_versions_are_told_from_the_bytes() {
        // The beginning of SHA-256("abc").
        assert_eq!(Version::of(b"abc").as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_ne!(Version::of(b"abc"), Version::of(b"abd"));
    }

    #[test]
    fn s14_opaque_tokens_are_cookie_octets() {
        let excluded = |byte: u8| matches!(byte, 0..=b' ' | b'"' | b',' | b';' | b'\\' | 0x7f..);
        for byte in 0..=0x7f_u8 {
            for text in
                [format!("{}", char::from(byte)), format!("{}{}{}", "a".repeat(40), char::from(byte), "a".repeat(7))]
            {
                assert_eq!(Token::parse_opaque(&text).is_none(), excluded(byte), "byte {byte:#x}");
            }
        }
        assert!(Token::encode(b"\xff\xfe").is_some_and(|token| token.expose() == "__4"));
        assert!(Token::encode(&[0; 3072]).is_some_and(|token| token.expose().len() == 4096));
        assert!(Token::encode(&[0; 3073]).is_none() && Token::encode(b"").is_none());
        assert!(Token::parse_opaque("é").is_none() && Token::parse_opaque("").is_none());
        assert!(Token::parse_opaque(&"a".repeat(4096)).is_some() && Token::parse_opaque(&"a".repeat(4097)).is_none());
    }

    #[test]
    fn p10_secrets_do_not_print() {
        let token = Token::random().unwrap();
        let key = RecordKey::plain("session:", &token);
        let printed = format!("{token:?} {key:?} {:?}", Locator::new(key.clone()));
        assert!(!printed.contains(token.expose()));
        assert!(printed.contains("redacted"));
        let at = Locator::carrying(key, Arc::new(token.expose().to_owned()));
        assert_eq!(at.carried::<String>().map(String::as_str), Some(token.expose()));
        assert!(!format!("{at:?}").contains(token.expose()), "what is carried does not print either");
        assert!(!at.log_id().to_string().contains(&token.expose()[..8]));
        assert_eq!(format!("{:?}", at.binding()), "SessionBinding(redacted)");
        assert_ne!(at.binding().expose()[..8], at.log_id().0.to_be_bytes(), "a label of its own");
    }
}
