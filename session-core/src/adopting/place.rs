//! Which of the two stores a locator means.
//!
//! Its key is always that of the new store, so that what is bound to the session outlives the move.

use std::sync::Arc;

use crate::store::{Attempt, Deleted, Lookup, Written};
use crate::token::Locator;

/// Where a session lay when it was looked up.
pub(super) enum Place<'a> {
    New,
    /// In the old store, there.
    Old(&'a Locator),
    /// A successor that the old store named: its key may be of either. Where both stores are one server, the new one then finds
    /// the old one's record under it, which it cannot read.
    Either,
}

struct InOld(Locator);
struct InEither;

pub(super) fn of(at: &Locator) -> Place<'_> {
    match at.carried::<InOld>() {
        Some(InOld(old_at)) => Place::Old(old_at),
        None if at.carried::<InEither>().is_some() => Place::Either,
        None => Place::New,
    }
}

/// The same place in the new store.
pub(super) fn bare(at: &Locator) -> Locator {
    Locator::new(at.key().clone())
}

/// A session that has this place in the new store and still lies in the old one.
pub(super) fn in_old(at: &Locator, old_at: &Locator) -> Locator {
    Locator::carrying(at.key().clone(), Arc::new(InOld(old_at.clone())))
}

pub(super) fn in_either(successor: &Locator) -> Locator {
    Locator::carrying(successor.key().clone(), Arc::new(InEither))
}

/// What the old store has under a successor's key. It may name a successor again.
pub(super) fn found_in_old(lookup: Lookup) -> Lookup {
    match lookup {
        Lookup::Retired { at, since, successor } => Lookup::Retired { at, since, successor: in_either(&successor) },
        found => found,
    }
}

/// The same, of what was to be removed.
pub(super) fn deleted_in_old(deleted: Deleted) -> Deleted {
    match deleted {
        Deleted::Retired { successor } => Deleted::Retired { successor: in_either(&successor) },
        deleted => deleted,
    }
}

/// What became of an attempt in the old store. One that found the session moved is to look again.
pub(super) fn seen_from(at: &Locator, attempt: Attempt) -> Attempt {
    match attempt {
        Attempt::Done(written) => Attempt::Done(Written { at: at.clone(), ..written }),
        Attempt::Retired { successor } if successor == *at => Attempt::Conflict,
        Attempt::Retired { successor } => Attempt::Retired { successor: in_either(&successor) },
        other => other,
    }
}
