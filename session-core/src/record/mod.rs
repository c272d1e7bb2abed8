//! The stored session: a map from key to encoded value, and what the library keeps about it.
//!
//! Values stay encoded until they are read, so that one `get` decodes one value and not the session.

mod codec;
mod messagepack;

#[cfg(feature = "bincode")]
mod bincode;
#[cfg(feature = "bincode")]
mod depth;
#[cfg(feature = "json")]
mod json;

use std::fmt::{self, Debug};

use bytes::Bytes;

use crate::clock::Timestamp;

pub use codec::Codec;
pub(crate) use codec::Malformed;

/// The key that makes a session permanent in Flask's sense; its truth is what counts.
pub(crate) const PERMANENT: &str = "_permanent";
/// Where flashed messages lie, as in Flask.
pub(crate) const FLASHES: &str = "_flashes";
/// The one key under which this library keeps its own: `[format, created, absolute deadline, …]`.
pub(crate) const RESERVED: &str = "_session";

/// The longest name of a key, in bytes.
pub(crate) const MAX_NAME: usize = 256;
/// The most keys of a session.
pub(crate) const MAX_KEYS: usize = 1024;
/// The deepest nesting of a value.
pub(crate) const MAX_DEPTH: usize = 64;
/// The largest record that is read at all. What may be *written* is `StoreConfig::max_payload`.
pub(crate) const MAX_STORED: usize = 16 * 1024 * 1024;

/// An encoded value: bytes, and the codec that they are in.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    codec: Codec,
    bytes: Bytes,
}

impl Value {
    pub(crate) fn new(codec: Codec, bytes: Bytes) -> Self {
        Value { codec, bytes }
    }

    /// The codec of the bytes.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The encoded bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?}, {} bytes)", self.codec, self.bytes.len())
    }
}

/// A key as it lies in a record.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// UTF-8, checked when it came in.
    Text(Bytes),
    /// A key that is no text (Python allows any): kept bit for bit, invisible to Rust.
    Opaque(Bytes),
}

impl Name {
    fn is(&self, name: &str) -> bool {
        matches!(self, Name::Text(bytes) if bytes == name.as_bytes())
    }

    fn as_str(&self) -> Option<&str> {
        match self {
            Name::Text(bytes) => std::str::from_utf8(bytes).ok(),
            Name::Opaque(_) => None,
        }
    }

    fn bytes(&self) -> &Bytes {
        match self {
            Name::Text(bytes) | Name::Opaque(bytes) => bytes,
        }
    }
}

/// What the library keeps about a session, beside the application's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// When the session began: its first write, or its last login.
    pub created: Timestamp,
    /// When it ends, however often it is used.
    pub absolute: Timestamp,
}

#[derive(Clone, PartialEq)]
struct Slot {
    name: Name,
    value: Bytes,
}

/// A session's contents.
///
/// Keys keep their order; equality is that of the encoded bytes. `Debug` prints counts and never a key's value.
#[derive(Clone, PartialEq)]
pub struct Record {
    codec: Codec,
    slots: Vec<Slot>,
    life: Life,
    /// Fields of the reserved key that a later version of this library added: kept as they are.
    later: Bytes,
}

impl Record {
    /// A record without keys.
    #[must_use]
    pub fn new(codec: Codec, life: Life) -> Self {
        Record { codec, slots: Vec::new(), life, later: Bytes::new() }
    }

    /// The same with room for so many keys.
    fn with_capacity(codec: Codec, life: Life, keys: usize) -> Self {
        Record { slots: Vec::with_capacity(keys.min(MAX_KEYS)), ..Record::new(codec, life) }
    }

