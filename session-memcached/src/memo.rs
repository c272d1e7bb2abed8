//! What this process has last seen of each session: the number that Memcached gave to which version.
//!
//! A write must name Memcached's number, the library names its version, and a request has two round trips, one to read and one
//! to write. So a read's number is kept for the write that follows. It is a short cut and no more: the server compares the
//! number in any case, and what is not kept here costs one more read.

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::{RecordKey, Timestamp, Version};

/// How many sessions a generation holds: far more than have a request under way at the same time; about 3 MiB in all.
const GENERATION: usize = 8192;

/// A live record as it was last seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) version: Version,
    pub(crate) cas: u64,
    pub(crate) deadline: Timestamp,
}

/// Two generations: when the young one is full it becomes the old one, and what was not seen again since is forgotten.
#[derive(Default)]
pub(crate) struct Memo(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<RecordKey, Known>,
    old: HashMap<RecordKey, Known>,
}

impl Memo {
    pub(crate) fn learn(&self, key: &RecordKey, known: Known) {
        let mut generations = self.lock();
        if generations.young.len() >= GENERATION && !generations.young.contains_key(key) {
            generations.old = mem::take(&mut generations.young);
        }
        generations.young.insert(key.clone(), known);
    }

    pub(crate) fn recall(&self, key: &RecordKey) -> Option<Known> {
        let generations = self.lock();
        generations.young.get(key).or_else(|| generations.old.get(key)).copied()
    }

    pub(crate) fn forget(&self, key: &RecordKey) {
        let mut generations = self.lock();
        generations.young.remove(key);
        generations.old.remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        // Whatever is in there is checked by the server.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_keeps_the_latest() {
        let (memo, version) = (Memo::default(), Version::random().unwrap());
        let (key, known) =
            (|n: usize| RecordKey::new(format!("k{n}")), |cas| Known { version, cas, deadline: Timestamp::MAX });
        for n in 0..5 * GENERATION {
            memo.learn(&key(n), known(n as u64));
            memo.learn(&key(n), known(n as u64 + 1));
        }
        let kept = |memo: &Memo| (0..5 * GENERATION).filter(|n| memo.recall(&key(*n)).is_some()).count();
        assert!((GENERATION..=2 * GENERATION).contains(&kept(&memo)));
        assert_eq!(memo.recall(&key(5 * GENERATION - 1)).unwrap().cas, 5 * GENERATION as u64);
        (0..5 * GENERATION).for_each(|n| memo.forget(&key(n)));
        assert_eq!(kept(&memo), 0);
    }
}
