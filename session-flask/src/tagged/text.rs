//! JSON strings: read in any spelling, written in ASCII as Python's `json` does.

use std::fmt::Write;

/// The text up to the closing quote, and the length of what was read, that quote included.
pub(super) fn read(input: &str) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut at = 0;
    loop {
        let rest = input.get(at..)?;
        let plain = rest.bytes().take_while(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\').count();
        text.push_str(&rest[..plain]);
        at += plain + 1;
        match rest.as_bytes().get(plain)? {
            b'"' => return Some((text, at)),
            b'\\' => at += escape(input.get(at..)?, &mut text)?,
            _ => return None,
        }
    }
}

/// What stands behind a backslash; returns its length.
fn escape(rest: &str, text: &mut String) -> Option<usize> {
    let plain = match rest.as_bytes().first()? {
        b'u' => return unicode(rest, text),
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        same @ (b'"' | b'\\' | b'/') => char::from(*same),
        _ => return None,
    };
    text.push(plain);
    Some(1)
}

/// `uXXXX`, or a pair of surrogates; one alone has no form in UTF-8 and is refused.
fn unicode(rest: &str, text: &mut String) -> Option<usize> {
    let high = unit(rest.get(1..5)?)?;
    if let Some(character) = char::from_u32(high) {
        text.push(character);
        return Some(5);
    }
    let low = rest.get(5..7).filter(|&escape| escape == r"\u").and_then(|_| unit(rest.get(7..11)?))?;
    let pair = (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low);
    let scalar = pair.then(|| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?;
    text.push(char::from_u32(scalar)?);
    Some(11)
}

fn unit(digits: &str) -> Option<u32> {
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex { u32::from_str_radix(digits, 16).ok() } else { None }
}

/// The text in quotes; what is not printable ASCII is escaped.
pub(super) fn write(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| push_unit(out, *unit)),
        }
    }
    out.push('"');
}

fn push_unit(out: &mut String, unit: u16) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\u{unit:04x}");
}