    /// Reads a stored record; the codec is recognised by its first byte.
    ///
    /// `life` stands in where the record has none (Flask wrote it, or cleared it).
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) where the bytes are no record within the bounds: at most 16 MiB, 1,024 keys
    /// of at most 256 bytes, values nested at most 64 deep.
    pub fn decode(stored: &Bytes, life: Life) -> crate::Result<Self> {
        Codec::of(stored).and_then(|codec| codec.decode(stored, life)).map_err(Malformed::corrupt)
    }

    /// The bytes to store, in the record's own codec.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) for more than 1,024 keys.
    pub fn encode(&self) -> crate::Result<Bytes> {
        if self.slots.len() > MAX_KEYS {
            return Err(crate::Error::TooLarge { what: "number of keys", size: self.slots.len(), limit: MAX_KEYS });
        }
        Ok(self.codec.encode(self))
    }

    /// The record with a text of its layout's own in the reserved key, which becomes `[format, created, absolute deadline, owner,
    /// generation, mark]`: for a layout that has to tell two writes of the same contents apart. bincode records take none.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use session_core::{Codec, Life, Record, Timestamp};
    ///
    /// let life = Life { created: Timestamp::from_millis(1), absolute: Timestamp::from_millis(2) };
    /// let record = Record::new(Codec::MessagePack, life);
    /// assert_ne!(record.marked("a").encode()?, record.marked("b").encode()?);
    /// # Ok::<(), session_core::Error>(())
    /// ```
    #[must_use]
    pub fn marked(&self, mark: &str) -> Self {
        Record { later: self.codec.with_mark(&self.later, mark), ..self.clone() }
    }

    /// The mark that it was given last.
    pub(crate) fn mark(&self) -> Option<String> {
        self.codec.mark(&self.later)
    }

    /// The codec of all its values.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// When it began and when it ends.
    #[must_use]
    pub fn life(&self) -> Life {
        self.life
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        self.slots.iter().find(|slot| slot.name.is(name)).map(|slot| Value::new(self.codec, slot.value.clone()))
    }

    /// True where the key is there.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.slots.iter().any(|slot| slot.name.is(name))
    }

    /// The keys that an application sees, in their order (not `_permanent`).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().filter(|slot| !slot.name.is(PERMANENT)).filter_map(|slot| slot.name.as_str())
    }

    /// True where there is no key but `_permanent`: nothing worth keeping.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| slot.name.is(PERMANENT))
    }

    /// True where there is no key at all, not even `_permanent`: what Flask's own sessions call empty.
    pub(crate) fn is_bare(&self) -> bool {
        self.slots.is_empty()
    }

    /// Flask's `session.permanent`: whether `_permanent` is there and true.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.get(PERMANENT).is_some_and(|value| self.codec.is_truthy(value.bytes()))
    }

    pub(crate) fn put(&mut self, name: &str, value: Bytes) {
        match self.slots.iter_mut().find(|slot| slot.name.is(name)) {
            Some(slot) => slot.value = value,
            None => self.slots.push(Slot { name: Name::Text(Bytes::copy_from_slice(name.as_bytes())), value }),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.slots.iter().position(|slot| slot.name.is(name))?;
        Some(Value::new(self.codec, self.slots.remove(at).value))
    }

    /// Removes the keys. `_permanent` stays, as in Flask-Session; in Flask itself it goes too (`wholly`).
    pub(crate) fn clear(&mut self, wholly: bool) {
        self.slots.retain(|slot| !wholly && slot.name.is(PERMANENT));
    }

    pub(crate) fn set_permanent(&mut self, permanent: bool) {
        self.put(PERMANENT, self.codec.encode_bool(permanent));
    }

    pub(crate) fn set_life(&mut self, life: Life) {
        self.life = life;
    }

    /// Takes one decoded pair in; of keys that stand twice the last value counts, as in Python.
    fn absorb(&mut self, name: Name, value: Bytes) -> Result<(), Malformed> {
        if name.bytes().len() > MAX_NAME {
            return Err(Malformed("a key is longer than 256 bytes"));
        }
        match self.slots.iter().position(|slot| slot.name == name) {
            Some(at) => self.slots[at].value = value,
            None if self.slots.len() == MAX_KEYS => return Err(Malformed("more than 1,024 keys")),
            None => self.slots.push(Slot { name, value }),
        }
        Ok(())
    }
}

impl Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (codec, keys) = (self.codec, self.slots.len());
        f.debug_struct("Record").field("codec", &codec).field("keys", &keys).field("life", &self.life).finish()
    }
}

#[cfg(test)]
mod tests;
