//! The bytes of this library's own cookies, as unpadded base64url:
//!
//! | bytes | |
//! |---|---|
//! | 1 | format: 1 encrypted, 2 signed |
//! | 4 | key id: which key of the list |
//! | 24 or 16 | nonce, random; its first 16 bytes are the write's version |
//! | … | head and record, encrypted or in the clear |
//! | 16 or 32 | tag: of XAES-256-GCM or HMAC-SHA-256 |
//!
//! The seal also covers the *context*: format, purpose, the application's name and the cookie's full name. Format and key id stand in
//! front of what is sealed; with others the text has another context, or no key at all.

use std::fmt::{self, Debug};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use session_core::{DerivedKey, Error, Life, Record, Result, SecretKeys, Timestamp, Token};

use super::{MOST_BYTES, Opened, Random, Sealed, check_size, version_of};
use crate::head::Head;

/// What the key ids are derived for: they stand in the cookie, so they are no part of a key.
const KEY_ID_PURPOSE: &str = "session-cookie key id v1";
const KEY_ID: usize = 4;
/// Format and key id.
const FRONT: usize = 1 + KEY_ID;

/// A way to seal.
pub(crate) trait Algorithm: Sized {
    const FORMAT: u8;
    /// What its keys are derived for, and nothing else.
    const PURPOSE: &'static str;
    const NONCE: usize;
    const TAG: usize;

    /// `None` for a key that the algorithm does not take: there is none.
    fn new(key: &DerivedKey) -> Option<Self>;

    /// Seals `body` in place and puts the tag into `tag`.
    fn seal(&self, context: &[u8], nonce: &[u8], body: &mut [u8], tag: &mut [u8]) -> Option<()>;

    /// Verifies in constant time, then opens `body` in place; one that is not verified is not looked at.
    fn open(&self, context: &[u8], nonce: &[u8], body: &mut [u8], tag: &[u8]) -> Option<()>;
}

struct Key<A> {
    id: [u8; KEY_ID],
    algorithm: A,
}

/// The keys of one algorithm, and what their seals are bound to.
pub(crate) struct Layout<A> {
    keys: Vec<Key<A>>,
    /// Format, purpose and application, each ended by NUL, and the cookie's name.
    context: Vec<u8>,
    /// Where the cookie's name begins.
    name_at: usize,
}

impl<A: Algorithm> Layout<A> {
    /// The bytes beside head and record.
    const AROUND: usize = FRONT + A::NONCE + A::TAG;

    pub(super) fn new(keys: &SecretKeys, application: &str) -> Self {
        let ids = keys.derive(KEY_ID_PURPOSE);
        let keys = keys.derive(A::PURPOSE).iter().zip(ids).filter_map(|(key, id)| Key::new(key, &id)).collect();
        let context = [&[A::FORMAT], A::PURPOSE.as_bytes(), b"\0", application.as_bytes(), b"\0"].concat();
        Layout { keys, name_at: context.len(), context }
    }

    pub(super) fn bind(&mut self, cookie_name: &str) {
        self.context.truncate(self.name_at);
        self.context.extend_from_slice(cookie_name.as_bytes());
    }

    /// How long the cookie's value may be.
    fn limit(&self) -> usize {
        MOST_BYTES.saturating_sub(self.context.len() - self.name_at)
    }

    pub(super) fn most(&self) -> usize {
        (self.limit() * 3 / 4).saturating_sub(Self::AROUND + Head::LEAST)
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        let least = (Self::AROUND + Head::LEAST) * 4 / 3;
        (least..=self.limit()).contains(&text.len())
    }

    pub(super) fn open(&self, text: &str) -> Option<Opened> {
        // One spelling: no padding, no stray bits in the last character.
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (front, rest) = bytes.split_first_chunk_mut::<FRONT>()?;
        if front[0] != A::FORMAT || rest.len() < A::NONCE + A::TAG {
            return None;
        }
        let (nonce, rest) = rest.split_at_mut(A::NONCE);
        let (body, tag) = rest.split_at_mut(rest.len() - A::TAG);
        let opens =
            |key: &&Key<A>| key.id == front[1..] && key.algorithm.open(&self.context, nonce, body, tag).is_some();
        self.keys.iter().find(opens)?;
        let version = version_of(nonce);
        let body = FRONT + A::NONCE..bytes.len() - A::TAG;
        let (head, record) = Head::read(&Bytes::from(bytes).slice(body))?;
        // A record of a later version is no error here: its cookie is left alone until something is written.
        let record = Record::decode(&record, Life { created: head.issued, absolute: Timestamp::MAX }).ok()?;
        Some(Opened { head, version, record })
    }

    pub(super) fn seal(&self, head: Head, record: &Record, random: &Random) -> Result<Sealed> {
        let token = self.seal_bytes(&head, &record.encode()?, random)?;
        Ok(Sealed { token, version: random.version(), head })
    }

    fn seal_bytes(&self, head: &Head, record: &[u8], random: &Random) -> Result<Token> {
        let size = Self::AROUND + head.size() + record.len();
        // As base64 without padding.
        check_size((size * 4).div_ceil(3), self.context.len() - self.name_at)?;
        let nonce = &random.nonce[..A::NONCE];
        let mut bytes = Vec::with_capacity(size);
        // A list of keys is never empty.
        let Some(key) = self.keys.first() else { return Err(no_key()) };
        bytes.push(A::FORMAT);
        bytes.extend_from_slice(&key.id);
        bytes.extend_from_slice(nonce);
        head.write(&mut bytes);
        bytes.extend_from_slice(record);
        bytes.resize(size, 0);
        let (body, tag) = bytes[FRONT + A::NONCE..].split_at_mut(size - Self::AROUND);
        key.algorithm.seal(&self.context, nonce, body, tag).ok_or_else(no_key)?;
        Token::encode(&bytes).ok_or_else(no_key)
    }
}

impl<A: Algorithm> Key<A> {
    fn new(key: &DerivedKey, id: &DerivedKey) -> Option<Self> {
        let mut short = [0_u8; KEY_ID];
        short.copy_from_slice(&id.expose()[..KEY_ID]);
        Some(Key { id: short, algorithm: A::new(key)? })
    }
}

/// Cannot come up: keys have the right length, and what is sealed was measured before.
fn no_key() -> Error {
    Error::config("SECRET_KEY", "it cannot seal", "set another one")
}

impl<A> Debug for Layout<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, s) = (self.keys.len(), if self.keys.len() == 1 { "" } else { "s" });
        write!(f, "{count} key{s}, redacted")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::encrypted::Xaes;
    use crate::seal::signed::HmacSha256;

    fn opens<A: Algorithm>(record: &[u8]) -> bool {
        let keys = SecretKeys::new("the key of these tests, 32 bytes or more").unwrap();
        let layout = Layout::<A>::new(&keys, "");
        let head = Head { issued: Timestamp::MAX, deadline: Timestamp::MAX, id: [7; 16], later: Bytes::new() };
        let token = layout.seal_bytes(&head, record, &Random::draw().unwrap()).unwrap();
        layout.open(token.expose()).is_some()
    }

    #[test]
    fn a_good_seal_over_what_is_no_record_is_no_session() {
        assert!(opens::<Xaes>(b"\x80") && opens::<HmacSha256>(b"\x80"));
        for record in [&b""[..], b"\xc1", b"\x81", b"no record"] {
            assert!(!opens::<Xaes>(record) && !opens::<HmacSha256>(record), "{record:?}");
        }
    }
}
