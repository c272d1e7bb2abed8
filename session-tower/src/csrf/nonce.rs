//! What a stranger is known by.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::Error;

use super::token::{decode, random};

/// 128 random bits in the stranger's cookie. Not printable.
pub(super) struct Nonce([u8; 16]);

impl Nonce {
    pub(super) fn random() -> Result<Self, Error> {
        random().map(Nonce)
    }

    /// The one spelling of a nonce, or nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        decode(text).map(Nonce)
    }

    pub(super) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
