//! A store into which the sessions of another one move, each at its next change.

mod mark;
mod moving;
mod place;

use std::fmt::Debug;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::error::{Error, Operation, Result};
use crate::movable::Movable;
use crate::record::{Codec, Record};
use crate::store::{Attempt, Binding, Capabilities, Deleted, Loaded, Lookup, SessionStore, Written};
use crate::token::{Locator, Token, Version};
use place::Place;

/// How often a session is looked for that moves meanwhile. It moves once; more is another request's rotation or end.
const LOOKS: usize = 4;

/// Sessions in one store, and those that are still in an older one: the way out of a store that is shared with Flask, or to
/// another server.
///
/// A session that is not in the new store is looked for in the old one: one read more for those that have not moved, none for
/// the others. Its next change writes it into the new store under the token that the visitor has, and removes it from the old
/// one; new sessions begin in the new store. Reads, and deadlines that move, leave a session where it is.
///
/// Whoever else uses the old store (a Flask application) finds no session there after the move. What it wrote before the move is
/// in it: a write between our read and the move is a conflict, and the change is replayed on it.
///
/// The old store alone decides whether a session has moved: in one step it compares with what was read and retires the id. Until
/// then what lies in the new store is provisional and counts for nothing, so a move that is cut off anywhere has happened or
/// has not. See `docs/decisions/0009-adopting-store.md` for the races.
///
/// # Cost
/// A move takes three calls in place of one. An id that no store knows costs two reads.
///
/// ```
/// use session_core::{AdoptingStore, MemoryStore, SessionConfig, Sessions, StoreConfig};
///
/// let old = MemoryStore::new(StoreConfig::default().prefix("old:"))?;
/// let new = MemoryStore::default();
/// let sessions = Sessions::new(AdoptingStore::new(new, old)?, SessionConfig::default())?;
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Debug)]
pub struct AdoptingStore {
    new: Box<dyn SessionStore>,
    old: Box<dyn SessionStore>,
}

impl AdoptingStore {
    /// Sessions in `new`, to which those in `old` move.
    ///
    /// # Errors
    /// [`Error::Config`] where either keeps no sessions under keys, as one in the visitor's cookie; and for an old store of bincode
    /// records, which have no room for what a move has to note.
    pub fn new(new: impl SessionStore, old: impl SessionStore) -> Result<Self> {
        let store = AdoptingStore { new: Box::new(new), old: Box::new(old) };
        store.both()?;
        match mark::fits(store.old.codec()) {
            true => Ok(store),
            false => Err(Error::config("old store", "its records are bincode", "let its sessions end by themselves")),
        }
    }

    fn both(&self) -> Result<(&dyn Movable, &dyn Movable)> {
        let fix = "adopt from one server-side store into another";
        let unfit = |which| Error::config(which, "its sessions cannot be moved under their token", fix);
        Ok((self.new.movable().ok_or(unfit("new store"))?, self.old.movable().ok_or(unfit("old store"))?))
    }

    /// The session of these places, wherever it is by now.
    async fn find(&self, at: &Locator, old_at: &Locator) -> Result<Lookup> {
        let mut seen = None;
        for _ in 0..LOOKS {
            if let Some(found) = self.look(at, old_at, &mut seen).await? {
                return Ok(found);
            }
        }
        Err(Error::Timeout { operation: Operation::Get })
    }

    /// One look at the new store, and at the old one where that does not tell. `None` where the session moved between the two;
    /// `seen` is then which move it was.
    async fn look(&self, at: &Locator, old_at: &Locator, seen: &mut Option<Version>) -> Result<Option<Lookup>> {
        let provisional = match self.new.reload(at).await? {
            Lookup::Live(loaded) if mark::origin(&loaded.record).is_some() => Some(loaded),
            Lookup::Absent => None,
            found => return Ok(Some(found)),
        };
        let (old, since, successor) = match self.old.reload(old_at).await? {
            Lookup::Live(loaded) => {
                return Ok(Some(Lookup::Live(Loaded { at: place::in_old(at, &loaded.at), ..loaded })));
            }
            // Whatever is provisional never came to be: the session ended first.
            Lookup::Absent => return Ok(Some(Lookup::Absent)),
            Lookup::Retired { at, since, successor } => (at, since, successor),
        };
        if successor != *at {
            let (at, successor) = (place::in_old(at, &old), place::in_either(&successor));
            return Ok(Some(Lookup::Retired { at, since, successor }));
        }
        let moved = successor.carried::<Version>().copied();
        if let Some(loaded) = provisional.filter(|loaded| moved == Some(loaded.version)) {
            return self.settle(loaded).await;
        }
        // It moved, and is not there: between the two looks, or it has ended since.
        let ended = moved.is_some() && *seen == moved;
        *seen = moved;
        Ok(ended.then_some(Lookup::Absent))
    }

