//! HMAC states that are keyed once, and cloned for each signature.

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest as _, Sha1};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::config::{Digest, KeyDerivation, SignerConfig};

/// An HMAC that knows its key. Wiped from memory when dropped.
#[derive(Clone)]
pub(super) enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

/// The same expression for each of the three types.
macro_rules! each {
    ($keyed:expr, $mac:ident => $then:expr) => {
        match $keyed {
            Keyed::Sha1($mac) => $then,
            Keyed::Sha256($mac) => $then,
            Keyed::Sha512($mac) => $then,
        }
    };
}

impl Keyed {
    /// The state that signs, derived from the application's secret key.
    pub(super) fn derive(config: &SignerConfig, secret: &[u8]) -> Self {
        let (digest, salt) = (config.digest, config.salt.as_ref());
        let key = match config.derivation {
            KeyDerivation::Hmac => Zeroizing::new(Keyed::new(digest, secret).sign(salt)),
            KeyDerivation::Concat => hash(digest, &[salt, secret]),
            KeyDerivation::DjangoConcat => hash(digest, &[salt, b"signer", secret]),
            KeyDerivation::None => Zeroizing::new(secret.to_vec()),
        };
        Keyed::new(digest, &key)
    }

    fn new(digest: Digest, key: &[u8]) -> Self {
        match digest {
            Digest::Sha1 => Keyed::Sha1(hmac(key)),
            Digest::Sha256 => Keyed::Sha256(hmac(key)),
            Digest::Sha512 => Keyed::Sha512(hmac(key)),
        }
    }

    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        each!(self, mac => mac.clone().chain_update(text).finalize().into_bytes().to_vec())
    }

    /// Whether the signature is that of the text, in constant time.
    pub(super) fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        each!(self, mac => mac.clone().chain_update(text).verify_slice(signature).is_ok())
    }
}

/// HMAC takes a key of any length; `None` cannot come.
fn hmac<M: Mac + KeyInit>(key: &[u8]) -> M {
    <M as KeyInit>::new_from_slice(key).unwrap_or_else(|_| <M as KeyInit>::new(&Default::default()))
}

fn hash(digest: Digest, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let text = Zeroizing::new(parts.concat());
    Zeroizing::new(match digest {
        Digest::Sha1 => Sha1::digest(&text).to_vec(),
        Digest::Sha256 => Sha256::digest(&text).to_vec(),
        Digest::Sha512 => Sha512::digest(&text).to_vec(),
    })
}
