//! Flask-Session's layout of tokens, keys and records.

use bytes::Bytes;
use session_core::{Codec, Error, Layout, Life, Record, RecordKey, Result, Shape, Token};

use crate::records;
use crate::sid::{self, SidSigner};

/// Sessions that a Flask application with Flask-Session shares: its ids, its keys, its records.
///
/// The key at rest holds the id itself: whoever reads a dump of the store can take over every session in it, as with
/// Flask-Session.
///
/// ```
/// use session_core::{Layout, StoreConfig};
/// use session_flask::FlaskLayout;
///
/// let layout = FlaskLayout::default();
/// let token = layout.parse("oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk").unwrap();
/// assert_eq!(layout.key(&token).as_str(), "session:oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk");
///
/// let store = StoreConfig::default().layout(layout);
/// # let _ = store;
/// ```
#[derive(Debug, Clone)]
pub struct FlaskLayout {
    prefix: String,
    codec: Codec,
    signer: Option<SidSigner>,
    id_length: usize,
    read_pickles: bool,
}

impl Default for FlaskLayout {
    /// Flask-Session's defaults: prefix `session:`, MessagePack, ids of 32 bytes without a signature; and pickles are read.
    fn default() -> Self {
        FlaskLayout {
            prefix: "session:".into(),
            codec: Codec::MessagePack,
            signer: None,
            id_length: sid::DEFAULT_LENGTH,
            read_pickles: true,
        }
    }
}

/// How many random bytes tell two writes of the same contents apart.
const MARK_BYTES: usize = 16;
/// What a marker's key begins with: `docs/decisions/0006-flask-shape.md`.
const MARKERS: &str = "retired:";

impl FlaskLayout {
    /// Sets what every key begins with (`SESSION_KEY_PREFIX`): letters, digits and `. : _ -`, 1 to 64 of them.
    ///
    /// Retired ids are remembered under keys that begin otherwise, out of every cookie's reach; hence there must be a prefix.
    ///
    /// # Errors
    /// [`Error::Config`] for any other.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Result<Self> {
        self.prefix = prefix.into();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".:_-".contains(&byte);
        // Markers of retired ids lie under keys that begin so: no cookie may reach one.
        let reaches_markers = MARKERS.starts_with(self.prefix.as_str());
        match (1..=64).contains(&self.prefix.len()) && self.prefix.bytes().all(legal) && !reaches_markers {
            true => Ok(self),
            false => {
                let problem = format!("{:?} cannot begin a key", self.prefix);
                let fix = "use 1 to 64 letters, digits and . : _ -, and another word than `retired:` or its beginning";
                Err(Error::config("SESSION_KEY_PREFIX", problem, fix))
            }
        }
    }

    /// Sets the codec of new records (`SESSION_SERIALIZATION_FORMAT`). Both are read, whichever is set, and a record keeps its
    /// own.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Sets that ids are signed (`SESSION_USE_SIGNER`). An id without a signature then opens nothing.
    #[must_use]
    pub fn signer(mut self, signer: SidSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Sets how many random bytes a new id has (`SESSION_ID_LENGTH`). Ids of every length from 16 on are read.
    ///
    /// # Errors
    /// [`Error::Config`] for less than 16 or more than 128.
    pub fn id_length(mut self, bytes: usize) -> Result<Self> {
        self.id_length = sid::check_length(bytes)?;
        Ok(self)
    }

    /// Sets whether the pickles of Flask-Session before 0.7 are read; see [`pickle`](crate::pickle). They are rewritten as
    /// MessagePack at the next change.
    #[must_use]
    pub fn read_pickles(mut self, read: bool) -> Self {
        self.read_pickles = read;
        self
    }

    /// The id in a cookie's text: that of the signature, if it is right.
    fn id<'a>(&self, text: &'a str) -> Option<&'a str> {
        let id = self.signer.as_ref().map_or(Some(text), |signer| signer.unsign(text))?;
        sid::is_well_formed(id).then_some(id)
    }
}