    /// Ends the time in which a session that has moved still says from where. `None` where another was faster.
    async fn settle(&self, loaded: Loaded) -> Result<Option<Lookup>> {
        let Loaded { record, version, deadline, at } = loaded;
        let record = mark::without_origin(&record);
        Ok(match self.new.replace(&at, &version, &record, deadline).await? {
            Attempt::Done(Written { version, deadline, .. }) => {
                Some(Lookup::Live(Loaded { record, version, deadline, at }))
            }
            _ => None,
        })
    }
}

#[async_trait]
impl SessionStore for AdoptingStore {
    fn capabilities(&self) -> Capabilities {
        self.new.capabilities()
    }

    fn codec(&self) -> Codec {
        self.new.codec()
    }

    fn bind(&mut self, binding: Binding) {
        self.old.bind(binding.clone());
        self.new.bind(binding);
    }

    fn parse(&self, text: &str) -> Option<Token> {
        self.new.parse(text).or_else(|| self.old.parse(text))
    }

    async fn load(&self, token: &Token) -> Result<Lookup> {
        let (new, old) = self.both()?;
        match old.parse(token.expose()) {
            Some(old_token) => self.find(&new.place(token), &old.place(&old_token)).await,
            None => new.load(token).await,
        }
    }

    async fn reload(&self, at: &Locator) -> Result<Lookup> {
        match place::of(at) {
            Place::New => self.new.reload(at).await,
            Place::Old(old_at) => self.find(&place::bare(at), old_at).await,
            Place::Either => match self.new.reload(at).await {
                Ok(Lookup::Absent) | Err(Error::Corrupt { .. }) => Ok(place::found_in_old(self.old.reload(at).await?)),
                found => found,
            },
        }
    }

    async fn create(&self, record: &Record, deadline: Timestamp) -> Result<Written> {
        self.new.create(record, deadline).await
    }

    async fn replace(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        match place::of(at) {
            Place::Old(old_at) => self.move_to_new(at, old_at, seen, record, deadline).await,
            _ => self.new.replace(at, seen, record, deadline).await,
        }
    }

    async fn touch(&self, at: &Locator, seen: &Version, deadline: Timestamp) -> Result<Attempt> {
        match place::of(at) {
            Place::Old(old_at) => Ok(place::seen_from(at, self.old.touch(old_at, seen, deadline).await?)),
            _ => self.new.touch(at, seen, deadline).await,
        }
    }

    async fn rotate(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        match place::of(at) {
            Place::Old(old_at) => self.rotate_to_new(at, old_at, seen, record, deadline).await,
            _ => self.new.rotate(at, seen, record, deadline).await,
        }
    }

    async fn delete(&self, at: &Locator, seen: Option<&Version>) -> Result<Deleted> {
        match place::of(at) {
            Place::New => self.new.delete(at, seen).await,
            Place::Old(old_at) => match self.old.delete(old_at, seen).await? {
                Deleted::Retired { successor } if successor == *at => self.new.delete(at, seen).await,
                Deleted::Retired { successor } => Ok(Deleted::Retired { successor: place::in_either(&successor) }),
                deleted => Ok(deleted),
            },
            Place::Either => match self.new.delete(at, seen).await {
                Ok(Deleted::Absent) | Err(Error::Corrupt { .. }) => {
                    Ok(place::deleted_in_old(self.old.delete(at, seen).await?))
                }
                deleted => deleted,
            },
        }
    }
}
