//! The store as an application and the HTTP layer know it.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::SessionConfig;
use crate::counters::Counters;
use crate::error::Result;
use crate::layout::Shape;
use crate::movable::Movable;
use crate::record::{Codec, Record};
use crate::token::{Locator, Token, Version};

/// Keeps sessions: in a server, in memory, or in the visitor's own cookie.
///
/// It speaks of tokens, which is what a cookie holds. A server-side store hands one out when a session is created or rotated; a
/// client-side store *is* its token and hands out a new one at every write ([`Written::token`]).
///
/// Applications use [`Sessions`](crate::Sessions) and never call this themselves. Whoever writes a store for a server
/// implements [`Backend`](crate::Backend) instead and gets this from [`ServerSide`](crate::ServerSide).
///
/// # What every store keeps
/// * A token that is unknown, expired, deleted, malformed or forged is [`Lookup::Absent`]. `Err` means that the store could not
///   answer, or holds what it cannot read.
/// * Every call ends, and a future that is dropped at any await has done, for every holder of a token, all or nothing.
/// * A refused write is a value ([`Attempt`], [`Deleted`]), not an error.
#[async_trait]
pub trait SessionStore: Debug + Send + Sync + 'static {
    /// What this store can and cannot keep.
    fn capabilities(&self) -> Capabilities;

    /// The codec of new records.
    fn codec(&self) -> Codec;

    /// The store again, if sessions can be moved to it and away from it under the token that they have.
    fn movable(&self) -> Option<&dyn Movable> {
        None
    }

    /// Receives what only [`Sessions`](crate::Sessions) knows. Called once, before any other call.
    fn bind(&mut self, binding: Binding);

    /// The token that a cookie's text spells, or nothing. Pure: costs no call.
    fn parse(&self, text: &str) -> Option<Token>;

    /// The session that the token opens.
    async fn load(&self, token: &Token) -> Result<Lookup>;

    /// The session at a place that was known before: after a conflict, or the successor of a retired id.
    async fn reload(&self, at: &Locator) -> Result<Lookup>;

    /// Stores a session under a new token.
    async fn create(&self, record: &Record, deadline: Timestamp) -> Result<Written>;

    /// Replaces exactly the version seen.
    async fn replace(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt>;

    /// Moves the deadline, never back, and nothing else.
    async fn touch(&self, at: &Locator, seen: &Version, deadline: Timestamp) -> Result<Attempt>;

    /// Stores the session under a new token and retires the old id, if it is still as seen.
    async fn rotate(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt>;

    /// Removes the session; if a version is given, only as seen. A retired id stays and names its successor.
    async fn delete(&self, at: &Locator, seen: Option<&Version>) -> Result<Deleted>;
}

/// What [`Sessions`](crate::Sessions) tells its store.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Binding {
    /// The clock by which deadlines are judged.
    pub clock: Arc<dyn Clock>,
    /// The cookie's full name, which sealed cookies are bound to.
    pub cookie_name: Arc<str>,
    /// How far the clocks of several processes may differ.
    pub clock_skew: Duration,
    /// How long a session lives unused: for a format that says when it was written and not when it ends, as Flask's cookie does.
    pub idle: Duration,
    pub(crate) counters: Arc<Counters>,
}

impl Default for Binding {
    /// The system's clock and no cookie: for a store that is used by itself.
    fn default() -> Self {
        Binding {
            clock: Arc::new(SystemClock),
            cookie_name: "".into(),
            clock_skew: Duration::from_secs(60),
            idle: SessionConfig::default().idle,
            counters: Arc::default(),
        }
    }
}

