//! The store that keeps nothing.

use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use session_core::{
    Attempt, Binding, Capabilities, Codec, Deleted, Loaded, Locator, Lookup, Record, RecordKey, Result, SecretKeys,
    SessionStore, Timestamp, Token, Version, Written,
};

use crate::config::{CookieStoreConfig, Sealing};
use crate::head::{Head, SessionId};
use crate::seal::{Opened, Random, Seal, Sealed};

/// Sessions that live in the visitor's cookie, sealed: no server, no file, no round trip.
///
/// What it cannot do stands at the [top of this crate's page](crate): end one session, and merge concurrent changes.
///
/// Its calls never wait. A cookie that does not open, for whatever reason, is "no session"; the only errors are
/// [`TooLarge`](session_core::Error::TooLarge) for a session that no cookie can hold, and a system without random bytes.
///
/// ```
/// use session_cookie::CookieStore;
/// use session_core::{CookieAction, SecretKeys, SessionConfig, Sessions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// let keys = SecretKeys::with_fallbacks("the new key, of 32 bytes or more", ["the older key, of 32 bytes or so"])?;
/// let sessions = Sessions::new(CookieStore::encrypted(&keys)?, SessionConfig::default())?;
///
/// let session = sessions.fresh();
/// session.set("username", "ada")?;
/// let CookieAction::Set { token, .. } = sessions.commit(&session).await.cookie else { panic!("a new session has a cookie") };
///
/// let next = sessions.open([token.expose()]).await?;
/// assert_eq!(next.require::<String>("username")?, "ada");
/// # Ok(()) }
/// ```
pub struct CookieStore {
    seal: Seal,
    codec: Codec,
    binding: Binding,
}

impl CookieStore {
    /// Cookies that nobody can read or change: XAES-256-GCM. The first key seals, all of them open.
    ///
    /// # Errors
    /// None today.
    pub fn encrypted(keys: &SecretKeys) -> Result<Self> {
        Self::new(keys, CookieStoreConfig::default())
    }

    /// Cookies that everybody can read and nobody change: HMAC-SHA-256. The first key signs, all of them verify.
    ///
    /// # Errors
    /// None today.
    pub fn signed(keys: &SecretKeys) -> Result<Self> {
        Self::new(keys, CookieStoreConfig::default().sealing(Sealing::Signed))
    }

    /// Cookies as configured.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right.
    #[allow(clippy::needless_pass_by_value)] // As every configuration.
    pub fn new(keys: &SecretKeys, config: CookieStoreConfig) -> Result<Self> {
        config.check()?;
        Ok(CookieStore { seal: Seal::new(keys, &config), codec: config.codec, binding: Binding::default() })
    }

    /// Flask's own cookies, which everybody can read and nobody change: shared with a Flask application that has the same keys. The
    /// signer's current key signs, all of them verify. [`SessionConfig::flask`](session_core::SessionConfig::flask) goes with it.
    ///
    /// ```
    /// use session_cookie::CookieStore;
    /// use session_cookie::session_flask::Signer;
    /// use session_core::{Environment, SessionConfig, Sessions};
    ///
    /// # fn main() -> session_core::Result<()> {
    /// let environment = Environment::from_pairs([("SECRET_KEY", "the SECRET_KEY of the Flask application")]);
    /// let store = CookieStore::flask(Signer::from_environment(&environment)?);
    /// let sessions = Sessions::new(store, environment.sessions(SessionConfig::flask())?)?;
    /// # let _ = sessions; Ok(()) }
    /// ```
    #[cfg(feature = "flask")]
    #[must_use]
    pub fn flask(signer: session_flask::Signer) -> Self {
        CookieStore { seal: Seal::flask(signer), codec: Codec::MessagePack, binding: Binding::default() }
    }

    fn now(&self) -> Timestamp {
        self.binding.clock.now()
    }

    fn lookup(&self, opened: Option<Opened>) -> Lookup {
        opened.and_then(|opened| self.judge(opened)).map_or(Lookup::Absent, Lookup::Live)
    }

    /// A session whose seal was good, if it is alive by the server's clock, whatever the browser thinks.
    fn judge(&self, opened: Opened) -> Option<Loaded> {
        let Opened { head, version, record } = &opened;
        let now = self.now();
        let alive = now < head.deadline && now < record.life().absolute;
        if !alive || head.issued > now.plus(self.binding.clock_skew) {
            return None;
        }
        let (record, version, deadline) = (record.clone(), *version, head.deadline);
        Some(Loaded { record, version, deadline, at: locator(opened) })
    }

