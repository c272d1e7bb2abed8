//! How a session becomes a cookie's text, and back.

mod encrypted;
mod layout;
mod signed;

use std::fmt::{self, Debug};

use bytes::Bytes;
use session_core::{Error, Operation, Result, SecretKeys, Token, Version};

use crate::config::{CookieStoreConfig, Sealing};
use crate::head::{Head, SessionId};
use encrypted::Xaes;
use layout::Layout;
use signed::HmacSha256;

/// What browsers take at most, name and value together (RFC 6265bis, section 5.7).
const MOST_BYTES: usize = 4096;

/// One format of cookies, with its keys. Another format is one more variant: it opens a text whose seal it has verified, seals a
/// head and an encoded record, and knows how much fits.
pub(crate) enum Seal {
    /// Readable by nobody.
    Encrypted(Layout<Xaes>),
    /// Readable by all.
    Signed(Layout<HmacSha256>),
}

/// What a cookie held. Its seal was good; whether it is too old is not decided here.
pub(crate) struct Opened {
    pub(crate) head: Head,
    pub(crate) version: Version,
    pub(crate) record: Bytes,
}

/// A cookie that was made.
pub(crate) struct Sealed {
    pub(crate) token: Token,
    pub(crate) version: Version,
}

/// The random bytes of one write, by one call: an id, should the session need a new one, and a nonce.
pub(crate) struct Random {
    pub(crate) id: SessionId,
    nonce: [u8; 24],
}

impl Random {
    pub(crate) fn draw() -> Result<Self> {
        let mut bytes = [0_u8; 16 + 24];
        getrandom::fill(&mut bytes).map_err(|error| Error::unavailable(Operation::Random, error))?;
        let mut random = Random { id: [0; 16], nonce: [0; 24] };
        random.id.copy_from_slice(&bytes[..16]);
        random.nonce.copy_from_slice(&bytes[16..]);
        Ok(random)
    }

    /// A write's version is the beginning of its nonce.
    fn version(&self) -> Version {
        version_of(&self.nonce)
    }
}

fn version_of(nonce: &[u8]) -> Version {
    let mut version = [0_u8; 16];
    version.copy_from_slice(&nonce[..16]);
    Version::from_bytes(version)
}

impl Seal {
    pub(crate) fn new(keys: &SecretKeys, config: &CookieStoreConfig) -> Self {
        match config.sealing {
            Sealing::Encrypted => Seal::Encrypted(Layout::new(keys, &config.application)),
            Sealing::Signed => Seal::Signed(Layout::new(keys, &config.application)),
        }
    }

    /// From now on, cookies of this name.
    pub(crate) fn bind(&mut self, cookie_name: &str) {
        match self {
            Seal::Encrypted(layout) => layout.bind(cookie_name),
            Seal::Signed(layout) => layout.bind(cookie_name),
        }
    }

    /// Whether a text is as long as a cookie of this format can be.
    pub(crate) fn fits(&self, text: &str) -> bool {
        match self {
            Seal::Encrypted(layout) => layout.fits(text),
            Seal::Signed(layout) => layout.fits(text),
        }
    }

    /// What a text holds, if one of the keys sealed it for this very cookie. Nothing else about the text is told.
    pub(crate) fn open(&self, text: &str) -> Option<Opened> {
        match self {
            Seal::Encrypted(layout) => layout.open(text),
            Seal::Signed(layout) => layout.open(text),
        }
    }

    /// A cookie by the first key.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for one that browsers would drop.
    pub(crate) fn seal(&self, head: &Head, record: &[u8], random: &Random) -> Result<Sealed> {
        match self {
            Seal::Encrypted(layout) => layout.seal(head, record, random),
            Seal::Signed(layout) => layout.seal(head, record, random),
        }
    }

    /// The largest record that fits into the cookie, in bytes.
    pub(crate) fn most(&self) -> usize {
        match self {
            Seal::Encrypted(layout) => layout.most(),
            Seal::Signed(layout) => layout.most(),
        }
    }
}

impl Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seal::Encrypted(layout) => write!(f, "Encrypted({layout:?})"),
            Seal::Signed(layout) => write!(f, "Signed({layout:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Random;

    #[test]
    fn s19_of_a_million_nonces_and_ids_no_two_are_the_same() {
        let (mut nonces, mut ids) = (HashSet::with_capacity(1_000_000), HashSet::with_capacity(1_000_000));
        for _ in 0..1_000_000 {
            let random = Random::draw().unwrap();
            assert!(nonces.insert(random.nonce) && ids.insert(random.id));
        }
    }
}