impl Binding {
    /// Sets the clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

/// What a store can and cannot keep. Where a field is false, the documented promise does not hold there.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Capabilities {
    /// One session can be ended on the server. A client-side session lives on in whoever kept its cookie.
    pub revocable: bool,
    /// Concurrent changes are noticed, and so can be merged. Client-side, the last answer wins.
    pub mergeable: bool,
    /// A rotation is one command. Otherwise the new record is written first, then the old one is marked: one round trip more.
    pub atomic_rotate: bool,
    /// The server itself removes what has expired. Otherwise `sweep` must.
    pub self_expiring: bool,
    /// Records may vanish before their deadline (an evicting cache): the visitor is logged out cleanly.
    pub evicts: bool,
    /// Every write hands out a new token, so that every write needs a cookie.
    pub token_per_write: bool,
    /// A session keeps its [`Locator`], and with it what is bound to its id (a form's token), from write to write.
    pub steady_id: bool,
    /// The largest record that it takes, in bytes.
    pub max_payload: usize,
    /// How its records lie; `None` where nobody else reads them, so that any layout will do.
    pub shape: Option<Shape>,
    /// How a version is told from a record's bytes, where none lies beside it ([`Shape::Flask`]): [`Version::of`], or another
    /// hash that the server knows. `None`: each write has a version of its own.
    pub version_of: Option<fn(&[u8]) -> Version>,
}

impl Default for Capabilities {
    /// All promises kept; one command a rotation; records up to 16 MiB.
    fn default() -> Self {
        Capabilities {
            revocable: true,
            mergeable: true,
            atomic_rotate: true,
            self_expiring: false,
            evicts: false,
            token_per_write: false,
            steady_id: true,
            max_payload: crate::record::MAX_STORED,
            shape: Some(Shape::Native),
            version_of: None,
        }
    }
}

impl Capabilities {
    crate::setters! {
        /// Sets whether one session can be ended on the server.
        revocable: bool,
        /// Sets whether concurrent changes are noticed.
        mergeable: bool,
        /// Sets whether a rotation is one command.
        atomic_rotate: bool,
        /// Sets whether the server removes what has expired.
        self_expiring: bool,
        /// Sets whether records may vanish early.
        evicts: bool,
        /// Sets whether every write needs a cookie.
        token_per_write: bool,
        /// Sets whether a session keeps its locator from write to write.
        steady_id: bool,
        /// Sets the largest record, in bytes.
        max_payload: usize,
        /// Sets how its records lie.
        shape: Option<Shape>,
        /// Sets how a version is told from a record's bytes.
        version_of: Option<fn(&[u8]) -> Version>,
    }
}

/// What a token opens.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// A live session.
    Live(Loaded),
    /// No session: unknown, expired, deleted, malformed or forged.
    Absent,
    /// An id that was rotated a short while ago. Nothing of the new session can be had through it.
    Retired {
        /// The retired id itself; `delete` there names the successor.
        at: Locator,
        /// When it was rotated.
        since: Timestamp,
        /// Where the session went: for ending it, and for seeing whether it has ended.
        successor: Locator,
    },
}

/// A live session as it was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Its contents.
    pub record: Record,
    /// Which write they come from.
    pub version: Version,
    /// When it expires unless it is used.
    pub deadline: Timestamp,
    /// Where it lies.
    pub at: Locator,
}

/// A write that was carried out.
#[derive(Debug, Clone)]
pub struct Written {
    /// The new token, where the write made one.
    pub token: Option<Token>,
    /// Where the session lies now.
    pub at: Locator,
    /// Which write it is.
    pub version: Version,
    /// When it expires unless it is used.
    pub deadline: Timestamp,
}

/// What became of a write to a session that was read before.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// It is done.
    Done(Written),
    /// The session was changed meanwhile; nothing was written.
    Conflict,
    /// The session ended meanwhile; nothing was written, nothing is brought back.
    Gone,
    /// The id was rotated meanwhile; nothing was written.
    Retired {
        /// Where the session went.
        successor: Locator,
    },
    /// An answer was lost, and what is there now is another's: written and overwritten since, or never written.
    Unknown,
}

/// What became of a removal.
#[derive(Debug, Clone)]
pub enum Deleted {
    /// It was there and is gone.
    Done,
    /// There was nothing.
    Absent,
    /// It was changed meanwhile and stays.
    Conflict,
    /// The id was rotated meanwhile; the marker stays.
    Retired {
        /// Where the session went.
        successor: Locator,
    },
}
