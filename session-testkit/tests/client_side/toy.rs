//! A client-side store, as small as one can be. A toy: its seal keeps nobody out.

use std::hash::{DefaultHasher, Hash, Hasher};

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{
    Attempt, Binding, Capabilities, Codec, Deleted, Error, Life, Loaded, Locator, Lookup, Record, RecordKey, Result,
    SessionStore, Timestamp, Token, Version, Written,
};

/// What fits into a cookie as hexadecimal digits, beside version, deadline and seal.
const MAX_PAYLOAD: usize = 1900;
/// Version, deadline, seal.
const HEAD: usize = 16 + 8 + 8;

#[derive(Debug, Default)]
pub(crate) struct ToyCookieStore(Binding);

/// What a token holds.
struct Opened {
    version: Version,
    deadline: Timestamp,
    payload: Bytes,
}

fn seal(version: &Version, deadline: Timestamp, payload: &[u8]) -> Token {
    let body = [&version.as_bytes()[..], &deadline.as_millis().to_be_bytes(), payload].concat();
    let sealed = [&mac(&body)[..], &body].concat();
    let text: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    Token::parse_opaque(&text).expect("digits are cookie octets")
}

fn mac(body: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    ("toy", body).hash(&mut hasher);
    hasher.finish().to_be_bytes()
}

fn unseal(text: &str) -> Option<Opened> {
    // One spelling: digits in lower case, two a byte.
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !text.len().is_multiple_of(2) || !text.bytes().all(is_digit) || text.len() < 2 * HEAD {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect();
    let bytes = Bytes::from(bytes?);
    let (sealed, body) = (bytes.slice(..8), bytes.slice(8..));
    (sealed == mac(&body)[..]).then(|| Opened {
        version: Version::from_bytes(body[..16].try_into().expect("16 bytes")),
        deadline: Timestamp::from_millis(u64::from_be_bytes(body[16..24].try_into().expect("8 bytes"))),
        payload: body.slice(24..),
    })
}

impl ToyCookieStore {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn open(&self, text: &str) -> Result<Lookup> {
        let now = self.now();
        let Some(opened) = unseal(text).filter(|opened| opened.deadline > now) else { return Ok(Lookup::Absent) };
        let record = Record::decode(&opened.payload, Life { created: now, absolute: Timestamp::MAX })?;
        if record.life().absolute <= now {
            return Ok(Lookup::Absent);
        }
        let (version, deadline, at) = (opened.version, opened.deadline, Locator::new(RecordKey::new(text)));
        Ok(Lookup::Live(Loaded { record, version, deadline, at }))
    }

    fn write(version: Version, deadline: Timestamp, payload: &[u8]) -> Result<Written> {
        if payload.len() > MAX_PAYLOAD {
            return Err(Error::TooLarge { what: "cookie", size: payload.len(), limit: MAX_PAYLOAD });
        }
        let token = seal(&version, deadline, payload);
        let at = Locator::new(RecordKey::new(token.expose()));
        Ok(Written { token: Some(token), at, version, deadline })
    }
}

#[async_trait]
impl SessionStore for ToyCookieStore {
    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::default().revocable(false).mergeable(false).token_per_write(true).steady_id(false);
        can.max_payload(MAX_PAYLOAD).self_expiring(true)
    }
    fn codec(&self) -> Codec {
        Codec::default()
    }
    fn bind(&mut self, binding: Binding) {
        self.0 = binding;
    }
    fn parse(&self, text: &str) -> Option<Token> {
        Token::parse_opaque(text)
    }
    async fn load(&self, token: &Token) -> Result<Lookup> {
        self.open(token.expose())
    }
    async fn reload(&self, at: &Locator) -> Result<Lookup> {
        self.open(at.key().as_str())
    }
    async fn create(&self, record: &Record, deadline: Timestamp) -> Result<Written> {
        Self::write(Version::random()?, deadline, &record.encode()?)
    }
    async fn replace(&self, _: &Locator, _: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        self.create(record, deadline).await.map(Attempt::Done)
    }
    async fn touch(&self, at: &Locator, _: &Version, deadline: Timestamp) -> Result<Attempt> {
        let Some(opened) = unseal(at.key().as_str()) else { return Ok(Attempt::Gone) };
        Self::write(opened.version, opened.deadline.max(deadline), &opened.payload).map(Attempt::Done)
    }
    async fn rotate(&self, _: &Locator, _: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        self.create(record, deadline).await.map(Attempt::Done)
    }
    async fn delete(&self, _: &Locator, _: Option<&Version>) -> Result<Deleted> {
        Ok(Deleted::Done)
    }
}
