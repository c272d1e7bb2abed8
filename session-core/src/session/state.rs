//! What a handle holds: what was loaded, what was done to it, and what is wanted.

use std::collections::HashSet;
use std::sync::Arc;

use super::change::Change;
use crate::clock::Timestamp;
use crate::config::{Compatibility, Use};
use crate::error::Result;
use crate::plan::{Facts, Origin};
use crate::record::Record;
use crate::token::{Locator, Token, Version};

/// Which deadlines a new id has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// A login: created and absolute deadline begin anew.
    Anew,
    /// A renewal: they stay.
    Keep,
}

/// The live record as it was last seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) version: Version,
    pub(crate) deadline: Timestamp,
}

/// The keys whose values a handler has looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reads {
    pub(crate) all: bool,
    pub(crate) names: HashSet<String>,
}

pub(crate) struct State {
    pub(crate) origin: Origin,
    /// Where the session lies, or the retired id that was presented.
    pub(crate) at: Option<Locator>,
    pub(crate) seen: Option<Seen>,
    /// In the Flask modes alone: the id that the visitor has, which is sent again.
    pub(crate) token: Option<Token>,
    pub(crate) base: Arc<Record>,
    /// `base` with the log applied; `None` while nothing was changed.
    pub(crate) current: Option<Arc<Record>>,
    pub(crate) log: Vec<Change>,
    /// Noted under the strict policy alone.
    pub(crate) reads: Option<Box<Reads>>,
    pub(crate) rotation: Option<Rotation>,
    pub(crate) destroy: bool,
}

impl State {
    pub(crate) fn new(origin: Origin, at: Option<Locator>, base: Arc<Record>) -> Self {
        State {
            origin,
            at,
            seen: None,
            token: None,
            base,
            current: None,
            log: Vec::new(),
            reads: None,
            rotation: None,
            destroy: false,
        }
    }

    /// The contents as the handler sees them.
    pub(crate) fn record(&self) -> &Arc<Record> {
        self.current.as_ref().unwrap_or(&self.base)
    }

    /// The one door for every change: applied and logged, or neither.
    pub(crate) fn change(&mut self, mut change: Change) -> Result<()> {
        let current = self.current.get_or_insert_with(|| Arc::clone(&self.base));
        change.apply(Arc::make_mut(current))?;
        self.log.push(change);
        Ok(())
    }

    /// `destroy`: what follows belongs to a new session.
    pub(crate) fn destroy(&mut self, blank: Record) {
        self.current = Some(Arc::new(blank));
        self.log.clear();
        self.rotation = None;
        self.destroy = true;
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.current.as_ref().is_some_and(|current| **current != *self.base)
    }

    /// The rotation that is due: the one that was asked for, or the one that a changed `permanent` needs where an id is sent
    /// when it is made and never again.
    pub(crate) fn rotation(&self, rules: Compatibility) -> Option<Rotation> {
        let live = self.origin == Origin::Live;
        let switched = live && !rules.is_flask() && self.record().is_permanent() != self.base.is_permanent();
        match self.rotation {
            Some(Rotation::Keep) if !live => None,
            Some(rotation) => Some(rotation),
            None => switched.then_some(Rotation::Keep),
        }
    }

    pub(crate) fn facts(&self, rules: Compatibility, touch_due: bool) -> Facts {
        // What a new session is given at its start is nothing worth keeping.
        let untouched = self.origin != Origin::Live && self.log.is_empty();
        Facts {
            origin: self.origin,
            changed: self.is_changed(),
            empty: untouched || rules.is_empty(self.record()),
            rotate: self.rotation(rules).is_some(),
            destroy: self.destroy,
            touch_due,
        }
    }

    /// What Flask's rules look at.
    pub(crate) fn used(&self, rules: Compatibility, refresh: bool) -> Use {
        let record = self.record();
        Use {
            empty: rules.is_empty(record),
            permanent: record.is_permanent(),
            rewritten: !self.log.is_empty(),
            refresh,
        }
    }

    /// What a second handle of the same request sees and changes while this state is being committed.
    pub(crate) fn mirror(&self) -> State {
        let base = Arc::clone(self.record());
        State { seen: self.seen, token: self.token.clone(), ..State::new(self.origin, self.at.clone(), base) }
    }

    /// Takes over what was done to the mirror meanwhile.
    pub(crate) fn absorb(&mut self, mirror: State) -> Result<()> {
        if mirror.destroy {
            self.destroy(Record::new(mirror.base.codec(), mirror.base.life()));
        }
        self.rotation = mirror.rotation.or(self.rotation);
        if let Some(others) = mirror.reads {
            let reads = self.reads.get_or_insert_default();
            reads.all |= others.all;
            reads.names.extend(others.names);
        }
        mirror.log.into_iter().try_for_each(|change| self.change(change))
    }

    /// True where a key that was read has another value in `fresh`.
    pub(crate) fn has_stale_read(&self, fresh: &Record) -> bool {
        let Some(reads) = &self.reads else { return false };
        if reads.all {
            return *fresh != *self.base;
        }
        reads.names.iter().any(|name| fresh.get(name) != self.base.get(name))
    }

    pub(crate) fn read(&mut self, name: &str) {
        let reads = self.reads.get_or_insert_default();
        if !reads.all && !reads.names.contains(name) {
            reads.names.insert(name.to_owned());
        }
    }

    pub(crate) fn read_all(&mut self) {
        self.reads.get_or_insert_default().all = true;
    }
}
