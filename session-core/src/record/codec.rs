//! The codecs of a record, and the one place that chooses between them.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Life, MAX_STORED, Record, Value, messagepack};
use crate::error::{Error, Result};

/// How a record and its values are encoded.
///
/// Reading recognises the codec of a stored record by its first byte, and a record keeps the codec that it was written
/// with: changing the configured codec logs nobody out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Codec {
    /// MessagePack with the map at top level: what Flask-Session 0.7 and later write.
    #[default]
    MessagePack,
    /// JSON, readable by Flask-Session too.
    #[cfg(feature = "json")]
    Json,
    /// bincode 2 behind the lead byte `C1`, which MessagePack never uses. It is not self-describing: a value must be read
    /// as the very type that was written, and `#[serde(untagged)]`, `#[serde(flatten)]` and `skip_serializing_if` do not work.
    #[cfg(feature = "bincode")]
    Bincode,
}

/// Why stored bytes are no record; never a part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl Malformed {
    pub(crate) fn corrupt(self) -> Error {
        Error::Corrupt { reason: self.0 }
    }
}

impl Codec {
    /// The codec of stored bytes, by the first of them.
    pub(super) fn of(stored: &[u8]) -> Result<Self, Malformed> {
        if stored.len() > MAX_STORED {
            return Err(Malformed("larger than 16 MiB"));
        }
        match stored.first() {
            #[cfg(feature = "json")]
            Some(b'{') => Ok(Codec::Json),
            #[cfg(not(feature = "json"))]
            Some(b'{') => Err(Malformed("it is JSON, and the feature `json` is off")),
            #[cfg(feature = "bincode")]
            Some(0xc1) => Ok(Codec::Bincode),
            #[cfg(not(feature = "bincode"))]
            Some(0xc1) => Err(Malformed("it is bincode, and the feature `bincode` is off")),
            Some(0x80..=0x8f | 0xde | 0xdf) => Ok(Codec::MessagePack),
            Some(_) => Err(Malformed("it begins like no known codec")),
            None => Err(Malformed("it is empty")),
        }
    }

    pub(super) fn decode(self, stored: &Bytes, life: Life) -> Result<Record, Malformed> {
        match self {
            Codec::MessagePack => messagepack::decode(stored, life),
            #[cfg(feature = "json")]
            Codec::Json => super::json::decode(stored, life),
            #[cfg(feature = "bincode")]
            Codec::Bincode => super::bincode::decode(stored, life),
        }
    }

    pub(super) fn encode(self, record: &Record) -> Bytes {
        match self {
            Codec::MessagePack => messagepack::encode(record),
            #[cfg(feature = "json")]
            Codec::Json => super::json::encode(record),
            #[cfg(feature = "bincode")]
            Codec::Bincode => super::bincode::encode(record),
        }
    }

    /// The reserved key's later fields with a mark; bincode records have none.
    pub(super) fn with_mark(self, later: &Bytes, mark: &str) -> Bytes {
        match self {
            Codec::MessagePack => messagepack::with_mark(later, mark),
            #[cfg(feature = "json")]
            Codec::Json => super::json::with_mark(later, mark),
            #[cfg(feature = "bincode")]
            Codec::Bincode => later.clone(),
        }
    }

    /// The mark among the reserved key's later fields.
    pub(super) fn mark(self, later: &Bytes) -> Option<String> {
        match self {
            _ if later.is_empty() => None,
            Codec::MessagePack => messagepack::mark(later),
            #[cfg(feature = "json")]
            Codec::Json => super::json::mark(later),
            #[cfg(feature = "bincode")]
            Codec::Bincode => None,
        }
    }

    pub(super) fn encode_bool(self, value: bool) -> Bytes {
        Bytes::from_static(match (self, value) {
            (Codec::MessagePack, false) => &[0xc2],
            (Codec::MessagePack, true) => &[0xc3],
            #[cfg(feature = "json")]
            (Codec::Json, false) => b"false",
            #[cfg(feature = "json")]
            (Codec::Json, true) => b"true",
            #[cfg(feature = "bincode")]
            (Codec::Bincode, false) => &[0],
            #[cfg(feature = "bincode")]
            (Codec::Bincode, true) => &[1],
        })
    }

    /// Python's `bool(value)`: false for nil, false, zero and whatever is empty.
    pub(super) fn is_truthy(self, value: &[u8]) -> bool {
        match self {
            Codec::MessagePack => messagepack::is_truthy(value),
            #[cfg(feature = "json")]
            Codec::Json => super::json::is_truthy(value),
            #[cfg(feature = "bincode")]
            Codec::Bincode => value != [0],
        }
    }

    /// One value for the key `name`.
    pub(crate) fn write<V: Serialize + ?Sized>(self, name: &str, value: &V) -> Result<Value> {
        let written = match self {
            Codec::MessagePack => messagepack::write(value),
            #[cfg(feature = "json")]
            Codec::Json => super::json::write(value),
            #[cfg(feature = "bincode")]
            Codec::Bincode => super::bincode::write(value),
        };
        let bytes = written.map_err(|Malformed(reason)| Error::value(name, reason))?;
        Ok(Value::new(self, bytes))
    }
}

impl Value {
    /// The value as a `T`, or an error that names the key, what was found and what was wanted.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let read = match self.codec {
            Codec::MessagePack => messagepack::read(&self.bytes),
            #[cfg(feature = "json")]
            Codec::Json => super::json::read(&self.bytes),
            #[cfg(feature = "bincode")]
            Codec::Bincode => super::bincode::read(&self.bytes),
        };
        read.ok_or_else(|| {
            Error::value(name, format!("holds {}, which is no {}", self.kind(), std::any::type_name::<T>()))
        })
    }

    /// What it is, in a sentence.
    fn kind(&self) -> &'static str {
        match self.codec {
            Codec::MessagePack => messagepack::kind(&self.bytes),
            #[cfg(feature = "json")]
            Codec::Json => super::json::kind(&self.bytes),
            #[cfg(feature = "bincode")]
            Codec::Bincode => "bytes of another type",
        }
    }
}
