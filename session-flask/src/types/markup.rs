use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::seen::{Seen, serialize_private};
use crate::private::Kind;

/// `markupsafe.Markup`: text that a template of Flask's writes without escaping.
///
/// Nothing of a visitor's may get into it unescaped.
///
/// ```
/// use session_flask::types::Markup;
///
/// assert_eq!(serde_json::to_string(&Markup("<b>".into()))?, r#""<b>""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Markup(pub String);

impl Serialize for Markup {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match output.is_human_readable() {
            true => output.serialize_str(&self.0),
            false => serialize_private(output, Kind::Markup, self.0.as_bytes()),
        }
    }
}

impl<'de> Deserialize<'de> for Markup {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let seen = Seen::deserialize(input)?;
        if let Seen::Text(text) = seen {
            return Ok(Markup(text));
        }
        let text = seen.private(Kind::Markup).and_then(|inside| String::from_utf8(inside.to_vec()).ok());
        text.map(Markup).ok_or_else(|| de::Error::custom("no markup"))
    }
}

impl From<Markup> for String {
    fn from(markup: Markup) -> Self {
        markup.0
    }
}

impl AsRef<str> for Markup {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
