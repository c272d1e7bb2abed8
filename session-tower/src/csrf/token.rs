//! Signing and checking.

use std::fmt::{self, Debug};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use session_core::{DerivedKey, Error, Operation, SecretKeys, SessionBinding};
use sha2::Sha256;

use super::CsrfError;
use super::nonce::Nonce;
use crate::error::SessionError;

/// What these keys are for, and nothing else.
const PURPOSE: &str = "session-tower csrf v1";
const SALT: usize = 16;
const MAC: usize = 32;

/// Whom a token belongs to.
#[derive(Clone, Copy)]
pub(super) enum Bearer<'a> {
    Stranger(&'a Nonce),
    Session(&'a SessionBinding),
}

/// A token is a random salt and the HMAC-SHA-256 of its bearer and the salt, in base64url.
#[derive(Clone)]
pub(super) struct Signer(Arc<[DerivedKey]>);

impl Signer {
    pub(super) fn new(keys: &SecretKeys) -> Self {
        Signer(keys.derive(PURPOSE).into())
    }

    pub(super) fn sign(&self, bearer: Bearer<'_>) -> Result<String, SessionError> {
        let salt = random::<SALT>()?;
        // A list of keys is never empty.
        let mac = self.0.first().and_then(|key| mac(key, bearer, &salt)).map(|mac| mac.finalize().into_bytes());
        let Some(mac) = mac else { return Err(Error::config("SECRET_KEY", "there is no key", "set one").into()) };
        let mut bytes = [0_u8; SALT + MAC];
        bytes[..SALT].copy_from_slice(&salt);
        bytes[SALT..].copy_from_slice(&mac);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// In constant time, but for the shape of what was sent.
    pub(super) fn verify(&self, bearer: Bearer<'_>, text: &str) -> Result<(), CsrfError> {
        let bytes = decode::<{ SALT + MAC }>(text).ok_or(CsrfError)?;
        let (salt, claimed) = bytes.split_at(SALT);
        let fits = |key| mac(key, bearer, salt).is_some_and(|mac| mac.verify_slice(claimed).is_ok());
        match self.0.iter().fold(false, |any, key| fits(key) | any) {
            true => Ok(()),
            false => Err(CsrfError),
        }
    }
}

impl Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} keys, redacted)", self.0.len())
    }
}

/// The bytes that a text spells, if it is their one spelling and there are so many of them.
pub(super) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// `None` for a key that HMAC does not take: there is none.
fn mac(key: &DerivedKey, bearer: Bearer<'_>, salt: &[u8]) -> Option<Hmac<Sha256>> {
    let (label, bearer): (&[u8], &[u8]) = match bearer {
        Bearer::Stranger(nonce) => (b"stranger\0", nonce.as_bytes()),
        Bearer::Session(binding) => (b"session\0", binding.expose()),
    };
    let mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
    Some(mac.chain_update(label).chain_update(bearer).chain_update(salt))
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::unavailable(Operation::Random, error))?;
    Ok(bytes)
}
