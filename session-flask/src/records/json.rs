//! JSON as msgspec reads it: RFC 8259 to the letter, integers of any size.

use session_core::Result;

use super::{MAX_DEPTH, input::Input};
use crate::build::{Build, Nothing, Values};
use crate::integer;
use crate::malformed::Malformed;
use crate::value::Value;

const SHORT: Malformed = Malformed("it ends in the middle of a value");
const WRONG: Malformed = Malformed("it is no JSON");

/// Reads one JSON value as Flask-Session does: integers exactly, up to 4,300 digits; of keys that stand twice the last counts.
///
/// # Errors
/// [`Error::Corrupt`](session_core::Error::Corrupt) for anything that msgspec refuses, such as `NaN`, `1e400` and lone
/// surrogates, and for values nested more than 64 deep.
///
/// ```
/// use session_flask::{Value, json};
///
/// let Value::Dict(session) = json::read(br#"{"user":"alice"}"#)? else { panic!() };
/// assert!(session == [(Value::Str("user".into()), Value::Str("alice".into()))]);
/// assert!(json::read(br#"{"n":NaN}"#).is_err());
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn read(text: &[u8]) -> Result<Value> {
    Ok(parse::<Values>(text)?)
}

/// Checks what [`read`] checks, and builds nothing.
pub(crate) fn check(text: &[u8]) -> Result<(), Malformed> {
    parse::<Nothing>(text)
}

/// The white space that JSON allows around values.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn parse<B: Build>(text: &[u8]) -> Result<B::Out, Malformed> {
    std::str::from_utf8(text).map_err(|_| Malformed("it is not UTF-8"))?;
    let mut reader = Reader(Input::new(text));
    let value = reader.value::<B>(0)?;
    reader.skip();
    match reader.0.is_empty() {
        true => Ok(value),
        false => Err(Malformed("text follows its end")),
    }
}

struct Reader<'a>(Input<'a>);

impl Reader<'_> {
    fn skip(&mut self) {
        self.0.take_while(is_space);
    }

    fn value<B: Build>(&mut self, depth: usize) -> Result<B::Out, Malformed> {
        self.skip();
        match self.0.peek().ok_or(SHORT)? {
            b'{' => self.object::<B>(depth),
            b'[' => self.array::<B>(depth),
            b'"' => {
                let text = self.text()?;
                Ok(B::one(|| Value::Str(text)))
            }
            b'n' => self.word::<B>(b"null", Value::None),
            b't' => self.word::<B>(b"true", Value::Bool(true)),
            b'f' => self.word::<B>(b"false", Value::Bool(false)),
            _ => self.number::<B>(),
        }
    }

    fn word<B: Build>(&mut self, word: &[u8], value: Value) -> Result<B::Out, Malformed> {
        match self.0.take(word.len()) == Some(word) {
            true => Ok(B::one(|| value)),
            false => Err(WRONG),
        }
    }

    fn number<B: Build>(&mut self) -> Result<B::Out, Malformed> {
        let text = self.0.take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
        if !text.contains(['.', 'e', 'E']) {
            let int = integer::from_decimal(text).ok_or(Malformed("a number is none, or has over 4,300 digits"))?;
            return Ok(B::one(|| Value::Int(int)));
        }
        let float = float(text).ok_or(Malformed("a number is none, or out of range"))?;
        Ok(B::one(|| Value::Float(float)))
    }

    fn array<B: Build>(&mut self, depth: usize) -> Result<B::Out, Malformed> {
        let mut items = Vec::new();
        self.0.byte();
        self.skip();
        if self.ends(b']') {
            return Ok(B::list(items));
        }
        deeper(depth)?;
        loop {
            items.push(self.value::<B>(depth + 1)?);
            if self.closes(b']')? {
                return Ok(B::list(items));
            }
        }
    }

    fn object<B: Build>(&mut self, depth: usize) -> Result<B::Out, Malformed> {
        let mut pairs = Vec::new();
        self.0.byte();
        self.skip();
        if self.ends(b'}') {
            return B::dict(pairs);
        }
        deeper(depth)?;
        loop {
            self.skip();
            let key = self.text()?;
            self.skip();
            if !self.ends(b':') {
                return Err(WRONG);
            }
            pairs.push((B::one(|| Value::Str(key)), self.value::<B>(depth + 1)?));
            if self.closes(b'}')? {
                return B::dict(pairs);
            }
        }
    }

    /// Takes the byte if it comes next.
    fn ends(&mut self, byte: u8) -> bool {
        self.0.peek() == Some(byte) && self.0.byte().is_some()
    }

    /// After an element: a comma, or the end of the container.
    fn closes(&mut self, end: u8) -> Result<bool, Malformed> {
        self.skip();
        match self.0.byte().ok_or(SHORT)? {
            b',' => Ok(false),
            byte if byte == end => Ok(true),
            _ => Err(WRONG),
        }
    }

    fn text(&mut self) -> Result<String, Malformed> {
        if !self.ends(b'"') {
            return Err(WRONG);
        }
        let mut text = String::new();
        loop {
            let plain = self.0.take_while(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
            text.push_str(std::str::from_utf8(plain).map_err(|_| WRONG)?);
            match self.0.byte().ok_or(SHORT)? {
                b'"' => return Ok(text),
                b'\\' => text.push(self.escaped()?),
                _ => return Err(Malformed("a text holds a control character")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Malformed> {
        Ok(match self.0.byte().ok_or(SHORT)? {
            same @ (b'"' | b'\\' | b'/') => char::from(same),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.code_point()?,
            _ => return Err(Malformed("a text holds an unknown escape")),
        })
    }

    fn code_point(&mut self) -> Result<char, Malformed> {
        const LONE: Malformed = Malformed("a text holds half of a surrogate pair");
        let unit = self.unit()?;
        if let Some(character) = char::from_u32(unit) {
            return Ok(character);
        }
        if unit >= 0xdc00 || self.0.take(2) != Some(b"\\u") {
            return Err(LONE);
        }
        let low = self.unit()?;
        match (0xdc00..0xe000).contains(&low) {
            true => char::from_u32(0x1_0000 + (unit - 0xd800) * 0x400 + (low - 0xdc00)).ok_or(LONE),
            false => Err(LONE),
        }
    }

    fn unit(&mut self) -> Result<u32, Malformed> {
        let digits: [u8; 4] = self.0.array().ok_or(SHORT)?;
        digits.iter().try_fold(0, |unit, digit| {
            let digit = char::from(*digit).to_digit(16).ok_or(Malformed("a text holds an unknown escape"))?;
            Ok(unit * 16 + digit)
        })
    }
}

fn deeper(depth: usize) -> Result<(), Malformed> {
    match depth > MAX_DEPTH {
        true => Err(Malformed("a value is nested more than 64 deep")),
        false => Ok(()),
    }
}

/// `-`, whole digits without leading zeros, a fraction, an exponent; finite.
fn float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    let legal =
        digits(unsigned) && digits(fraction) && digits(exponent) && (unsigned == "0" || !unsigned.starts_with('0'));
    text.parse().ok().filter(|float: &f64| legal && float.is_finite())
}
