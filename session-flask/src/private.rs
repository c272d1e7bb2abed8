//! The extension in which this crate keeps what MessagePack has no type for.
//!
//! Code 70, and data that begins with four bytes that nobody else writes and one that tells the kind. Records of
//! Flask-Session never hold it.

/// The extension's code, `F`.
pub(crate) const CODE: i8 = 70;

const MAGIC: [u8; 4] = *b"\xf1ask";

/// What the data behind the magic bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A tuple: a MessagePack array.
    Tuple,
    /// Markup: UTF-8.
    Markup,
    /// A UUID: 16 bytes.
    Uuid,
    /// An integer beyond 64 bits: decimal digits.
    Int,
    /// A value that a record cannot hold: its TaggedJSON text.
    Json,
    /// No value but a key: under it lie the pairs whose keys a record cannot hold.
    Rest,
}

const KINDS: [Kind; 6] = [Kind::Tuple, Kind::Markup, Kind::Uuid, Kind::Int, Kind::Json, Kind::Rest];

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Kind::Tuple => b't',
            Kind::Markup => b'm',
            Kind::Uuid => b'u',
            Kind::Int => b'i',
            Kind::Json => b'j',
            Kind::Rest => b'r',
        }
    }

    /// The extension's data.
    pub(crate) fn wrap(self, data: &[u8]) -> Vec<u8> {
        [&MAGIC, [self.byte()].as_slice(), data].concat()
    }
}

/// False where no such extension is in these bytes; true where there may be one.
pub(crate) fn may_be_in(bytes: &[u8]) -> bool {
    bytes.windows(MAGIC.len()).any(|window| window == MAGIC)
}

/// The kind and what it wraps; nothing where the extension is someone else's.
pub(crate) fn unwrap(code: i8, data: &[u8]) -> Option<(Kind, &[u8])> {
    let (&byte, rest) = data.strip_prefix(&MAGIC)?.split_first()?;
    let kind = KINDS.into_iter().find(|kind| kind.byte() == byte)?;
    (code == CODE).then_some((kind, rest))
}
