//! Flashed messages as Flask stores them: pairs of category and message, each of which may be anything that its application flashed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::flash::Flash;

/// All messages of a record. What is no text reads as text, so that one message that a Flask application flashed as a dictionary
/// does not take the others, and every page, with it.
pub(super) struct Flashes(pub(super) Vec<Flash>);

impl<'de> Deserialize<'de> for Flashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Entry>::deserialize(deserializer)?;
        Ok(Flashes(entries.into_iter().map(|Entry(flash)| flash).collect()))
    }
}

/// A pair, or a message without a category.
struct Entry(Flash);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut parts = match Text::deserialize(deserializer)? {
            Text { parts: Some(parts), .. } if parts.len() == 2 => parts,
            Text { text, .. } => vec!["message".to_owned(), text],
        };
        let message = parts.pop().unwrap_or_default();
        Ok(Entry(Flash::new(parts.pop().unwrap_or_default(), message)))
    }
}

/// Any value as text; of a list its parts as well.
struct Text {
    text: String,
    parts: Option<Vec<String>>,
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text { text, parts: None }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flashed message")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(text.to_owned().into())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
        Ok(value.to_string().into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
        Ok(value.to_string().into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
        Ok(value.to_string().into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
        Ok(value.to_string().into())
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(String::new().into())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(String::from_utf8_lossy(bytes).into_owned().into())
    }

    /// A value of a kind that the codec has no word for.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| "…".to_owned().into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
        let mut parts = Vec::new();
        while let Some(Text { text, .. }) = seq.next_element()? {
            parts.push(text);
        }
        Ok(Text { text: parts.join(", "), parts: Some(parts) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Text, Text>()? {
            entries.push(format!("{}: {}", key.text, value.text));
        }
        Ok(entries.join(", ").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<(String, String)> {
        let flashes: Flashes = serde_json::from_str(json).unwrap();
        flashes.0.into_iter().map(|flash| (flash.category, flash.message)).collect()
    }

    #[test]
    fn what_flask_flashed_as_no_text_is_text_here_and_takes_no_page_with_it() {
        let all = r#"[["message", "saved"], ["error", {"name": ["too short", 3]}], ["message", 5], ["message", null],
                      [1, true], "alone", ["a", "b", "c"], []]"#;
        let wanted = [
            ("message", "saved"),
            ("error", "name: too short, 3"),
            ("message", "5"),
            ("message", ""),
            ("1", "true"),
            ("message", "alone"),
            ("message", "a, b, c"),
            ("message", ""),
        ];
        assert_eq!(read(all), wanted.map(|(category, message)| (category.to_owned(), message.to_owned())));
    }

    #[test]
    fn a_messagepack_extension_among_them_is_passed_over() {
        // [["message", ext(1, "x")], ["message", "there"]]
        let bytes = b"\x92\x92\xa7message\xd4\x01x\x92\xa7message\xa5there";
        let flashes: Flashes = rmp_serde::from_slice(bytes).unwrap();
        assert_eq!(flashes.0.len(), 2);
        assert_eq!(flashes.0[1].message, "there");
    }
}
