//! Python's values, as far as sessions hold them.

use std::fmt;

/// A Python value, as Flask's cookie and Flask-Session's records hold it.
///
/// `Debug` prints what kind of value it is and never what it holds: sessions are secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `None`.
    None,
    /// `bool`.
    Bool(bool),
    /// `int`.
    Int(Int),
    /// `float`, any NaN included.
    Float(f64),
    /// `str`.
    Str(String),
    /// `bytes`.
    Bytes(Vec<u8>),
    /// `bytearray` (pickles only).
    ByteArray(Vec<u8>),
    /// `list`.
    List(Vec<Value>),
    /// `tuple`.
    Tuple(Vec<Value>),
    /// `dict`, in its order; keys are unique.
    Dict(Vec<(Value, Value)>),
    /// `set`, in the order in which it was read (pickles only).
    Set(Vec<Value>),
    /// `frozenset`, in the order in which it was read (pickles only).
    FrozenSet(Vec<Value>),
    /// `datetime.datetime`.
    DateTime(DateTime),
    /// `uuid.UUID`, big endian.
    Uuid([u8; 16]),
    /// `markupsafe.Markup`: text that is trusted as HTML.
    Markup(String),
    /// A MessagePack extension value: its code and its bytes.
    Ext(i8, Vec<u8>),
}

/// `int`: 64 bits where they hold it, decimal digits where not.
#[derive(Clone, PartialEq, Eq)]
pub enum Int {
    /// From -2^63 to 2^63 - 1.
    Small(i64),
    /// Anything else: an optional `-`, then digits without leading zeros.
    Big(String),
}

/// `datetime.datetime`: the local time as it was written, and its offset from UTC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// Microseconds from 1970-01-01T00:00:00 to the local time, which is a date of the years 1 to 9999.
    pub local_micros: i64,
    /// Seconds east of UTC; `None` where it is naive.
    pub offset: Option<i32>,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("int")
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("datetime")
    }
}

impl Value {
    /// Python's name of the type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::None => "None",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::ByteArray(_) => "bytearray",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Dict(_) => "dict",
            Value::Set(_) => "set",
            Value::FrozenSet(_) => "frozenset",
            Value::DateTime(_) => "datetime",
            Value::Uuid(_) => "UUID",
            Value::Markup(_) => "Markup",
            Value::Ext(..) => "Ext",
        }
    }
}
