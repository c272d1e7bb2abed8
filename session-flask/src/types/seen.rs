//! A text, bytes or an extension, whichever stands there.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::private::{self, Kind};

/// rmp-serde's name for a newtype that stands for an extension: `(code, data)`.
const EXTENSION: &str = "_ExtStruct";

/// Bytes as bytes, where serde would write a list of numbers.
pub(super) struct Raw<B>(pub(super) B);

impl<B: AsRef<[u8]>> Serialize for Raw<B> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_bytes(self.0.as_ref())
    }
}

impl<'de> Deserialize<'de> for Raw<Vec<u8>> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        match input.deserialize_byte_buf(AnyForm)? {
            Seen::Bytes(bytes) => Ok(Raw(bytes)),
            _ => Err(de::Error::custom("no bytes")),
        }
    }
}

pub(super) fn serialize_extension<S: Serializer>(output: S, code: i8, data: &[u8]) -> Result<S::Ok, S::Error> {
    output.serialize_newtype_struct(EXTENSION, &(code, Raw(data)))
}

pub(super) fn serialize_private<S: Serializer>(output: S, kind: Kind, data: &[u8]) -> Result<S::Ok, S::Error> {
    serialize_extension(output, private::CODE, &kind.wrap(data))
}

/// What was found.
pub(super) enum Seen {
    Text(String),
    Bytes(Vec<u8>),
    Extension(i8, Vec<u8>),
}

impl Seen {
    /// What this crate's extension wraps, if that is what it is.
    pub(super) fn private(&self, wanted: Kind) -> Option<&[u8]> {
        let Seen::Extension(code, data) = self else { return None };
        private::unwrap(*code, data).filter(|(kind, _)| *kind == wanted).map(|(_, inside)| inside)
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(AnyForm)
    }
}

struct AnyForm;

impl<'de> Visitor<'de> for AnyForm {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, bytes or an extension value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Seen, E> {
        Ok(Seen::Text(text.to_owned()))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Seen, E> {
        Ok(Seen::Bytes(bytes.to_vec()))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, extension: D) -> Result<Seen, D::Error> {
        <(i8, Raw<Vec<u8>>)>::deserialize(extension).map(|(code, Raw(data))| Seen::Extension(code, data))
    }
}
