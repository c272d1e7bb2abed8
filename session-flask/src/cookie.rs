//! Flask's session cookie, and the record that stands for it.

use std::time::Duration;

use session_core::{Error, Life, Record, Result, Timestamp};

use crate::contents;
use crate::kept::Kept;
use crate::payload;
use crate::signer::{Signer, Verified};
use crate::value::Value;

/// Flask's `PERMANENT_SESSION_LIFETIME` unless it is set.
const MAX_AGE: Duration = Duration::from_secs(31 * 86_400);
/// More than any cookie holds, and little enough for a bomb.
const MAX_JSON: usize = 64 * 1024;
/// Ages are counted in whole seconds, the last one included.
const SECOND: Duration = Duration::from_secs(1);

/// The value of Flask's session cookie, in both directions.
///
/// ```
/// use session_core::Timestamp;
/// use session_flask::{FlaskCookie, Kept, Signer, SignerConfig};
///
/// let weak = SignerConfig::default().danger_allow_weak_key(true);
/// let cookie = FlaskCookie::new(Signer::new("dev", [""; 0], &weak)?);
/// let now = Timestamp::from_millis(1_735_689_660_000);
///
/// let flask = "eyJ1c2VybmFtZSI6ImFsaWNlIn0.Z3SFgA.EplM_878BcvOhDZNYBX9Ij3WQF0";
/// let opened = cookie.open(flask, now).unwrap();
/// assert_eq!(opened.record.names().collect::<Vec<_>>(), ["username"]);
/// assert_eq!(cookie.seal(&opened.record, &Kept::default(), opened.signed_at)?, flask, "to the byte");
///
/// let sealed = cookie.seal(&opened.record, &Kept::default().id("an id"), now)?;
/// assert_eq!(cookie.open(&sealed, now).unwrap().kept.id.as_deref(), Some("an id"));
/// assert!(cookie.open(&flask.replace("Z3SFgA", "Z3SFgB"), now).is_none());
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FlaskCookie {
    signer: Signer,
    max_age: Duration,
    max_json: usize,
}

/// A session that came out of a cookie. It prints none of its contents.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The session, encoded as MessagePack. Where the cookie does not tell when it began, because Flask wrote it, that is when it was
    /// signed; without an absolute end.
    pub record: Record,
    /// When the cookie was signed, to the second.
    pub signed_at: Timestamp,
    /// When it ends unless it is signed again.
    pub deadline: Timestamp,
    /// Whether a fallback key signed it: it should be sealed again.
    pub by_fallback: bool,
    /// What this library keeps in it beside the session.
    pub kept: Kept,
}

impl FlaskCookie {
    /// Cookies that this signer signs: at most 31 days old, at most 64 KiB of JSON.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        FlaskCookie { signer, max_age: MAX_AGE, max_json: MAX_JSON }
    }

    session_core::setters! {
        /// Sets the age up to which a cookie is a session: Flask's `PERMANENT_SESSION_LIFETIME`, in whole seconds. 31 days.
        max_age: Duration,
        /// Sets how many bytes the JSON text may have, read and written: inflating ends there. 64 KiB.
        max_json: usize,
    }

    /// The session in a cookie's value.
    ///
    /// Nothing comes of a cookie that is forged, too old, from the future, past its absolute deadline, or that holds no session: Flask answers a
    /// good signature over a bad payload with an error, which this is not.
    #[must_use]
    pub fn open(&self, text: &str, now: Timestamp) -> Option<Opened> {
        let (Verified { at: signed_at, by_fallback, .. }, pairs) = self.read(text, now)?;
        let kept = Kept::of(&pairs);
        let record = contents::record(pairs, Life { created: signed_at, absolute: Timestamp::MAX })?;
        let deadline = self.deadline(signed_at, &kept);
        let alive = now < deadline && now < record.life().absolute;
        alive.then_some(Opened { record, signed_at, deadline, by_fallback, kept })
    }

    /// When a cookie that was signed then ends unless it is signed again, by Flask's rule and by what is kept in it.
    ///
    /// Flask counts whole seconds and the last one too, so that a cookie of one hour lives for an hour and a second.
    #[must_use]
    pub fn deadline(&self, signed_at: Timestamp, kept: &Kept) -> Timestamp {
        let signed_at = Timestamp::from_millis(signed_at.as_secs().saturating_mul(1000));
        let by_flask = signed_at.plus(Duration::from_secs(self.max_age.as_secs())).plus(SECOND);
        kept.idle.map_or(by_flask, |idle| by_flask.min(signed_at.plus(idle)))
    }

    /// The cookie's value for a session: signed now, with the current key.
    ///
    /// It is what Flask itself would write, where nothing is to be kept that Flask has no place for: neither an absolute end, nor an
    /// owner, nor anything in `kept`. Otherwise that stands under the key `_session`.
    ///
    /// # Errors
    /// [`Error::Value`] for a value that Flask cannot hold, [`Error::TooLarge`] for more JSON than is read again.
    pub fn seal(&self, record: &Record, kept: &Kept, now: Timestamp) -> Result<String> {
        self.write(&contents::pairs(record, kept)?, now)
    }

    /// The session as Python's value, a dict, without a record's bounds.
    #[must_use]
    pub fn open_value(&self, text: &str, now: Timestamp) -> Option<Value> {
        self.read(text, now).map(|(_, pairs)| Value::Dict(pairs))
    }

    /// The cookie's value for a dict of Python's.
    ///
    /// # Errors
    /// As those of [`seal`](Self::seal); [`Error::Corrupt`] for a value that is no dict.
    pub fn seal_value(&self, session: &Value, now: Timestamp) -> Result<String> {
        match session {
            Value::Dict(pairs) => self.write(pairs, now),
            _ => Err(Error::Corrupt { reason: "a session is a dict" }),
        }
    }

    fn read<'a>(&self, text: &'a str, now: Timestamp) -> Option<(Verified<'a>, Vec<(Value, Value)>)> {
        let verified = self.signer.verify(text, self.max_age, now)?;
        let json = payload::unpack(verified.payload, self.max_json)?;
        let pairs = match Value::from_tagged_json(&json)? {
            Value::Dict(pairs) => pairs,
            Value::None => Vec::new(),
            Value::Str(text) if text.is_empty() => Vec::new(),
            Value::List(items) if items.is_empty() => Vec::new(),
            _ => return None,
        };
        Some((verified, pairs))
    }

    fn write(&self, pairs: &[(Value, Value)], now: Timestamp) -> Result<String> {
        let json = contents::json(pairs)?;
        if json.len() > self.max_json {
            return Err(Error::TooLarge { what: "JSON text", size: json.len(), limit: self.max_json });
        }
        Ok(self.signer.sign(&payload::pack(json.as_bytes()), now))
    }
}
