//! Python's values as MessagePack, such that Rust's own types read them and an unchanged value keeps its Python type.
//!
//! | Python | MessagePack |
//! |---|---|
//! | None, bool, int of 64 bits, float, str, list, dict, bytes | the native type, shortest form |
//! | tuple | an array with a length of 32 bits (`dd`), which no encoder writes for so few items |
//! | Markup | a text with a length of 32 bits (`db`) |
//! | datetime | extension -1, UTC |
//! | UUID, longer int, and a tuple or Markup set from Rust | the [private](crate::private) extension |

mod put;
mod take;

pub(crate) use put::put_map;
pub(crate) use take::take;

/// Arrays and texts that are shorter need no 32 bits for their length.
const LONG: usize = 1 << 16;

#[cfg(test)]
mod tests;
