//! The session as a handler sees it: plain calls on memory, every change through one door.

mod change;
mod flash;
mod flash_text;
mod handle;
mod state;

use std::fmt::{self, Debug};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::config::Compatibility;
use crate::error::{Error, Result};
use crate::key::{KeyName, ReadKey, WriteKey};
use crate::plan::Origin;
use crate::record::{MAX_NAME, PERMANENT, RESERVED, Value};
use crate::token::{LogId, SessionBinding};

pub(crate) use change::{Change, replay};
pub use flash::Flash;
pub(crate) use handle::{Handle, Parts};
pub(crate) use state::{Rotation, Seen, State};

/// One visitor's session during one request.
///
/// A cheap handle: clones see and change the same session. Calls are synchronous and work on memory; what was changed is stored
/// when the response's head is sent, or by [`save`](Session::save).
///
/// ```
/// use session_core::{MemoryStore, SessionConfig, Sessions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default())?;
///
/// let session = sessions.fresh();
/// session.set("username", "ada")?;
/// session.update("visits", |n: Option<u32>| n.unwrap_or(0) + 1)?;
/// assert_eq!(session.get::<String>("username")?.as_deref(), Some("ada"));
/// assert_eq!(session.pop::<u32>("visits")?, Some(1));
/// assert!(!session.contains("visits"));
/// session.clear();
/// assert!(session.is_empty());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Session {
    handle: Arc<Handle>,
}

impl Debug for Session {
    /// Prints neither keys nor values nor the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.handle.with_record(|record| record.names().count());
        f.debug_struct("Session").field("id", &self.log_id()).field("keys", &keys).finish_non_exhaustive()
    }
}

// --- values ---------------------------------------------------------------------------------------------------------