    /// What the locator carries, unless it has expired meanwhile.
    fn carried<'a>(&self, at: &'a Locator) -> Option<&'a Opened> {
        at.carried::<Opened>().filter(|carried| carried.head.deadline > self.now())
    }

    fn write(&self, head: Head, record: Record, random: &Random) -> Result<Written> {
        let Sealed { token, version, head } = self.seal.seal(head, &record, random)?;
        let deadline = head.deadline;
        Ok(Written { token: Some(token), at: locator(Opened { head, version, record }), version, deadline })
    }

    /// A cookie under a new id.
    fn begin(&self, record: &Record, deadline: Timestamp) -> Result<Written> {
        let random = Random::draw()?;
        let head = Head { issued: self.now(), deadline, id: random.id, later: Bytes::new() };
        self.write(head, record.clone(), &random)
    }

    /// A cookie under the id that there is, until `deadline`.
    fn go_on(&self, carried: &Opened, record: &Record, deadline: Timestamp) -> Result<Written> {
        let head = Head { issued: self.now(), deadline, id: carried.head.id, later: carried.head.later.clone() };
        self.write(head, record.clone(), &Random::draw()?)
    }
}

/// The session's id names it; the session itself, as it came or went, is carried: there is no other place to find it again.
fn locator(session: Opened) -> Locator {
    Locator::carrying(key(&session.head.id), Arc::new(session))
}

fn key(id: &SessionId) -> RecordKey {
    let mut text = [0_u8; 22];
    // 16 bytes are 22 characters, all of them ASCII.
    let _ = URL_SAFE_NO_PAD.encode_slice(id, &mut text);
    RecordKey::new(std::str::from_utf8(&text).unwrap_or_default())
}

#[async_trait]
impl SessionStore for CookieStore {
    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::default().revocable(false).mergeable(false).token_per_write(true);
        can.self_expiring(true).steady_id(self.seal.has_steady_ids()).max_payload(self.seal.most())
    }

    fn codec(&self) -> Codec {
        self.codec
    }

    fn bind(&mut self, binding: Binding) {
        self.seal.bind(&binding);
        self.binding = binding;
    }

    fn parse(&self, text: &str) -> Option<Token> {
        self.seal.fits(text).then(|| Token::parse_opaque(text)).flatten()
    }

    async fn load(&self, token: &Token) -> Result<Lookup> {
        Ok(self.lookup(self.seal.open(token.expose(), self.now())))
    }

    async fn reload(&self, at: &Locator) -> Result<Lookup> {
        Ok(self.lookup(at.carried::<Opened>().cloned()))
    }

    async fn create(&self, record: &Record, deadline: Timestamp) -> Result<Written> {
        self.begin(record, deadline)
    }

    async fn replace(&self, at: &Locator, _: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        let Some(carried) = self.carried(at) else { return Ok(Attempt::Gone) };
        self.go_on(carried, record, deadline).map(Attempt::Done)
    }

    async fn touch(&self, at: &Locator, _: &Version, deadline: Timestamp) -> Result<Attempt> {
        let Some(carried) = self.carried(at) else { return Ok(Attempt::Gone) };
        self.go_on(carried, &carried.record, carried.head.deadline.max(deadline)).map(Attempt::Done)
    }

    async fn rotate(&self, at: &Locator, _: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        match self.carried(at) {
            Some(_) => self.begin(record, deadline).map(Attempt::Done),
            None => Ok(Attempt::Gone),
        }
    }

    /// Nothing can be removed here; the cookie is, by whoever asked for this.
    async fn delete(&self, at: &Locator, _: Option<&Version>) -> Result<Deleted> {
        Ok(self.carried(at).map_or(Deleted::Absent, |_| Deleted::Done))
    }
}

impl Debug for CookieStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seal, codec, name) = (&self.seal, self.codec, &self.binding.cookie_name);
        f.debug_struct("CookieStore").field("seal", seal).field("codec", &codec).field("cookie", name).finish()
    }
}

#[cfg(test)]
mod tests {
    use session_core::Life;

    use super::*;

    /// The later fields of a cookie that a write handed out.
    fn later(store: &CookieStore, attempt: Attempt) -> Bytes {
        let Attempt::Done(written) = attempt else { panic!("expected Done, got {attempt:?}") };
        store.seal.open(written.token.unwrap().expose(), store.now()).unwrap().head.later
    }

    #[tokio::test]
    async fn fields_of_a_later_version_outlive_writes_and_no_rotation() {
        let keys = SecretKeys::new("the key of these tests, 32 bytes or more").unwrap();
        let store = CookieStore::encrypted(&keys).unwrap();
        let now = store.now();
        let record = Record::new(store.codec(), Life { created: now, absolute: Timestamp::MAX });
        let head = Head { issued: now, deadline: Timestamp::MAX, id: [7; 16], later: Bytes::from_static(b"owner") };
        let sealed = store.seal.seal(head, &record, &Random::draw().unwrap()).unwrap();
        let Lookup::Live(loaded) = store.load(&sealed.token).await.unwrap() else { panic!("it opens") };
        let (at, seen, end) = (&loaded.at, &loaded.version, Timestamp::MAX);
        assert_eq!(&later(&store, store.touch(at, seen, end).await.unwrap())[..], b"owner");
        assert_eq!(&later(&store, store.replace(at, seen, &record, end).await.unwrap())[..], b"owner");
        assert!(later(&store, store.rotate(at, seen, &record, end).await.unwrap()).is_empty());
    }
}
