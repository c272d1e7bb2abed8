//! TaggedJSON: JSON in which an object with one key can stand for a Python value that JSON does not have.

mod number;
mod read;
mod tag;
mod text;
mod write;

use session_core::{Error, Result};

use crate::value::Value;

pub(crate) use read::read;
pub(crate) use tag::uuid;
pub(crate) use write::{write, write_dict};

/// The deepest nesting of objects and arrays, tags included.
const MAX_DEPTH: usize = 128;

impl Value {
    /// The value of a TaggedJSON text, the JSON inside Flask's cookie; nothing where it is none.
    ///
    /// Nesting is bounded at 128, integers at 4300 digits. Of keys that stand twice the last value counts. Lone surrogates and a byte order mark are refused.
    ///
    /// ```
    /// use session_flask::Value;
    ///
    /// let value = Value::from_tagged_json(br#"{" t":["a"]}"#).unwrap();
    /// assert!(value == Value::Tuple(vec![Value::Str("a".into())]));
    /// assert_eq!(value.to_tagged_json()?, r#"{" t":["a"]}"#);
    /// # Ok::<(), session_core::Error>(())
    /// ```
    #[must_use]
    pub fn from_tagged_json(json: &[u8]) -> Option<Self> {
        read(json)
    }

    /// The TaggedJSON text, byte for byte as Flask writes it: keys sorted, ASCII only, no spaces.
    ///
    /// # Errors
    /// [`Error::Value`] for what Flask's cookie cannot hold: sets, extension values, keys that Python cannot sort, nesting beyond 128.
    pub fn to_tagged_json(&self) -> Result<String> {
        write(self).map_err(|why| Error::Value { key: String::new(), problem: why.to_string().into() })
    }
}

#[cfg(test)]
mod tests;