impl Session {
    pub(crate) fn new(handle: Handle) -> Self {
        Session { handle: Arc::new(handle) }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The value under a key; `None` where there is none (Python's `session.get(key)`).
    ///
    /// # Errors
    /// [`Error::Value`] where the stored value is no `T`.
    pub fn get<T: DeserializeOwned>(&self, key: impl ReadKey<T>) -> Result<Option<T>> {
        let name = key.name();
        let found = self.handle.read(name);
        found.map(|value| value.read(name)).transpose()
    }

    /// The value under a key, which must be there (Python's `session[key]`).
    ///
    /// # Errors
    /// [`Error::MissingKey`] where it is not, [`Error::Value`] where it is no `T`.
    pub fn require<T: DeserializeOwned>(&self, key: impl ReadKey<T>) -> Result<T> {
        let name = key.name();
        let found = self.handle.read(name).ok_or_else(|| Error::MissingKey { key: name.to_owned() })?;
        found.read(name)
    }

    /// Keeps a value under a key (Python's `session[key] = value`). The value that is already there, byte for byte, is no change.
    ///
    /// # Errors
    /// [`Error::Value`] for a reserved key, one longer than 256 bytes, or a value that cannot be encoded.
    pub fn set<V: Serialize>(&self, key: impl WriteKey<V>, value: V) -> Result<()> {
        let name = writable(key.name())?;
        let value = self.handle.codec().write(name, &value)?;
        self.handle.change(Change::Set { name: name.to_owned(), value })
    }

    /// Removes a key and returns its value (Python's `session.pop(key, None)`). A value that is no `T` stays.
    ///
    /// Of racing requests several may get it; [`take_once`](Session::take_once) hands it out once.
    ///
    /// # Errors
    /// [`Error::Value`] for a reserved key, or where the value is no `T`.
    pub fn pop<T: DeserializeOwned>(&self, key: impl ReadKey<T>) -> Result<Option<T>> {
        let name = writable(key.name())?;
        let Some(value) = self.handle.read(name) else { return Ok(None) };
        let value = value.read(name)?;
        self.handle.change(Change::Remove { name: name.to_owned() })?;
        Ok(Some(value))
    }

    /// Removes a key, whatever is under it; says whether it was there (Python's `del session[key]`).
    ///
    /// # Errors
    /// [`Error::Value`] for a reserved key.
    pub fn remove(&self, key: impl KeyName) -> Result<bool> {
        let name = writable(key.name())?;
        let there = self.handle.read(name).is_some();
        if there {
            self.handle.change(Change::Remove { name: name.to_owned() })?;
        }
        Ok(there)
    }

    /// Removes the application's keys and flashed messages (Python's `session.clear()`). When it was created, its deadlines and
    /// `permanent` stay; in [Flask's mode](crate::Compatibility::Flask) `permanent` goes as well. To log out, use [`destroy`](Session::destroy).
    pub fn clear(&self) {
        // Clearing encodes and decodes nothing, so it cannot fail.
        let cleared = self.handle.change(Change::Clear { wholly: self.handle.rules() == Compatibility::Flask });
        debug_assert!(cleared.is_ok());
    }

    /// The value under a key; if there is none, the one that `value` makes is kept and returned (Python's `session.setdefault`).
    ///
    /// # Errors
    /// [`Error::Value`] for a reserved key, or where the value there is no `T`.
    pub fn get_or_insert_with<T, K>(&self, key: K, value: impl FnOnce() -> T) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        K: ReadKey<T> + WriteKey<T>,
    {
        let name = writable(key.name())?;
        if let Some(found) = self.handle.read(name) {
            return found.read(name);
        }
        let value = value();
        let written = self.handle.codec().write(name, &value)?;
        self.handle.change(Change::Set { name: name.to_owned(), value: written })?;
        Ok(value)
    }

    /// Computes a key's next value from the present one. Concurrent requests all count: where another one was faster, the closure
    /// runs again on the fresher value.
    ///
    /// The returned value is provisional until the commit. The closure runs with no lock held, perhaps more than once, and must
    /// compute from its argument alone. A panic in it stores nothing; in a repeated run it becomes an error (500).
    ///
    /// # Errors
    /// [`Error::Value`] for a reserved key, or where the present value is no `T`.
    pub fn update<T, K>(&self, key: K, compute: impl FnMut(Option<T>) -> T + Send + 'static) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        K: ReadKey<T> + WriteKey<T>,
    {
        let name = writable(key.name())?.to_owned();
        let mut updater = updater(name.clone(), compute);
        loop {
            let present = self.handle.peek(&name);
            let ready = updater(present.clone(), self.handle.codec())?;
            let value = ready.read(&name)?;
            let change = Change::Update { name: name.clone(), updater, ready: Some(ready) };
            match self.handle.change_if_still(&name, present.as_ref(), change)? {
                Some(Change::Update { updater: again, .. }) => updater = again,
                _ => return Ok(value),
            }
        }
    }

    /// Hands a value out once, ever, and stores that at once: of racing requests exactly one gets it. For OAuth state, vouchers,
    /// confirmation links. `None` where it is not there, or where another request was faster.
    ///
    /// Whatever else was changed before is stored with it.
    ///
    /// # Errors
    /// Those of [`save`](Session::save); then the value has not been handed out, though it may be gone.
    ///
    /// # Cancel safety
    /// As [`save`](Session::save).
    pub async fn take_once<T: DeserializeOwned>(&self, key: impl ReadKey<T>) -> Result<Option<T>> {
        let name = writable(key.name())?;
        let Some(value) = self.handle.read(name) else { return Ok(None) };
        let taken = value.read(name)?;
        self.handle.change(Change::Take { name: name.to_owned(), value })?;
        Ok(self.handle.save().await?.then_some(taken))
    }

    /// True where the key is there (Python's `key in session`).
    pub fn contains(&self, key: impl KeyName) -> bool {
        self.handle.read(key.name()).is_some()
    }

    /// The keys, in the order in which they were first set; neither `_permanent` nor what the library keeps for itself.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.handle.read_all(|record| record.names().map(str::to_owned).collect())
    }

    /// How many [`keys`](Session::keys) there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.handle.read_all(|record| record.names().count())
    }

    /// True where there is no key: nothing is stored for such a session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.handle.read_all(crate::record::Record::is_empty)
    }
}

