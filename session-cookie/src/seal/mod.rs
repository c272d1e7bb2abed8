//! How a session becomes a cookie's text, and back.

mod encrypted;
#[cfg(feature = "flask")]
mod flask;
mod layout;
mod signed;

use std::fmt::{self, Debug};

use session_core::{Binding, Error, Operation, Record, Result, SecretKeys, Timestamp, Token, Version};

use crate::config::{CookieStoreConfig, Sealing};
use crate::head::{Head, SessionId};
use encrypted::Xaes;
#[cfg(feature = "flask")]
use flask::Flask;
use layout::Layout;
use signed::HmacSha256;

/// What browsers take at most, name and value together (RFC 6265bis, section 5.7).
const MOST_BYTES: usize = 4096;

/// One format of cookies, with its keys. Another format is one more variant: it opens a text whose seal it has verified, seals a
/// record with its head, and knows how much fits.
pub(crate) enum Seal {
    /// Readable by nobody.
    Encrypted(Layout<Xaes>),
    /// Readable by all.
    Signed(Layout<HmacSha256>),
    /// Readable by all, and shared with Flask.
    #[cfg(feature = "flask")]
    Flask(Box<Flask>),
}

/// What a cookie held. Its seal was good; whether it is too old is not decided here.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) head: Head,
    pub(crate) version: Version,
    pub(crate) record: Record,
}

/// A cookie that was made.
pub(crate) struct Sealed {
    pub(crate) token: Token,
    pub(crate) version: Version,
    /// Its head as it will be read.
    pub(crate) head: Head,
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

    /// Flask's own, by the keys of this signer.
    #[cfg(feature = "flask")]
    pub(crate) fn flask(signer: session_flask::Signer) -> Self {
        Seal::Flask(Box::new(Flask::new(signer)))
    }

    /// From now on, cookies of this name and age.
    pub(crate) fn bind(&mut self, binding: &Binding) {
        match self {
            Seal::Encrypted(layout) => layout.bind(&binding.cookie_name),
            Seal::Signed(layout) => layout.bind(&binding.cookie_name),
            #[cfg(feature = "flask")]
            Seal::Flask(flask) => flask.bind(binding),
        }
    }

    /// Whether a session keeps its id from write to write.
    pub(crate) fn has_steady_ids(&self) -> bool {
        match self {
            Seal::Encrypted(_) | Seal::Signed(_) => true,
            #[cfg(feature = "flask")]
            Seal::Flask(_) => false,
        }
    }

    /// Whether a text is as long as a cookie of this format can be.
    pub(crate) fn fits(&self, text: &str) -> bool {
        match self {
            Seal::Encrypted(layout) => layout.fits(text),
            Seal::Signed(layout) => layout.fits(text),
            #[cfg(feature = "flask")]
            Seal::Flask(_) => Flask::fits(text),
        }
    }

    /// What a text holds, if one of the keys sealed it for this very cookie. Nothing else about the text is told.
    #[cfg_attr(not(feature = "flask"), allow(unused_variables))] // The other formats hold their deadline.
    pub(crate) fn open(&self, text: &str, now: Timestamp) -> Option<Opened> {
        match self {
            Seal::Encrypted(layout) => layout.open(text),
            Seal::Signed(layout) => layout.open(text),
            #[cfg(feature = "flask")]
            Seal::Flask(flask) => flask.open(text, now),
        }
    }

    /// A cookie by the first key.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for one that browsers would drop.
    pub(crate) fn seal(&self, head: Head, record: &Record, random: &Random) -> Result<Sealed> {
        match self {
            Seal::Encrypted(layout) => layout.seal(head, record, random),
            Seal::Signed(layout) => layout.seal(head, record, random),
            #[cfg(feature = "flask")]
            Seal::Flask(flask) => flask.seal(&head, record),
        }
    }

    /// The largest record that fits into the cookie, in bytes.
    pub(crate) fn most(&self) -> usize {
        match self {
            Seal::Encrypted(layout) => layout.most(),
            Seal::Signed(layout) => layout.most(),
            #[cfg(feature = "flask")]
            Seal::Flask(flask) => flask.most(),
        }
    }
}

impl Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seal::Encrypted(layout) => write!(f, "Encrypted({layout:?})"),
            Seal::Signed(layout) => write!(f, "Signed({layout:?})"),
            #[cfg(feature = "flask")]
            Seal::Flask(flask) => write!(f, "Flask({flask:?})"),
        }
    }
}

/// Refuses a cookie that browsers would drop.
fn check_size(value: usize, name: usize) -> Result<()> {
    match value + name > MOST_BYTES {
        true => {
            Err(Error::TooLarge { what: "cookie (name and value, in bytes)", size: value + name, limit: MOST_BYTES })
        }
        false => Ok(()),
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
