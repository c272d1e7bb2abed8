//! How itsdangerous makes a signing key and a signature.

use std::borrow::Cow;

/// The salt of Flask's session cookie.
const SALT: &[u8] = b"cookie-session";

/// The hash inside the HMAC, and inside the derivation of its key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Digest {
    /// What Flask uses unless its session interface is subclassed. HMAC does not need the collision resistance that SHA-1 lost.
    #[default]
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How the signing key comes from the secret key and the salt (itsdangerous' `key_derivation`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyDerivation {
    /// `HMAC(secret key, salt)`: Flask's.
    #[default]
    Hmac,
    /// `digest(salt ‖ secret key)`.
    Concat,
    /// `digest(salt ‖ "signer" ‖ secret key)`: the default of itsdangerous' own `Signer`.
    DjangoConcat,
    /// The secret key itself: salts then separate nothing.
    None,
}

/// What a [`Signer`](super::Signer) agrees on with Flask. The default is that of a stock Flask.
///
/// ```
/// use session_flask::{Digest, SignerConfig};
///
/// let config = SignerConfig::default().digest(Digest::Sha512);
/// assert_eq!(config.salt, b"cookie-session".as_slice());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignerConfig {
    /// What sets these signatures apart from others under the same key. `b"cookie-session"`.
    pub salt: Cow<'static, [u8]>,
    /// The hash. SHA-1.
    pub digest: Digest,
    /// How the key is derived. HMAC.
    pub derivation: KeyDerivation,
    /// Takes any key, a short or known one too: whoever guesses it forges every session. `false`.
    pub danger_allow_weak_key: bool,
}

impl Default for SignerConfig {
    fn default() -> Self {
        SignerConfig {
            salt: Cow::Borrowed(SALT),
            digest: Digest::default(),
            derivation: KeyDerivation::default(),
            danger_allow_weak_key: false,
        }
    }
}

impl SignerConfig {
    session_core::setters! {
        /// Sets what `SALT` is in a subclass of Flask's session interface.
        salt: Cow<'static, [u8]>,
        /// Sets the hash (`digest_method`).
        digest: Digest,
        /// Sets the derivation (`key_derivation`).
        derivation: KeyDerivation,
        /// Takes any secret key, however easily guessed.
        danger_allow_weak_key: bool,
    }
}