/// The closure of `update` as the log keeps it.
fn updater<T>(name: String, mut compute: impl FnMut(Option<T>) -> T + Send + 'static) -> change::Updater
where
    T: Serialize + DeserializeOwned,
{
    Box::new(move |present: Option<Value>, codec| {
        let present = present.map(|value| value.read(&name)).transpose()?;
        codec.write(&name, &compute(present))
    })
}

/// The key, unless it is the library's own or too long.
fn writable(name: &str) -> Result<&str> {
    match name {
        RESERVED => Err(Error::value(name, "is reserved for the library; choose another key")),
        PERMANENT => Err(Error::value(name, "is changed by `set_permanent`")),
        _ if name.len() > MAX_NAME => {
            let start: String = name.chars().take(32).collect();
            Err(Error::value(&format!("{start}…"), "is longer than 256 bytes"))
        }
        _ => Ok(name),
    }
}

// --- life -----------------------------------------------------------------------------------------------------------

impl Session {
    /// A new id at the end of the request: call it at every login and change of privilege, so that an id that someone planted
    /// or saw before opens nothing (session fixation). The data stays; created and absolute deadline begin anew.
    ///
    /// Of requests that are under way under the old id, changes are refused (409) and reads may finish.
    pub fn rotate(&self) {
        self.handle.rotate(Rotation::Anew);
    }

    /// A new id that keeps the deadlines: for renewing ids every so often. Where another request rotated or ended the session
    /// meanwhile, it is dropped.
    pub fn rotate_keeping_deadlines(&self) {
        self.handle.rotate(Rotation::Keep);
    }

    /// Ends the session: record and cookie are removed, whatever its id has become meanwhile, and nothing brings it back. What is
    /// set afterwards belongs to a new session.
    pub fn destroy(&self) {
        self.handle.destroy();
    }

    /// Whether the session outlives the browser (Flask's `session.permanent`).
    #[must_use]
    pub fn permanent(&self) -> bool {
        self.handle.with_record(crate::record::Record::is_permanent)
    }

    /// Makes the session outlive the browser, or end with it. A change gives a new id with the same deadlines, since a cookie is
    /// sent when its id is made and never again; in the [Flask modes](crate::Compatibility), which send it again, the id stays.
    pub fn set_permanent(&self, permanent: bool) {
        // In the Flask modes it is a key like any other: setting it to what it was is a use of the session.
        if permanent != self.permanent() || self.handle.rules().is_flask() {
            // Writing a bool cannot fail.
            let changed = self.handle.change(Change::Permanent(permanent));
            debug_assert!(changed.is_ok());
        }
    }

    /// When the session began: its first write, or its last login.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.handle.with_record(|record| record.life().created)
    }

    /// When it ends unless it is used before; the absolute deadline included.
    #[must_use]
    pub fn deadline(&self) -> Timestamp {
        self.handle.deadline()
    }

    /// A name for logs: the same for all requests under one id, and of no use to anyone who reads it. `None` for a session that
    /// is not stored.
    #[must_use]
    pub fn log_id(&self) -> Option<LogId> {
        self.handle.locator().map(|at| at.log_id())
    }

    /// What ties something outside of the session to it, such as a form's token: the same until the id changes. `None` where the
    /// visitor's next request will bring no id that is known now: the session is not stored, or is about to end or to get
    /// another id. [`save`](Session::save) settles that.
    #[must_use]
    pub fn binding(&self) -> Option<SessionBinding> {
        self.handle.lasting_locator().map(|at| at.binding())
    }

    /// True where the request brought no live session.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.handle.arrived() != Origin::Live
    }

    /// True where there is something to store: a changed key, a new id, an end.
    #[must_use]
    pub fn is_modified(&self) -> bool {
        self.handle.is_modified()
    }

    /// Stores the changes now rather than with the response's head: before a stream, in a WebSocket, or to be sure before money
    /// moves. A cookie that it needs goes out with the head; after the head, changes that need one are [`Error::HeadSent`].
    ///
    /// # Errors
    /// * [`Error::Conflict`], [`Error::Gone`], [`Error::Retired`]: another request was faster; nothing was stored.
    /// * [`Error::Unavailable`], [`Error::Timeout`], [`Error::Backend`]: the store could not answer.
    /// * [`Error::TooLarge`], [`Error::Value`]: nothing was sent; mend the session and save again.
    ///
    /// After the first two kinds the session takes no further commit in this request: each is the same error.
    ///
    /// # Cancel safety
    /// If the future is dropped, all of it is stored or nothing, and a later commit of this request is [`Error::Timeout`].
    pub async fn save(&self) -> Result<()> {
        self.handle.save().await.map(drop)
    }
}

// --- flashed messages -----------------------------------------------------------------------------------------------

impl Session {
    /// Leaves a message for the next page (Flask's `flash(message)`, category `message`).
    ///
    /// # Errors
    /// [`Error::Value`] where something else lies under `_flashes`.
    pub fn flash(&self, message: impl Into<String>) -> Result<()> {
        self.flash_as("message", message)
    }

    /// Leaves a message of a category for the next page.
    ///
    /// # Errors
    /// [`Error::Value`] where something else lies under `_flashes`.
    pub fn flash_as(&self, category: impl Into<String>, message: impl Into<String>) -> Result<()> {
        self.handle.change(Change::Flash(Flash::new(category, message)))
    }

    /// Takes the messages, oldest first (Flask's `get_flashed_messages`). One that another request adds meanwhile is not lost. What a Flask
    /// application flashed that is no text comes as text: numbers as they are written, the parts of lists and dictionaries with commas
    /// between.
    ///
    /// # Errors
    /// [`Error::Value`] where something else lies under `_flashes`.
    pub fn take_flashes(&self) -> Result<Vec<Flash>> {
        let seen = self.handle.with_record(change::flashes)?;
        if !seen.is_empty() {
            self.handle.change(Change::TakeFlashes(seen.clone()))?;
        }
        Ok(seen)
    }
}
