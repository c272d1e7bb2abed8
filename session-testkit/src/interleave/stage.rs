//! The store on which a schedule is played, as the scheduler sees it: who waits where, what came back, what lies there.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use session_core::{Backend, Entry, Error, Marker, Operation, RecordKey, Result, Stored, Timestamp, Version};

use super::late::Write;

/// A request's number in its setting.
pub(super) type Actor = usize;

/// The most requests of a setting.
pub(super) const MOST: usize = 4;

/// A version's name: whose it is, and the how many-th of theirs. The start's own has no request.
pub(super) type VersionName = (Option<Actor>, usize);

/// One call, with names in place of random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) key: String,
    pub(super) seen: Option<VersionName>,
    /// A swap that writes a marker.
    pub(super) marks: bool,
}

/// What was answered, as far as the properties ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Said {
    Live,
    Retired { to: String, until: Timestamp },
    Nothing,
    Done,
    Conflict,
    Unanswered,
}

impl Said {
    pub(super) fn retired(marker: &Marker) -> Self {
        Said::Retired { to: marker.successor.as_str().to_owned(), until: marker.until }
    }
}

/// What the scheduler does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fate {
    Pass,
    /// Carried out or not; the answer is lost, and the call is made again.
    Unheard {
        done: bool,
    },
    /// Carried out or not; the request gives up, as with a spent budget.
    Fails {
        done: bool,
    },
    /// Not answered, and carried out later.
    Late,
}

impl Fate {
    pub(super) fn is_carried_out(self) -> bool {
        matches!(self, Fate::Pass | Fate::Unheard { done: true } | Fate::Fails { done: true })
    }

    pub(super) fn error(self, operation: Operation) -> Error {
        match self {
            Fate::Fails { .. } => Error::backend(operation, "the store fails"),
            _ => Error::Timeout { operation },
        }
    }
}

/// A call that came back, and to whom.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The how many-th it was.
    pub(super) at: usize,
    pub(super) actor: Actor,
    pub(super) call: Call,
    pub(super) said: Said,
    /// Whether it was carried out and changed something.
    pub(super) done: bool,
}

#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Who runs; nobody while the world is set up or judged, when all calls pass.
    pub(super) actor: Option<Actor>,
    pub(super) waiting: [Option<Call>; MOST],
    pub(super) fates: [Option<Fate>; MOST],
    pub(super) log: Vec<Line>,
    /// For each request, a fingerprint of all that it asked and heard: where it stands follows from it.
    pub(super) heard: [u64; MOST],
    pub(super) minted: [usize; MOST],
    /// A write that is still on its way.
    pub(super) late: Option<Write>,
    versions: Vec<(Version, VersionName)>,
    keys: Vec<String>,
}

impl Desk {
    /// A version's name; the first to use one is the one who drew it.
    pub(super) fn name(&mut self, version: &Version) -> VersionName {
        if let Some((_, name)) = self.versions.iter().find(|(known, _)| known == version) {
            return *name;
        }
        let drawn = self.versions.iter().filter(|(_, (by, _))| *by == self.actor).count();
        self.versions.push((*version, (self.actor, drawn)));
        (self.actor, drawn)
    }

    pub(super) fn note(&mut self, key: &str) {
        if !self.keys.iter().any(|known| known == key) {
            self.keys.push(key.to_owned());
            self.keys.sort();
        }
    }
}

/// The gated backend, and the layout that gives names to ids. A clone is the same.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) inner: Arc<dyn Backend>,
    pub(super) two_step: bool,
    desk: Arc<Mutex<Desk>>,
}

/// The names of requests, and of the ids that they make.
pub(super) fn letter(actor: Actor) -> char {
    ['A', 'B', 'C', 'D'][actor]
}

pub(super) fn fingerprint(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl Stage {
    pub(super) fn new(inner: Arc<dyn Backend>, two_step: bool) -> Self {
        Stage { inner, two_step, desk: Arc::default() }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("nothing panics under this lock")
    }

    /// Who runs from now on.
    pub(super) fn enter(&self, actor: Option<Actor>) {
        self.desk().actor = actor;
    }

    /// What a request waits for: a read, a write; nothing where it does not wait here.
    pub(super) fn waits_for(&self, actor: Actor) -> Option<Operation> {
        self.desk().waiting[actor].as_ref().map(|call| call.operation)
    }

    /// Decides a waiting call. The request is to be polled then.
    pub(super) fn decide(&self, actor: Actor, fate: Fate) {
        let mut desk = self.desk();
        desk.waiting[actor] = None;
        desk.fates[actor] = Some(fate);
    }

    /// Forgets a request that was dropped.
    pub(super) fn forget(&self, actor: Actor) {
        self.desk().waiting[actor] = None;
    }

    pub(super) fn is_late(&self) -> bool {
        self.desk().late.is_some()
    }

    /// Carries out the write that is still on its way.
    pub(super) async fn catch_up(&self, now: Timestamp) -> Result<()> {
        let late = self.desk().late.take();
        match late {
            Some(write) => write.carry_out(&self.inner, now).await,
            None => Ok(()),
        }
    }

    /// All that came back so far.
    pub(super) fn log(&self) -> Vec<Line> {
        self.desk().log.clone()
    }

    /// Whether a `destroy` of this request found something to end, or had to think so: an answer was lost.
    pub(super) fn may_have_ended_one(&self, actor: Actor) -> bool {
        let removes = |call: &Call| call.operation == Operation::Remove && call.seen.is_none();
        let ended = |line: &Line| line.done || line.said == Said::Unanswered;
        self.desk().log.iter().any(|line| line.actor == actor && removes(&line.call) && ended(line))
    }

    pub(super) fn last(&self) -> Option<Line> {
        self.desk().log.last().cloned()
    }

    /// Puts an entry in, beside all schedules.
    pub(super) async fn put(&self, key: &str, stored: &Stored, now: Timestamp) -> Result<bool> {
        self.desk().name(&stored.version);
        self.desk().note(key);
        self.inner.insert(&RecordKey::new(key), stored, now).await
    }

    /// What lies there, by name.
    pub(super) async fn entries(&self, now: Timestamp) -> Result<Vec<(String, Entry)>> {
        let keys = self.desk().keys.clone();
        let mut entries = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(entry) = self.inner.get(&RecordKey::new(key.as_str()), now).await? {
                entries.push((key, entry));
            }
        }
        Ok(entries)
    }

    /// Ends what expires until then.
    pub(super) async fn expire(&self, until: Timestamp) -> Result<usize> {
        self.inner.sweep(usize::MAX, until).await
    }

    /// The same for all orders that led to the same: what lies here, and where each request stands.
    pub(super) async fn hash(&self, now: Timestamp, hasher: &mut DefaultHasher) -> Result<()> {
        for (key, entry) in self.entries(now).await? {
            (key, self.print(&entry)).hash(hasher);
        }
        let desk = self.desk();
        // What is on its way was asked by a request, and so follows from what that one heard.
        (desk.heard, &desk.waiting, desk.late.is_some()).hash(hasher);
        Ok(())
    }

    /// A fingerprint of an entry, in which its version goes by name.
    pub(super) fn print(&self, entry: &Entry) -> u64 {
        let version = self.desk().name(entry.version());
        match entry {
            Entry::Live(stored) => fingerprint((version, stored.deadline, &stored.payload)),
            Entry::Retired(marker) => fingerprint((version, marker.until, marker.successor.as_str())),
        }
    }
}
