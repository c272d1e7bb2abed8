//! Text in pickles: four spellings, one for each age of Python.

use crate::malformed::Malformed;

const WRONG: Malformed = Malformed("a text in the pickle is none");

/// UTF-8; half of a surrogate pair, which Python lets pass, has no place in Rust's text.
pub(super) fn utf8(bytes: &[u8]) -> Result<String, Malformed> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| WRONG)
}

/// Python 2's `str`, which Python 3 takes for text where it is ASCII.
pub(super) fn ascii(bytes: &[u8]) -> Result<String, Malformed> {
    match bytes.is_ascii() {
        true => utf8(bytes),
        false => Err(WRONG),
    }
}

/// Python 2's `repr` of a `str`.
pub(super) fn quoted(line: &[u8]) -> Result<String, Malformed> {
    let inside = match line {
        [b'\'', inside @ .., b'\''] | [b'"', inside @ .., b'"'] => inside,
        _ => return Err(WRONG),
    };
    let mut text = Vec::with_capacity(inside.len());
    let mut rest = inside.iter().copied();
    while let Some(byte) = rest.next() {
        text.push(if byte == b'\\' { unescaped(&mut rest)? } else { byte });
    }
    ascii(&text)
}

fn unescaped(rest: &mut impl Iterator<Item = u8>) -> Result<u8, Malformed> {
    Ok(match rest.next().ok_or(WRONG)? {
        same @ (b'\\' | b'\'' | b'"') => same,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => u8::try_from(hex(rest, 2)?).map_err(|_| WRONG)?,
        _ => return Err(WRONG),
    })
}

/// Latin-1 with `\uXXXX` and `\UXXXXXXXX`; any other backslash stands for itself, together with what follows it.
pub(super) fn raw_unicode_escape(line: &[u8]) -> Result<String, Malformed> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            text.push(char::from(byte));
            continue;
        }
        match rest.next() {
            Some(b'u') => text.push(char::from_u32(hex(&mut rest, 4)?).ok_or(WRONG)?),
            Some(b'U') => text.push(char::from_u32(hex(&mut rest, 8)?).ok_or(WRONG)?),
            other => {
                text.push('\\');
                text.extend(other.map(char::from));
            }
        }
    }
    Ok(text)
}

fn hex(rest: &mut impl Iterator<Item = u8>, digits: usize) -> Result<u32, Malformed> {
    (0..digits).try_fold(0, |sum, _| {
        let digit = rest.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(WRONG)?;
        Ok(sum << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_protocol_0_text_is_raw_unicode_escape() {
        let read = |line: &[u8]| raw_unicode_escape(line).ok();
        assert_eq!(read(b"a\xe9\\u540d\\U0001f600").as_deref(), Some("aé名😀"));
        assert_eq!(read(br"\u005cn\\u0041\x").as_deref(), Some(r"\n\\u0041\x"));
        assert_eq!(read(br"a\").as_deref(), Some(r"a\"));
        for wrong in [&br"\u12"[..], br"\ud800", br"\Uffffffff", br"\u00g0"] {
            assert_eq!(read(wrong), None);
        }
    }

    #[test]
    fn flask_python_2_text_is_quoted_ascii() {
        let read = |line: &[u8]| quoted(line).ok();
        assert_eq!(read(br#"'it\'s\n\x41'"#).as_deref(), Some("it's\nA"));
        for wrong in [&b"a"[..], b"'a", b"'", br"'\'", br"'\xe9'", br"'\q'", b"'\xe9'", b"'a\""] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
