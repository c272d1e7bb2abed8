//! What a record looks like where it lies: the native layout, and the door for others.

use std::fmt::Debug;

use bytes::Bytes;

use crate::error::Result;
use crate::record::{Codec, Life, Record};
use crate::token::{RecordKey, Token};

/// How records lie in a store. A backend learns it from [`StoreConfig::shape`](crate::StoreConfig::shape) and says with
/// [`Capabilities::shape`](crate::Capabilities::shape) which one it keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// With a version and a deadline beside each record, in a form of the backend's own.
    #[default]
    Native,
    /// As Flask-Session lays them: the record and its end, and nothing else. The version is told from the bytes, see
    /// [`Version::of`](crate::Version::of).
    Flask,
}

/// How tokens, keys and records look. Pure: no I/O, no clock.
///
/// The native layout is the default; another one shares its sessions with another library.
pub trait Layout: Debug + Send + Sync + 'static {
    /// A new token, unguessable.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) where the operating system gives no random bytes.
    fn mint(&self) -> Result<Token>;

    /// The token that a cookie's text spells, or nothing.
    fn parse(&self, text: &str) -> Option<Token>;

    /// The key under which the token's record lies.
    fn key(&self, token: &Token) -> RecordKey;

    /// How the records lie in the store. Default: [`Shape::Native`].
    fn shape(&self) -> Shape {
        Shape::Native
    }

    /// The codec of new records.
    fn codec(&self) -> Codec;

    /// The bytes to store.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) for a record that no layout takes.
    fn encode(&self, record: &Record) -> Result<Bytes>;

    /// The record in stored bytes; `life` stands in where they do not tell.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) where they are no record.
    fn decode(&self, stored: &Bytes, life: Life) -> Result<Record>;
}

/// Ids of 256 bits, hashed keys, records with this library's reserved key.
#[derive(Debug, Clone)]
pub(crate) struct NativeLayout {
    prefix: String,
    hash_keys: bool,
    codec: Codec,
}

impl NativeLayout {
    pub(crate) fn new(prefix: &str, hash_keys: bool, codec: Codec) -> Self {
        NativeLayout { prefix: prefix.to_owned(), hash_keys, codec }
    }
}

impl Layout for NativeLayout {
    fn mint(&self) -> Result<Token> {
        Token::random()
    }

    fn parse(&self, text: &str) -> Option<Token> {
        Token::parse_id(text)
    }

    fn key(&self, token: &Token) -> RecordKey {
        match self.hash_keys {
            true => RecordKey::hashed(&self.prefix, token),
            false => RecordKey::plain(&self.prefix, token),
        }
    }

    fn codec(&self) -> Codec {
        self.codec
    }

    fn encode(&self, record: &Record) -> Result<Bytes> {
        record.encode()
    }

    fn decode(&self, stored: &Bytes, life: Life) -> Result<Record> {
        Record::decode(stored, life)
    }
}
