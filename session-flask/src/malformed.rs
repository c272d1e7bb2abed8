//! Why stored bytes are no record.

/// The reason; never a part of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl From<Malformed> for session_core::Error {
    fn from(Malformed(reason): Malformed) -> Self {
        session_core::Error::Corrupt { reason }
    }
}
