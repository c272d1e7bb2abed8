//! How a session in the new store says that its move may not be over: which version it has in the old one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::Timestamp;
use crate::record::{Codec, Life, Record};
use crate::token::Version;

/// No other layout's mark has a colon in it.
const ORIGIN: &str = "moving:";

/// Whether records of this codec have room for it.
pub(super) fn fits(codec: Codec) -> bool {
    let epoch = Timestamp::from_millis(0);
    let record = Record::new(codec, Life { created: epoch, absolute: epoch });
    record.marked(ORIGIN).mark().is_some()
}

pub(super) fn with_origin(record: &Record, version: &Version) -> Record {
    record.marked(&format!("{ORIGIN}{}", URL_SAFE_NO_PAD.encode(version.as_bytes())))
}

pub(super) fn origin(record: &Record) -> Option<Version> {
    let mark = record.mark()?;
    let mut bytes = [0_u8; 16];
    URL_SAFE_NO_PAD.decode_slice(mark.strip_prefix(ORIGIN)?, &mut bytes).ok()?;
    Some(Version::from_bytes(bytes))
}

pub(super) fn without_origin(record: &Record) -> Record {
    record.marked("")
}
