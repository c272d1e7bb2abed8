//! What stands before the record, inside the seal.
//!
//! | bytes | |
//! |---|---|
//! | 1 | length of what follows, up to the record: 32 today |
//! | 8 | when this cookie was made, in milliseconds since 1970 |
//! | 8 | when it ends unless it is used, in milliseconds since 1970 |
//! | 16 | the session's id: random, the same from write to write, another after a rotation |
//! | … | fields of later versions, such as an owner and a generation; kept from write to write, dropped by a rotation |
//!
//! Numbers are big endian. The record itself holds when the session began and its absolute end.

use bytes::Bytes;
use session_core::Timestamp;

/// The random name of a session.
pub(crate) type SessionId = [u8; 16];

/// The fields that this version knows.
const KNOWN: usize = 8 + 8 + 16;

/// The fields before the record.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) issued: Timestamp,
    pub(crate) deadline: Timestamp,
    pub(crate) id: SessionId,
    /// Fields of a later version, not understood.
    pub(crate) later: Bytes,
}

impl Head {
    /// The bytes of a head without later fields.
    pub(crate) const LEAST: usize = 1 + KNOWN;

    /// How many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        Self::LEAST + self.later.len()
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        // `later` was read behind a length of one byte, and never grows.
        out.push(u8::try_from(KNOWN + self.later.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&self.issued.as_millis().to_be_bytes());
        out.extend_from_slice(&self.deadline.as_millis().to_be_bytes());
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.later);
    }

    /// The head and the record behind it, from bytes whose seal has been verified.
    pub(crate) fn read(body: &Bytes) -> Option<(Head, Bytes)> {
        #[cfg(test)]
        spy::count();
        let end = 1 + usize::from(*body.first()?);
        let (issued, rest) = body.get(1..end)?.split_first_chunk()?;
        let (deadline, rest) = rest.split_first_chunk()?;
        let (id, later) = rest.split_first_chunk()?;
        let moment = |bytes: &[u8; 8]| Timestamp::from_millis(u64::from_be_bytes(*bytes));
        let head = Head {
            issued: moment(issued),
            deadline: moment(deadline),
            id: *id,
            later: body.slice(end - later.len()..end),
        };
        Some((head, body.slice(end..)))
    }
}

/// How often this thread read a head.
#[cfg(test)]
pub(crate) mod spy {
    use std::cell::Cell;

    thread_local!(static READS: Cell<u64> = const { Cell::new(0) });

    pub(super) fn count() {
        READS.set(READS.get() + 1);
    }

    pub(crate) fn reads() -> u64 {
        READS.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(head: &Head, record: &[u8]) -> Bytes {
        let mut body = Vec::new();
        head.write(&mut body);
        assert_eq!(body.len(), head.size());
        body.extend_from_slice(record);
        body.into()
    }

    fn head(later: &'static [u8]) -> Head {
        let (issued, deadline) = (Timestamp::from_millis(1_000), Timestamp::from_millis(2_000));
        Head { issued, deadline, id: [7; 16], later: Bytes::from_static(later) }
    }

    #[test]
    fn a_head_is_read_back_with_the_fields_of_a_later_version() {
        for later in [&b""[..], b"owner and generation"] {
            let head = head(later);
            let (read, record) = Head::read(&written(&head, b"record")).unwrap();
            assert_eq!((read.issued, read.deadline, read.id), (head.issued, head.deadline, head.id));
            assert_eq!((&read.later[..], &record[..]), (later, &b"record"[..]));
        }
    }

    #[test]
    fn a_head_that_is_too_short_or_promises_too_much_is_none() {
        let whole = written(&head(b""), b"");
        for length in 0..whole.len() {
            assert!(Head::read(&whole.slice(..length)).is_none(), "{length} bytes");
        }
        for promised in [0, 31, 33, 255] {
            let mut body = whole.to_vec();
            body[0] = promised;
            assert!(Head::read(&body.into()).is_none(), "{promised} promised");
        }
    }
}
