//! Text with a time and a signature, as itsdangerous' `TimestampSigner` writes it: `payload.time.signature`.

mod config;
mod keyed;

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{Environment, Error, Result, SecretKeys, Timestamp};

pub use config::{Digest, KeyDerivation, SignerConfig};
use keyed::Keyed;
use zeroize::Zeroizing;

/// The last second of the year 9999: Python's calendar ends here.
const LAST_SECOND: u64 = 253_402_300_799;
/// What the longest signature, SHA-512's, takes while it is decoded.
const SIGNATURE: usize = 66;

/// Signs with the current key, and reads what that or an older key signed.
///
/// The keys are derived when it is made, not for each signature. It prints no key, and wipes them when dropped.
#[derive(Clone)]
pub struct Signer {
    current: Keyed,
    /// In the order in which they are tried.
    fallbacks: Vec<Keyed>,
}

/// What a good signature says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Verified<'a> {
    /// What was signed.
    pub payload: &'a str,
    /// When, to the second.
    pub at: Timestamp,
    /// Whether a fallback key signed it.
    pub by_fallback: bool,
}

impl Signer {
    /// A signer for Flask's `SECRET_KEY` and `SECRET_KEY_FALLBACKS`; text keys are used as their UTF-8 bytes.
    ///
    /// The current key is tried first, then the fallbacks from the last to the first.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a key that [`SecretKeys`] refuses: shorter than 32 bytes, a known default, a repetition
    /// or a duplicate; not where [`danger_allow_weak_key`](SignerConfig::danger_allow_weak_key) is set.
    pub fn new<K: AsRef<[u8]>>(
        secret: impl AsRef<[u8]>,
        fallbacks: impl IntoIterator<Item = K>,
        config: &SignerConfig,
    ) -> Result<Self> {
        let fallbacks: Vec<K> = fallbacks.into_iter().collect();
        if !config.danger_allow_weak_key {
            SecretKeys::with_fallbacks(secret.as_ref(), fallbacks.iter().map(AsRef::as_ref))?;
        }
        let older = fallbacks.iter().rev();
        Ok(Signer {
            current: Keyed::derive(config, secret.as_ref()),
            fallbacks: older.map(|key| Keyed::derive(config, key.as_ref())).collect(),
        })
    }

    /// A signer for a stock Flask with these environment variables: `SECRET_KEY`, and `SECRET_KEY_FALLBACKS` separated by commas.
    ///
    /// ```
    /// use session_core::Environment;
    /// use session_flask::Signer;
    ///
    /// let nothing = Environment::from_pairs::<&str, &str>([]);
    /// assert!(Signer::from_environment(&nothing).unwrap_err().to_string().starts_with("SECRET_KEY: it is not set"));
    /// ```
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) where `SECRET_KEY` is not set, and for what [`new`](Signer::new) refuses.
    pub fn from_environment(environment: &Environment) -> Result<Self> {
        let Some(secret) = environment.text("SECRET_KEY").map(Zeroizing::new) else {
            return Err(Error::config(
                "SECRET_KEY",
                "it is not set, and Flask's cookie is signed with it",
                "set it to that of the Flask application",
            ));
        };
        let fallbacks = Zeroizing::new(environment.text("SECRET_KEY_FALLBACKS").unwrap_or_default());
        let list = fallbacks.split(',').map(str::trim).filter(|key| !key.is_empty());
        Self::new(secret.as_str(), list, &SignerConfig::default())
    }

    /// The payload with its time, in whole seconds, and its signature.
    #[must_use]
    pub fn sign(&self, payload: &str, now: Timestamp) -> String {
        let seconds = now.as_secs().to_be_bytes();
        let leading = seconds.iter().take_while(|&&byte| byte == 0).count();
        let mut text = String::with_capacity(payload.len() + 100);
        text.push_str(payload);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(&seconds[leading..], &mut text);
        let signature = self.current.sign(text.as_bytes());
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        text
    }

    /// The payload of a text that is signed by one of the keys, and at most `max_age` old in whole seconds.
    ///
    /// A time in the future is refused, as itsdangerous 2 does. Nothing of the text is looked at before its signature is found good.
    #[must_use]
    pub fn verify<'a>(&self, text: &'a str, max_age: Duration, now: Timestamp) -> Option<Verified<'a>> {
        let (signed, signature) = text.rsplit_once('.')?;
        let by_fallback = self.signed_by_fallback(signed, signature)?;
        let (payload, time) = signed.rsplit_once('.')?;
        let seconds = decode_time(time)?;
        let age = now.as_secs().checked_sub(seconds)?;
        let at = Timestamp::from_millis(seconds.checked_mul(1000)?);
        (age <= max_age.as_secs()).then_some(Verified { payload, at, by_fallback })
    }

    /// Whether it was a fallback key that signed; nothing where none did.
    fn signed_by_fallback(&self, signed: &str, signature: &str) -> Option<bool> {
        let mut buffer = [0; SIGNATURE];
        let length = URL_SAFE_NO_PAD.decode_slice(signature, &mut buffer).ok()?;
        let tag = &buffer[..length];
        if self.current.verify(signed.as_bytes(), tag) {
            return Some(false);
        }
        self.fallbacks.iter().any(|key| key.verify(signed.as_bytes(), tag)).then_some(true)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} fallback keys, redacted)", self.fallbacks.len())
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({} bytes, redacted)", self.payload.len())
    }
}

