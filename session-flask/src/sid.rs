//! Session ids as Flask-Session makes them, and their signatures.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use session_core::{Error, Result};
use sha1::Sha1;
use zeroize::Zeroizing;

/// How many random bytes an id has, unless configured otherwise (`SESSION_ID_LENGTH`).
pub const DEFAULT_LENGTH: usize = 32;
/// What an id has at least: 128 bits can't be guessed.
const LEAST: usize = 16;
/// What an id has at most.
const MOST: usize = 128;

/// Refuses a length that can be guessed, or that no key holds.
pub(crate) fn check_length(bytes: usize) -> Result<usize> {
    match (LEAST..=MOST).contains(&bytes) {
        true => Ok(bytes),
        false => {
            let problem = format!("{bytes} random bytes");
            Err(Error::config("SESSION_ID_LENGTH", problem, "choose 16 to 128; Flask-Session's default is 32"))
        }
    }
}

/// A new id: so many random bytes as unpadded base64url, 43 characters for 32.
///
/// # Errors
/// [`Error::Unavailable`] where the operating system gives no random bytes, [`Error::Config`] for a length that is not 16 to 128.
///
/// ```
/// use session_flask::sid;
///
/// let id = sid::mint(sid::DEFAULT_LENGTH)?;
/// assert_eq!(id.len(), 43);
/// assert!(sid::is_well_formed(&id));
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn mint(bytes: usize) -> Result<String> {
    let mut random = vec![0_u8; check_length(bytes)?];
    getrandom::fill(&mut random).map_err(|error| Error::unavailable(session_core::Operation::Random, error))?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

/// Whether this can be an id: 22 to 171 letters, digits, `-` and `_`, which is how 16 to 128 random bytes look as unpadded
/// base64url, and also the UUIDs of Flask-Session before 0.6.
///
/// Flask-Session itself takes any text for an id; nothing else becomes a key here. What the text decodes to does not matter:
/// the text is the id.
///
/// ```
/// use session_flask::sid::is_well_formed;
///
/// assert!(is_well_formed("3f2b8c1e-9d47-4a60-b5c8-0e1f2a3b4c5d"));
/// assert!(!is_well_formed("short") && !is_well_formed("../../etc/passwd, and some more of it"));
/// ```
#[must_use]
pub fn is_well_formed(id: &str) -> bool {
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (characters(LEAST)..=characters(MOST)).contains(&id.len()) && id.bytes().all(is_ours)
}

/// How long so many bytes are as unpadded base64.
fn characters(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Signs ids as Flask-Session does with `SESSION_USE_SIGNER`: `id.signature`, HMAC-SHA-1 under a key derived from `SECRET_KEY`.
///
/// `SECRET_KEY_FALLBACKS` count for nothing there: Flask-Session signs and reads with the one key. The key does not print.
///
/// ```
/// use session_flask::sid::SidSigner;
///
/// let signer = SidSigner::new("dev")?;
/// let cookie = "Xr2Kq9vP0cVw7ZbYtN4mLsE1uHgJf8aDi6oQ3pRkCxU.KAfODbetse42a7tteo3mU-M7cFc";
/// assert_eq!(signer.unsign(cookie), Some("Xr2Kq9vP0cVw7ZbYtN4mLsE1uHgJf8aDi6oQ3pRkCxU"));
/// assert_eq!(signer.sign("Xr2Kq9vP0cVw7ZbYtN4mLsE1uHgJf8aDi6oQ3pRkCxU"), cookie);
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone)]
pub struct SidSigner(Zeroizing<[u8; 20]>);

impl SidSigner {
    /// A signer with the application's `SECRET_KEY`, as UTF-8 where it is text.
    ///
    /// # Errors
    /// [`Error::Config`] for an empty key.
    pub fn new(secret_key: impl AsRef<[u8]>) -> Result<Self> {
        let secret_key = secret_key.as_ref();
        if secret_key.is_empty() {
            let fix = "set the key that the Flask application has";
            return Err(Error::config("SECRET_KEY", "empty, and SESSION_USE_SIGNER is on", fix));
        }
        Ok(SidSigner(Zeroizing::new(keyed(secret_key, b"flask-session").finalize().into_bytes().into())))
    }

    /// `id.signature`.
    #[must_use]
    pub fn sign(&self, id: &str) -> String {
        let signature = keyed(self.0.as_slice(), id.as_bytes()).finalize().into_bytes();
        format!("{id}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The id of a signed one, if the signature is right. Compares in constant time, and takes a signature's one spelling.
    #[must_use]
    pub fn unsign<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (id, signature) = signed.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        keyed(self.0.as_slice(), id.as_bytes()).verify_slice(&signature).ok()?;
        Some(id)
    }
}

fn keyed(key: &[u8], message: &[u8]) -> Hmac<Sha1> {
    // A key of up to 64 bytes as it is, a longer one hashed: RFC 2104. No length is refused.
    let mut block = Zeroizing::new([0_u8; 64]);
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..20].copy_from_slice(&<Sha1 as sha1::Digest>::digest(key)),
    }
    Hmac::<Sha1>::new((&*block).into()).chain_update(message)
}

impl fmt::Debug for SidSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SidSigner(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_ids_have_the_length_that_is_configured() {
        for (bytes, characters) in [(16, 22), (24, 32), (32, 43), (48, 64), (128, 171)] {
            let id = mint(bytes).unwrap();
            assert_eq!(id.len(), characters);
            assert!(is_well_formed(&id));
        }
        for bytes in [0, 15, 129] {
            assert!(mint(bytes).unwrap_err().to_string().starts_with("SESSION_ID_LENGTH"));
        }
    }

    #[test]
    fn s36_flask_keys_do_not_print() {
        let signer = SidSigner::new("a secret key").unwrap();
        assert_eq!(format!("{signer:?}"), "SidSigner(redacted)");
        assert!(SidSigner::new("").unwrap_err().to_string().starts_with("SECRET_KEY"));
    }

    #[test]
    fn flask_signatures_count_whole() {
        let (signer, id) = (SidSigner::new("dev").unwrap(), mint(32).unwrap());
        let signature = keyed(signer.0.as_slice(), id.as_bytes()).finalize().into_bytes();
        let opens = |bytes: &[u8]| signer.unsign(&format!("{id}.{}", URL_SAFE_NO_PAD.encode(bytes))).is_some();
        assert!(opens(&signature));
        assert!((0..20).all(|length| !opens(&signature[..length])) && !opens(&[&signature[..], b"\0"].concat()));
    }

    #[test]
    fn flask_ids_that_nobody_hands_out_are_none() {
        let id = mint(32).unwrap();
        for wrong in [
            String::new(),
            id[..21].to_owned(),
            format!("{id}="),
            format!(" {id}"),
            format!("{}/", &id[..42]),
            format!("retired:{id}"),
            "é".repeat(22),
            "A".repeat(172),
        ] {
            assert!(!is_well_formed(&wrong), "{wrong}");
        }
    }
}
