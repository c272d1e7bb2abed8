use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::seen::Seen;

/// Python's `bytes`.
///
/// ```
/// use session_flask::types::Bytes;
///
/// let bytes = Bytes::from(b"hi".as_slice());
/// assert_eq!(serde_json::to_string(&bytes)?, r#""aGk=""#);
/// assert_eq!(serde_json::from_str::<Bytes>(r#""aGk=""#)?, bytes);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match output.is_human_readable() {
            true => output.serialize_str(&STANDARD.encode(&self.0)),
            false => output.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let as_text = input.is_human_readable();
        match Seen::deserialize(input)? {
            Seen::Bytes(bytes) => Ok(Bytes(bytes)),
            Seen::Text(text) if as_text => STANDARD.decode(text).map(Bytes).map_err(|_| de::Error::custom("no base64")),
            _ => Err(de::Error::custom("no bytes")),
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.to_vec())
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
