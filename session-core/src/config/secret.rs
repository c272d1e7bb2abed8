//! SECRET_KEY and what is derived from it.

use std::fmt::{self, Debug};
use std::sync::Arc;

use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// What a key needs at least, in bytes.
const MIN_BYTES: usize = 32;

const HOW: &str = "make one with: python3 -c 'import secrets; print(secrets.token_hex())'";

/// Keys that stand in tutorials, samples and other projects' defaults.
const KNOWN: [&str; 12] = [
    "dev",
    "secret",
    "secret key",
    "secret_key",
    "secretkey",
    "changeme",
    "change me",
    "change_me",
    "password",
    "your secret key",
    "thisismyscretkey",
    "test_secret_key",
];

/// The application's secret keys: the first signs and seals, all of them open.
///
/// Nothing is signed with the key itself: each purpose gets a key of its own by HKDF-SHA-256 (RFC 5869), so that what one
/// purpose signs means nothing to another. The keys do not print and are wiped from memory when dropped.
///
/// ```
/// use session_core::SecretKeys;
///
/// let keys = SecretKeys::new("correct horse battery staple, and some more")?;
/// assert_eq!(format!("{keys:?}"), "SecretKeys(1 key, redacted)");
/// assert!(SecretKeys::new("changeme").unwrap_err().to_string().starts_with("SECRET_KEY"));
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone)]
pub struct SecretKeys(Arc<[Zeroizing<Vec<u8>>]>);

impl SecretKeys {
    /// One key.
    ///
    /// # Errors
    /// [`Error::Config`] for a key of less than 32 bytes, a known default, or one that is a repetition.
    pub fn new(key: impl AsRef<[u8]>) -> Result<Self> {
        Self::with_fallbacks(key, std::iter::empty::<&[u8]>())
    }

    /// A key, and the older ones that still open what they once signed.
    ///
    /// # Errors
    /// [`Error::Config`] for a weak key, or one that stands there twice.
    pub fn with_fallbacks<K: AsRef<[u8]>>(
        key: impl AsRef<[u8]>,
        fallbacks: impl IntoIterator<Item = K>,
    ) -> Result<Self> {
        let mut keys = vec![checked("SECRET_KEY", key.as_ref())?];
        for fallback in fallbacks {
            keys.push(checked("SECRET_KEY_FALLBACKS", fallback.as_ref())?);
        }
        refuse_twice(&keys)?;
        Ok(SecretKeys(keys.into()))
    }

    /// A random key for development: it dies with the process, and all that it signed with it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the operating system gives no random bytes.
    pub fn random_for_development() -> Result<Self> {
        let mut key = Zeroizing::new(vec![0_u8; MIN_BYTES]);
        getrandom::fill(&mut key).map_err(Error::random)?;
        Ok(SecretKeys(Arc::from([key])))
    }

    /// A key for one purpose from each secret key, the signing one first.
    ///
    /// `purpose` is a constant of the code that uses the key, such as `"session-tower csrf v1"`.
    #[must_use]
    pub fn derive(&self, purpose: &'static str) -> Vec<DerivedKey> {
        self.0.iter().map(|key| DerivedKey::new(key, purpose)).collect()
    }
}

impl Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, s) = (self.0.len(), if self.0.len() == 1 { "" } else { "s" });
        write!(f, "SecretKeys({count} key{s}, redacted)")
    }
}

fn checked(field: &'static str, key: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let text = String::from_utf8_lossy(key).trim().to_ascii_lowercase();
    if KNOWN.contains(&text.as_str()) {
        return Err(Error::config(field, "it is a known default", HOW));
    }
    if key.len() < MIN_BYTES {
        return Err(Error::config(field, format!("it has {} bytes, {MIN_BYTES} are needed", key.len()), HOW));
    }
    if is_repetition(key) {
        return Err(Error::config(field, "it repeats one short pattern", HOW));
    }
    Ok(Zeroizing::new(key.to_vec()))
}

