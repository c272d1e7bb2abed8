//! The names that a pickle of data uses, and what each makes of its arguments.

use super::arena::{Arena, Object, Place};
use crate::calendar::Civil;
use crate::integer;
use crate::malformed::Malformed;
use crate::moment::Parts;
use crate::value::{DateTime, Int, Value};

/// Not as Python itself writes it.
pub(super) const SHAPE: Malformed = Malformed("the pickle builds a value in a way that Python does not");
const CODE: Malformed = Malformed("the pickle names something that is no data");

/// A name of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Set,
    Bytes,
    Object,
    Encode,
    Reconstructor,
    DateTime,
    TimeDelta,
    TimeZone,
    Uuid,
    SafeUuid,
}

impl Name {
    /// Module and name as a whole: protocol 4 would look up what follows a dot.
    pub(super) fn find(module: &[u8], name: &[u8]) -> Result<Self, Malformed> {
        Ok(match (module, name) {
            (b"builtins" | b"__builtin__", b"set") => Name::Set,
            (b"builtins" | b"__builtin__", b"bytes") => Name::Bytes,
            (b"builtins" | b"__builtin__", b"object") => Name::Object,
            (b"_codecs", b"encode") => Name::Encode,
            (b"copyreg" | b"copy_reg", b"_reconstructor") => Name::Reconstructor,
            (b"datetime", b"datetime") => Name::DateTime,
            (b"datetime", b"timedelta") => Name::TimeDelta,
            (b"datetime", b"timezone") => Name::TimeZone,
            (b"uuid", b"UUID") => Name::Uuid,
            (b"uuid", b"SafeUUID") => Name::SafeUuid,
            _ => return Err(CODE),
        })
    }
}

/// REDUCE: what a name makes of its arguments.
pub(super) fn reduce(arena: &Arena, name: Name, arguments: &[Place]) -> Result<Object, Malformed> {
    // None of them takes more; a long list is not walked again and again.
    if arguments.len() > 3 {
        return Err(SHAPE);
    }
    let objects: Vec<&Object> = arguments.iter().map(|place| arena.at(*place)).collect();
    match (name, objects.as_slice()) {
        (Name::Set, [Object::List(_)]) => Ok(Object::SetOf(arguments[0])),
        (Name::Bytes, []) => Ok(Object::Data(Value::Bytes(Vec::new()))),
        (Name::Encode, [Object::Data(Value::Str(text)), Object::Data(Value::Str(codec))]) => match codec.as_str() {
            "latin1" => Ok(Object::Data(Value::Bytes(latin1(text)?))),
            _ => Err(CODE),
        },
        (Name::Reconstructor, [Object::Name(Name::Uuid), Object::Name(Name::Object), Object::Data(Value::None)]) => {
            Ok(Object::EmptyUuid)
        }
        (Name::DateTime, [Object::Data(Value::Bytes(fields))]) => moment(fields, None),
        (Name::DateTime, [Object::Data(Value::Bytes(fields)), Object::Zone(offset)]) => moment(fields, Some(*offset)),
        (Name::TimeDelta, [days, seconds, micros]) => Ok(Object::Span([small(days)?, small(seconds)?, small(micros)?])),
        (Name::TimeZone, [Object::Span(span)]) => zone(*span),
        (Name::SafeUuid, [Object::Data(safe)]) if is_safety(safe) => Ok(Object::SafeUuid),
        _ => Err(SHAPE),
    }
}

/// NEWOBJ: a class made without a call of its own.
pub(super) fn new(class: &Object, arguments: &Object) -> Result<Object, Malformed> {
    match (class, arguments) {
        (Object::Name(Name::Uuid), Object::Tuple(none)) if none.is_empty() => Ok(Object::EmptyUuid),
        _ => Err(SHAPE),
    }
}

/// BUILD: a state for what waits for one.
pub(super) fn build(arena: &Arena, waiting: &Object, state: &Object) -> Result<Object, Malformed> {
    let (Object::EmptyUuid, Object::Dict(state)) = (waiting, state) else { return Err(SHAPE) };
    if state.len() > 2 {
        return Err(SHAPE);
    }
    let mut number = None;
    for (key, value) in state {
        match (arena.at(*key), arena.at(*value)) {
            (Object::Data(Value::Str(key)), Object::Data(Value::Int(int))) if key == "int" => {
                number = Some(integer::as_u128(int).ok_or(SHAPE)?);
            }
            (Object::Data(Value::Str(key)), Object::SafeUuid) if key == "is_safe" => {}
            (Object::Data(Value::Str(key)), Object::Data(safe)) if key == "is_safe" && is_safety(safe) => {}
            _ => return Err(SHAPE),
        }
    }
    Ok(Object::Data(Value::Uuid(number.ok_or(SHAPE)?.to_be_bytes())))
}

fn is_safety(safe: &Value) -> bool {
    matches!(safe, Value::None | Value::Int(Int::Small(0 | -1)))
}

fn latin1(text: &str) -> Result<Vec<u8>, Malformed> {
    text.chars().map(|character| u8::try_from(character).map_err(|_| SHAPE)).collect()
}

fn small(object: &Object) -> Result<i64, Malformed> {
    match object {
        Object::Data(Value::Int(Int::Small(small))) => Ok(*small),
        _ => Err(SHAPE),
    }
}

/// Whole seconds, less than a day either way.
fn zone([days, seconds, micros]: [i64; 3]) -> Result<Object, Malformed> {
    const DAY: i64 = 86_400;
    let in_range = (-1..=0).contains(&days) && (0..DAY).contains(&seconds) && micros == 0;
    let offset = if in_range { days * DAY + seconds } else { -DAY };
    match i32::try_from(offset) {
        Ok(offset) if i64::from(offset) > -DAY => Ok(Object::Zone(offset)),
        _ => Err(SHAPE),
    }
}

/// Year (2 bytes), month, day, hour, minute, second, microsecond (3); the month's high bit is `fold`, which tells which of two
/// equal local times is meant and is dropped.
fn moment(fields: &[u8], offset: Option<i32>) -> Result<Object, Malformed> {
    let fields: [u8; 10] = fields.try_into().map_err(|_| SHAPE)?;
    let [year_high, year_low, month, day, hour, minute, second, micros @ ..] = fields.map(i64::from);
    let civil = Civil { year: year_high << 8 | year_low, month: month & 0x7f, day, hour, minute, second };
    let micro = micros.iter().fold(0, |sum, byte| sum << 8 | byte);
    let local_micros = Parts { civil, micro }.micros().ok_or(SHAPE)?;
    Ok(Object::Data(Value::DateTime(DateTime { local_micros, offset })))
}
