use std::fmt;
use std::marker::PhantomData;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use super::seen::{Raw, serialize_private};
use crate::private::{self, Kind};

/// Python's `tuple`: around a Rust tuple, an array or a `Vec`.
///
/// A plain `(A, B)` is written as Python's list.
///
/// ```
/// use session_flask::types::Tuple;
///
/// assert_eq!(serde_json::to_string(&Tuple((1, "a")))?, r#"[1,"a"]"#);
/// let bytes = rmp_serde::to_vec(&Tuple((1, "a"))).unwrap();
/// assert_eq!(rmp_serde::from_slice::<Tuple<(u8, String)>>(&bytes).unwrap(), Tuple((1, "a".to_owned())));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tuple<T>(pub T);

impl<T: Serialize> Serialize for Tuple<T> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        if output.is_human_readable() {
            return self.0.serialize(output);
        }
        let items = rmp_serde::to_vec_named(&self.0).map_err(ser::Error::custom)?;
        match items.first() {
            Some(0x90..=0x9f | 0xdc | 0xdd) => serialize_private(output, Kind::Tuple, &items),
            _ => Err(ser::Error::custom("a tuple is written from what serde writes as a sequence")),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Tuple<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        match input.is_human_readable() {
            true => T::deserialize(input).map(Tuple),
            false => input.deserialize_any(Items(PhantomData)).map(Tuple),
        }
    }
}

/// An array, or the extension around one.
struct Items<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Items<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or a tuple")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(items))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, extension: D) -> Result<T, D::Error> {
        let (code, Raw(data)) = <(i8, Raw<Vec<u8>>)>::deserialize(extension)?;
        match private::unwrap(code, &data) {
            Some((Kind::Tuple, items)) => rmp_serde::from_slice(items).map_err(de::Error::custom),
            _ => Err(de::Error::custom("no tuple")),
        }
    }
}

impl<T> From<T> for Tuple<T> {
    fn from(items: T) -> Self {
        Tuple(items)
    }
}