/// True for "aaaa…", "abcabc…" and the like, up to a pattern of eight bytes.
fn is_repetition(key: &[u8]) -> bool {
    (1..=8).any(|period| key.iter().zip(&key[period..]).all(|(a, b)| a == b))
}

fn refuse_twice(keys: &[Zeroizing<Vec<u8>>]) -> Result<()> {
    let twice =
        keys.iter().enumerate().any(|(at, key)| keys[..at].iter().any(|other| other.as_slice().ct_eq(key).into()));
    match twice {
        true => Err(Error::config("SECRET_KEY_FALLBACKS", "a key stands there twice", "list each key once")),
        false => Ok(()),
    }
}

/// 32 bytes for one purpose. Not printable, wiped when dropped.
#[derive(Clone)]
pub struct DerivedKey(Zeroizing<[u8; 32]>);

impl DerivedKey {
    fn new(secret: &[u8], purpose: &str) -> Self {
        let mut key = Zeroizing::new([0_u8; 32]);
        // HKDF gives up to 8,160 bytes; 32 cannot be refused.
        let refused = Hkdf::<Sha256>::new(None, secret).expand(purpose.as_bytes(), key.as_mut()).is_err();
        debug_assert!(!refused);
        DerivedKey(key)
    }

    /// The key's bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "0123456789abcdef0123456789abcdeX";

    #[test]
    fn s67_weak_keys_are_refused_with_the_way_to_a_good_one() {
        for weak in
            ["", "dev", "changeme", "secret", "0123456789abcdef0123456789abcde", &"a".repeat(64), &"abc".repeat(20)]
        {
            let error = SecretKeys::new(weak).unwrap_err().to_string();
            assert!(error.starts_with("SECRET_KEY: ") && error.contains("secrets.token_hex"), "{error}");
        }
        assert!(SecretKeys::new(GOOD).is_ok());
        assert!(SecretKeys::with_fallbacks(GOOD, [GOOD]).unwrap_err().to_string().starts_with("SECRET_KEY_FALLBACKS"));
        assert!(SecretKeys::with_fallbacks(GOOD, ["short"]).is_err());
    }

    #[test]
    fn s23_each_purpose_and_each_key_has_its_own() {
        let keys = SecretKeys::with_fallbacks(GOOD, ["another key of at least 32 bytes!"]).unwrap();
        let (seal, csrf) = (keys.derive("seal"), keys.derive("csrf"));
        let all = [&seal[0], &seal[1], &csrf[0], &csrf[1]].map(DerivedKey::expose);
        assert!((0..4).all(|a| (0..a).all(|b| all[a] != all[b])));
        // HKDF-SHA-256 with an empty salt, checked against Python's hmac.
        assert_eq!(seal[0].expose()[..4], GOLDEN);
    }

    /// `HMAC(HMAC(32 zero bytes, key), b"seal\x01")[:4]`
    const GOLDEN: [u8; 4] = [70, 11, 76, 191];

    /// Two ways to `check()` where the bound holds, and then the compiler does not know which: it must not hold.
    macro_rules! is_not {
        ($type:ty: $bound:path) => {{
            trait Check<A> {
                fn check() {}
            }
            struct Holds;
            impl<T: ?Sized> Check<()> for T {}
            impl<T: ?Sized + $bound> Check<Holds> for T {}
            <$type as Check<_>>::check();
        }};
    }

    #[test]
    fn s37_keys_are_wiped_and_neither_copied_nor_serialized() {
        fn is_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let keys = SecretKeys::new(GOOD).unwrap();
        is_wiped(&keys.0[0]);
        is_wiped(&keys.derive("x")[0].0);
        is_not!(SecretKeys: Copy);
        is_not!(SecretKeys: serde::Serialize);
        is_not!(DerivedKey: Copy);
        is_not!(DerivedKey: serde::Serialize);
    }

    #[test]
    fn s36_keys_do_not_print() {
        let keys = SecretKeys::new(GOOD).unwrap();
        let printed = format!("{keys:?} {:?}", keys.derive("x"));
        assert!(!printed.contains("0123") && printed.contains("redacted"));
    }
}