/// The part of a token of this layout that is the id: no id holds a dot.
fn unsigned(token: &Token) -> &str {
    token.expose().split_once('.').map_or(token.expose(), |(id, _)| id)
}

impl Layout for FlaskLayout {
    fn mint(&self) -> Result<Token> {
        let id = sid::mint(self.id_length)?;
        let text = self.signer.as_ref().map_or(id.clone(), |signer| signer.sign(&id));
        // At most 171 characters of id, a dot and 27 of signature: always a cookie's value.
        let none = || Error::backend(session_core::Operation::Random, "a new id is no cookie's value");
        Token::parse_opaque(&text).ok_or_else(none)
    }

    fn parse(&self, text: &str) -> Option<Token> {
        self.id(text).and_then(|_| Token::parse_opaque(text))
    }

    fn key(&self, token: &Token) -> RecordKey {
        RecordKey::new(format!("{}{}", self.prefix, unsigned(token)))
    }

    fn shape(&self) -> Shape {
        Shape::Flask
    }

    fn codec(&self) -> Codec {
        self.codec
    }

    /// The values as they stand: what Flask wrote comes back to it bit for bit. Only what the [types](crate::types) of this crate
    /// have set becomes what Flask-Session writes for it: tuples arrays, UUIDs and Markup text.
    ///
    /// Each write has a mark of its own, since versions are told from the bytes: of two requests that count from 1 to 2, the
    /// second must not take the first's record for its own.
    fn encode(&self, record: &Record) -> Result<Bytes> {
        records::flatten(record.marked(&sid::mint(MARK_BYTES)?).encode()?)
    }

    fn decode(&self, stored: &Bytes, life: Life) -> Result<Record> {
        records::decode(stored, life, self.read_pickles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_equal_contents_are_two_writes() {
        let layout = FlaskLayout::default();
        let now = session_core::Timestamp::from_millis(1);
        let record = Record::new(Codec::MessagePack, Life { created: now, absolute: now });
        let (first, second) = (layout.encode(&record).unwrap(), layout.encode(&record).unwrap());
        assert_ne!(session_core::Version::of(&first), session_core::Version::of(&second));
        assert_eq!(first.len(), second.len());
    }

    #[test]
    fn flask_tokens_are_ids_signed_where_that_is_on() {
        let (plain, signed) = (FlaskLayout::default(), FlaskLayout::default().signer(SidSigner::new("dev").unwrap()));
        let token = signed.mint().unwrap();
        let (id, _) = token.expose().split_once('.').unwrap();
        assert_eq!(signed.parse(token.expose()), Some(token.clone()));
        assert_eq!(signed.key(&token).as_str(), format!("session:{id}"), "the signature is no part of the key");
        assert!(signed.parse(id).is_none(), "an id without its signature opens nothing");
        assert!(plain.parse(token.expose()).is_none() && plain.parse(id).is_some());
        assert_eq!(plain.mint().unwrap().expose().len(), 43);
    }

    #[test]
    fn s54_flask_prefix_is_letters_digits_and_little_else() {
        for prefix in ["", "a b", "{tag}", "a\r\nset", "naïve", &"x".repeat(65)] {
            assert!(FlaskLayout::default().prefix(prefix).unwrap_err().to_string().starts_with("SESSION_KEY_PREFIX"));
        }
        let shop = FlaskLayout::default().prefix("shop:").unwrap();
        assert!(shop.key(&shop.mint().unwrap()).as_str().starts_with("shop:"));
    }

    #[test]
    fn p10_flask_layout_does_not_print_its_key() {
        let layout = FlaskLayout::default().signer(SidSigner::new("a secret key").unwrap());
        let printed = format!("{layout:?}");
        assert!(printed.contains("redacted") && !printed.contains("secret key"), "{printed}");
    }
}
