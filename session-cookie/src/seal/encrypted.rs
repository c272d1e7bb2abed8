//! XAES-256-GCM: AES-256-GCM with a key derived for each message from half of a random nonce of 192 bits, so that no number of
//! messages makes two nonces likely to meet. <https://github.com/C2SP/C2SP/blob/main/XAES-256-GCM.md>

use session_core::DerivedKey;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};

use super::layout::Algorithm;

/// Holds the expanded key and what is derived from it once for all messages.
pub(crate) struct Xaes(Xaes256Gcm);

impl Algorithm for Xaes {
    const FORMAT: u8 = 1;
    const PURPOSE: &'static str = "session-cookie encrypted v1";
    const NONCE: usize = 24;
    const TAG: usize = 16;

    fn new(key: &DerivedKey) -> Option<Self> {
        Xaes256Gcm::new_from_slice(key.expose()).ok().map(Xaes)
    }

    fn seal(&self, context: &[u8], nonce: &[u8], body: &mut [u8], tag: &mut [u8]) -> Option<()> {
        let made = self.0.encrypt_inout_detached(nonce.try_into().ok()?, context, body.into()).ok()?;
        tag.copy_from_slice(&made);
        Some(())
    }

    fn open(&self, context: &[u8], nonce: &[u8], body: &mut [u8], tag: &[u8]) -> Option<()> {
        let (nonce, tag) = (nonce.try_into().ok()?, tag.try_into().ok()?);
        self.0.decrypt_inout_detached(nonce, context, body.into(), tag).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's two vectors: key byte, context, ciphertext and tag.
    const VECTORS: [(u8, &str, &str); 2] = [
        (1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
    ];

    #[test]
    fn s19_the_specifications_known_answers() {
        for (byte, context, expected) in VECTORS {
            let xaes = Xaes(Xaes256Gcm::new_from_slice(&[byte; 32]).unwrap());
            let (nonce, mut body, mut tag) = (b"ABCDEFGHIJKLMNOPQRSTUVWX", *b"XAES-256-GCM", [0; 16]);
            xaes.seal(context.as_bytes(), nonce, &mut body, &mut tag).unwrap();
            let sealed: String = body.iter().chain(&tag).map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(sealed, expected);
            xaes.open(context.as_bytes(), nonce, &mut body, &tag).unwrap();
            assert_eq!(&body, b"XAES-256-GCM");
        }
    }

    #[test]
    fn s20_what_is_not_verified_is_not_decrypted() {
        let xaes = Xaes(Xaes256Gcm::new_from_slice(&[1; 32]).unwrap());
        let (nonce, mut body, mut tag) = ([7; 24], *b"sealed", [0; 16]);
        xaes.seal(b"", &nonce, &mut body, &mut tag).unwrap();
        let before = body;
        tag[0] ^= 1;
        assert!(xaes.open(b"", &nonce, &mut body, &tag).is_none());
        assert_eq!(body, before, "still the ciphertext");
        assert!(xaes.open(b"", &nonce, &mut body, &[]).is_none(), "an empty tag");
    }

    #[test]
    fn s37_the_key_is_wiped() {
        fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
        is_wiped::<Xaes256Gcm>();
    }
}
