//! HMAC-SHA-256 (RFC 2104, FIPS 180-4).

use hmac::{Hmac, KeyInit, Mac};
use session_core::DerivedKey;
use sha2::Sha256;

use super::layout::Algorithm;

/// Holds the hash with the key already in it.
pub(crate) struct HmacSha256(Hmac<Sha256>);

impl HmacSha256 {
    /// The context's length goes first and the nonce's is fixed, so that no part can pass for another: nor the end of one cookie's name
    /// for the beginning of another cookie's nonce.
    fn mac(&self, context: &[u8], nonce: &[u8], body: &[u8]) -> Hmac<Sha256> {
        let length = (context.len() as u64).to_be_bytes();
        self.0.clone().chain_update(length).chain_update(context).chain_update(nonce).chain_update(body)
    }
}

impl Algorithm for HmacSha256 {
    const FORMAT: u8 = 2;
    const PURPOSE: &'static str = "session-cookie signed v1";
    const NONCE: usize = 16;
    const TAG: usize = 32;

    fn new(key: &DerivedKey) -> Option<Self> {
        Hmac::new_from_slice(key.expose()).ok().map(HmacSha256)
    }

    fn seal(&self, context: &[u8], nonce: &[u8], body: &mut [u8], tag: &mut [u8]) -> Option<()> {
        tag.copy_from_slice(&self.mac(context, nonce, body).finalize().into_bytes());
        Some(())
    }

    fn open(&self, context: &[u8], nonce: &[u8], body: &mut [u8], tag: &[u8]) -> Option<()> {
        // In constant time, and never a shortened tag.
        self.mac(context, nonce, body).verify_slice(tag).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s20_only_the_whole_tag_verifies() {
        let hmac = HmacSha256(Hmac::new_from_slice(&[1; 32]).unwrap());
        let (mut body, mut tag) = (*b"signed", [0; 32]);
        hmac.seal(b"context", &[7; 16], &mut body, &mut tag).unwrap();
        assert_eq!(&body, b"signed", "readable");
        assert!(hmac.open(b"context", &[7; 16], &mut body, &tag).is_some());
        for length in 0..32 {
            assert!(hmac.open(b"context", &[7; 16], &mut body, &tag[..length]).is_none(), "{length} bytes");
        }
    }

    #[test]
    fn s22_the_end_of_a_name_is_no_beginning_of_a_nonce() {
        let hmac = HmacSha256(Hmac::new_from_slice(&[1; 32]).unwrap());
        let (mut body, mut tag) = (*b"signed", [0; 32]);
        hmac.seal(b"the id", b"_23456789abcdef0", &mut body, &mut tag).unwrap();
        // The same bytes in a row, under a name that is one longer.
        let moved = hmac.open(b"the id_", b"23456789abcdef0s", &mut body[1..].to_vec(), &tag);
        assert!(moved.is_none());
    }

    #[test]
    fn s37_the_key_is_wiped() {
        fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
        // Of HMAC's two states each is one of these, and nothing else keeps the key.
        is_wiped::<Sha256>();
    }
}
