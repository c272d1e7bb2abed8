//! Flask's own cookie: TaggedJSON, compressed where that is shorter, a time and a signature. `session-flask` has the format.
//!
//! It has no place for an id and none for a deadline. A session without an absolute end, as Flask's are, is written as Flask writes it,
//! to the byte: its id is a hash of the cookie's text, another after each write, and its deadline is the signature's time and Flask's age.
//! One that has an end, or that lives shorter than by that rule, keeps end, id and idle time under a key of its own.

use std::fmt::{self, Debug};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{Binding, Error, Record, Result, Timestamp, Token, Version};
use session_flask::{FlaskCookie, Kept, Signer};

use super::{MOST_BYTES, Opened, Sealed, check_size};
use crate::head::{Head, SessionId};

/// What sets the id apart from the version, which is a hash of the same text.
const ID_LABEL: &[u8] = b"session-cookie flask id v1\0";
/// A deadline is decided a moment before the cookie is signed: so much sooner than Flask's rule is no shorter life.
const MOMENT: Duration = Duration::from_secs(60);
/// As much JSON as is read again.
const MAX_JSON: usize = 64 * 1024;

/// Flask's format by one application's keys.
pub(crate) struct Flask {
    cookie: FlaskCookie,
    name_length: usize,
}

impl Flask {
    pub(super) fn new(signer: Signer) -> Self {
        Flask { cookie: FlaskCookie::new(signer).max_json(MAX_JSON), name_length: 0 }
    }

    /// Flask binds no name into its signature; the age is `PERMANENT_SESSION_LIFETIME`.
    pub(super) fn bind(&mut self, binding: &Binding) {
        self.cookie = self.cookie.clone().max_age(binding.idle);
        self.name_length = binding.cookie_name.len();
    }

    /// What Flask compresses well may be larger than a cookie.
    pub(super) fn most(&self) -> usize {
        MAX_JSON
    }

    /// Payload, time and signature.
    pub(super) fn fits(text: &str) -> bool {
        text.len() <= MOST_BYTES && text.bytes().filter(|byte| *byte == b'.').count() >= 2
    }

    pub(super) fn open(&self, text: &str, now: Timestamp) -> Option<Opened> {
        let session_flask::Opened { record, signed_at, deadline, kept, .. } = self.cookie.open(text, now)?;
        let id = kept.id.as_deref().and_then(id_of).unwrap_or_else(|| derived_id(text));
        let head = Head { issued: signed_at, deadline, id, later: bytes::Bytes::new() };
        Some(Opened { head, version: Version::of(text.as_bytes()), record })
    }

    pub(super) fn seal(&self, head: &Head, record: &Record) -> Result<Sealed> {
        let kept = self.to_keep(head, record);
        let text = self.cookie.seal(record, &kept, head.issued)?;
        check_size(text.len(), self.name_length)?;
        let token = Token::parse_opaque(&text).ok_or(Error::Corrupt { reason: "it is no cookie" })?;
        let id = if kept.id.is_some() { head.id } else { derived_id(&text) };
        let deadline = self.cookie.deadline(head.issued, &kept);
        let head = Head { issued: head.issued, deadline, id, later: head.later.clone() };
        Ok(Sealed { token, version: Version::of(text.as_bytes()), head })
    }

    /// What Flask has no place for: nothing of a session that ends by Flask's rule alone.
    fn to_keep(&self, head: &Head, record: &Record) -> Kept {
        let by_flask = self.cookie.deadline(head.issued, &Kept::default());
        if record.life().absolute == Timestamp::MAX && head.deadline.plus(MOMENT) >= by_flask {
            return Kept::default();
        }
        let signed_at = Timestamp::from_millis(head.issued.as_secs() * 1000);
        Kept::default().id(URL_SAFE_NO_PAD.encode(head.id)).idle(head.deadline.since(signed_at))
    }
}

fn derived_id(text: &str) -> SessionId {
    *Version::of(&[ID_LABEL, text.as_bytes()].concat()).as_bytes()
}

/// The id that a cookie holds; nothing where somebody else put something else there.
fn id_of(text: &str) -> Option<SessionId> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

impl Debug for Flask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.cookie, f)
    }
}