/// Seconds since 1970 in at most eight bytes, within Python's calendar.
fn decode_time(text: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() <= 8)?;
    let seconds = bytes.iter().fold(0, |sum: u64, &byte| sum << 8 | u64::from(byte));
    (seconds <= LAST_SECOND).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdeX";
    const OLD: &str = "an older key, of thirty-two bytes and more";
    const NOW: Timestamp = Timestamp::from_millis(1_735_689_600_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn signer(config: &SignerConfig) -> Signer {
        Signer::new(KEY, [OLD], config).unwrap()
    }

    #[test]
    fn s36_flask_keys_and_payloads_do_not_print() {
        let signer = signer(&SignerConfig::default());
        let text = signer.sign("payload", NOW);
        let printed = format!("{signer:?} {:?}", signer.verify(&text, DAY, NOW).unwrap());
        assert_eq!(printed, "Signer(1 fallback keys, redacted) Verified(7 bytes, redacted)");
    }

    #[test]
    fn s37_flask_keys_are_wiped() {
        // An HMAC is three states of its hash and a buffer of what is signed.
        fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
        is_wiped::<sha1::Sha1>();
        is_wiped::<sha2::Sha256>();
        is_wiped::<sha2::Sha512>();
    }

    #[test]
    fn s67_flask_weak_keys_are_refused_unless_called_a_danger() {
        let none = [""; 0];
        assert!(Signer::new("dev", none, &SignerConfig::default()).is_err());
        assert!(Signer::new(KEY, ["dev"], &SignerConfig::default()).is_err());
        assert!(Signer::new("dev", none, &SignerConfig::default().danger_allow_weak_key(true)).is_ok());
    }

    #[test]
    fn s24_flask_fallback_keys_read_and_the_current_one_signs() {
        let (old, both) =
            (Signer::new(OLD, [""; 0], &SignerConfig::default()).unwrap(), signer(&SignerConfig::default()));
        let written = old.sign("payload", NOW);
        assert!(both.verify(&written, DAY, NOW).unwrap().by_fallback);
        let again = both.sign("payload", NOW);
        assert!(!both.verify(&again, DAY, NOW).unwrap().by_fallback);
        assert!(old.verify(&again, DAY, NOW).is_none(), "a fallback key signs nothing");
    }

    #[test]
    fn s24_flask_keys_come_from_the_environment_under_flasks_names() {
        let set =
            [("SECRET_KEY", KEY), ("SECRET_KEY_FALLBACKS", "a key of long ago, of thirty-two bytes, an older key")];
        assert!(Signer::from_environment(&Environment::from_pairs(set)).is_err(), "the comma separates: too short");
        let set = [("SECRET_KEY", KEY), ("SECRET_KEY_FALLBACKS", "a key of long ago; thirty-two bytes , ,")];
        let signer = Signer::from_environment(&Environment::from_pairs(set)).unwrap();
        let of = |key: &str| Signer::new(key, [""; 0], &SignerConfig::default()).unwrap().sign("payload", NOW);
        assert!(!signer.verify(&of(KEY), DAY, NOW).unwrap().by_fallback);
        assert!(signer.verify(&of("a key of long ago; thirty-two bytes"), DAY, NOW).unwrap().by_fallback);
    }

    #[test]
    fn s25_flask_age_counts_in_whole_seconds_and_the_future_is_refused() {
        let signer = signer(&SignerConfig::default());
        let text = signer.sign("payload", NOW.plus(Duration::from_millis(900)));
        assert!(signer.verify(&text, Duration::ZERO, NOW).is_some());
        assert!(signer.verify(&text, DAY, NOW.plus(DAY)).is_some());
        assert!(signer.verify(&text, DAY, NOW.plus(DAY + Duration::from_secs(1))).is_none());
        assert!(signer.verify(&text, DAY, NOW.minus(Duration::from_secs(1))).is_none());
    }

    #[test]
    fn s22_flask_salts_digests_and_derivations_open_only_their_own() {
        let mut all = Vec::new();
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha512] {
            for derivation in
                [KeyDerivation::Hmac, KeyDerivation::Concat, KeyDerivation::DjangoConcat, KeyDerivation::None]
            {
                all.push(signer(&SignerConfig::default().digest(digest).derivation(derivation)));
            }
        }
        all.push(signer(&SignerConfig::default().salt(b"other".as_slice().into())));
        for (at, writer) in all.iter().enumerate() {
            let text = writer.sign("payload", NOW);
            let readers: Vec<usize> =
                (0..all.len()).filter(|&reader| all[reader].verify(&text, DAY, NOW).is_some()).collect();
            assert_eq!(readers, [at]);
        }
    }
}
