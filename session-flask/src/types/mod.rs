//! Rust types for Python's types that MessagePack and JSON have none of.
//!
//! | Python | Rust | MessagePack (Flask's cookie) | JSON (Flask-Session) |
//! |---|---|---|---|
//! | `datetime` | [`UtcDateTime`] | extension -1, the timestamp | ISO 8601 text |
//! | `uuid.UUID` | [`Uuid`] | this crate's extension | text with hyphens |
//! | `bytes` | [`Bytes`] | bin | base64 text |
//! | `tuple` | [`Tuple`] | this crate's extension | array |
//! | `markupsafe.Markup` | [`Markup`] | this crate's extension | text |
//!
//! A tuple that came in a cookie can also be read as a plain `(A, B)` or `Vec<T>`, and Markup as a `String`; unchanged, they go back as
//! what they were. What a wrapper has written is read by that wrapper.
//!
//! ```
//! use session_core::{MemoryStore, SessionConfig, Sessions};
//! use session_flask::types::{Bytes, Markup, Tuple, UtcDateTime, Uuid};
//!
//! let session = Sessions::new(MemoryStore::default(), SessionConfig::default())?.fresh();
//! session.set("when", UtcDateTime::try_from(std::time::SystemTime::now())?)?;
//! session.set("pair", Tuple((1, "a")))?;
//! session.set("id", Uuid::from(7_u128))?;
//! session.set("raw", Bytes(vec![0, 255]))?;
//! session.set("html", Markup("<b>bold</b>".into()))?;
//!
//! let Tuple((number, letter)) = session.require::<Tuple<(u8, String)>>("pair")?;
//! assert_eq!((number, letter.as_str()), (1, "a"));
//! assert_eq!(session.require::<Uuid>("id")?.to_string(), "00000000-0000-0000-0000-000000000007");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bytes;
mod date_time;
mod markup;
mod seen;
mod tuple;
mod uuid;

pub use bytes::Bytes;
pub use date_time::{OutOfRange, UtcDateTime};
pub use markup::Markup;
pub use tuple::Tuple;
pub use uuid::{NoUuid, Uuid};

#[cfg(test)]
mod tests;
