//! From JSON text to values, from the inside out.

use std::collections::HashMap;

use super::{MAX_DEPTH, number, tag, text};
use crate::value::Value;

/// The value of a JSON text; nothing where it is none, is nested too deeply, or holds a tag over the wrong thing.
///
/// Of keys that stand twice the last value counts. Lone surrogates and a byte order mark are refused.
pub(crate) fn read(json: &[u8]) -> Option<Value> {
    let input = std::str::from_utf8(json).ok()?;
    let mut reader = Reader { input, at: 0, depth: 0 };
    let value = reader.value()?;
    (reader.peek().is_none() && reader.at == input.len()).then_some(value)
}

struct Reader<'a> {
    input: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// The next byte behind white space, which is left where it is.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.input.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.input.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn rest(&self) -> &'a str {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn value(&mut self) -> Option<Value> {
        match self.peek()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'"' => self.text().map(Value::Str),
            b'n' => self.word("null", Value::None),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'N' => self.word("NaN", Value::Float(f64::NAN)),
            b'I' => self.word("Infinity", Value::Float(f64::INFINITY)),
            b'-' if self.rest().starts_with("-I") => self.word("-Infinity", Value::Float(f64::NEG_INFINITY)),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Value>) -> Option<Value> {
        self.depth += 1;
        self.at += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = read(self)?;
        self.depth -= 1;
        Some(value)
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.rest().starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn number(&mut self) -> Option<Value> {
        let (value, length) = number::read(self.rest())?;
        self.at += length;
        Some(value)
    }

    fn text(&mut self) -> Option<String> {
        self.take(b'"')?;
        let (text, length) = text::read(self.rest())?;
        self.at += length;
        Some(text)
    }

    fn array(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        if self.take(b']').is_some() {
            return Some(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.take(b',').is_none() {
                return self.take(b']').map(|()| Value::List(items));
            }
        }
    }

    fn object(&mut self) -> Option<Value> {
        let mut pairs = Vec::new();
        if self.take(b'}').is_some() {
            return Some(Value::Dict(Vec::new()));
        }
        loop {
            let name = self.text()?;
            self.take(b':')?;
            pairs.push((name, self.value()?));
            if self.take(b',').is_none() {
                return self.take(b'}').and_then(|()| close(pairs));
            }
        }
    }
}

/// An object that is complete: what its tag stands for, or a dict.
fn close(pairs: Vec<(String, Value)>) -> Option<Value> {
    let mut pairs = unique(pairs);
    match pairs.as_slice() {
        [(name, _)] if tag::is_tag(name) => {
            let (name, value) = pairs.pop()?;
            tag::untag(&name, value)
        }
        _ => Some(Value::Dict(pairs.into_iter().map(|(name, value)| (Value::Str(name), value)).collect())),
    }
}

/// Of names that stand twice, the place of the first with the value of the last. Flask's own texts are sorted and need no search.
fn unique(pairs: Vec<(String, Value)>) -> Vec<(String, Value)> {
    if pairs.is_sorted_by(|a, b| a.0 < b.0) {
        return pairs;
    }
    let mut places: HashMap<String, usize> = HashMap::with_capacity(pairs.len());
    let mut unique: Vec<(String, Value)> = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        match places.get(&name) {
            Some(&at) => unique[at].1 = value,
            None => {
                places.insert(name.clone(), unique.len());
                unique.push((name, value));
            }
        }
    }
    unique
}
