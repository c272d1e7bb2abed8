//! Pickles of Flask-Session before 0.7, read by a decoder that can build data and nothing else.
//!
//! Nothing is ever called or imported: a pickle's names are compared with a short list, module and name as a whole, and each of
//! them stands for one kind of value in the one shape that Python writes it in. What names anything else is refused.

mod arena;
mod copy;
mod machine;
mod names;
mod scalar;
mod text;

use session_core::Result;

use crate::malformed::Malformed;
use crate::records::MAX_SIZE;
use crate::value::Value;

/// Reads a pickled `dict`: protocols 0 to 5, and of values `None`, `bool`, `int`, `float`, `str`, `bytes`, `bytearray`, `list`,
/// `tuple`, `dict`, `set`, `frozenset`, `datetime` and `UUID`.
///
/// Time and memory stay in proportion to the input: lengths are checked against it, objects are counted, and so is every copy
/// that a memo reference makes.
///
/// # Errors
/// [`Error::Corrupt`](session_core::Error::Corrupt) for what is no pickle, is cut, names code, contains itself, is nested more
/// than 64 deep, or has anything but a `dict` on top.
///
/// ```
/// use session_flask::{Value, pickle};
///
/// let stored = b"\x80\x04}\x94\x8c\x04user\x94\x8c\x05alice\x94s.";
/// let Value::Dict(session) = pickle::read(stored)? else { panic!() };
/// assert!(session == [(Value::Str("user".into()), Value::Str("alice".into()))]);
///
/// let refused = pickle::read(b"cos\nsystem\n(S'echo'\ntR.").unwrap_err();
/// assert_eq!(refused.to_string(), "the stored session cannot be read: the pickle names something that is no data");
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn read(stored: &[u8]) -> Result<Value> {
    Ok(parse(stored)?)
}

fn parse(stored: &[u8]) -> Result<Value, Malformed> {
    if stored.len() > MAX_SIZE {
        return Err(Malformed("larger than 16 MiB"));
    }
    let (arena, top) = machine::run(stored)?;
    match copy::out(&arena, top, stored.len())? {
        dict @ Value::Dict(_) => Ok(dict),
        _ => Err(Malformed("the pickle holds no dict")),
    }
}
