//! The explorer can fail: each wrong backend breaks the property that it should.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use session_core::{
    Backend, Capabilities, Entry, MemoryBackend, RecordKey, Removed, Result, Stored, Swapped, Timestamp, Version,
};
use session_testkit::interleave::{Kind, Property, Setting, explore};
use session_testkit::wrong::{Fault, Wrong};

/// What is planted, the fewest requests that show it, and what they show.
const PLANTED: &[(Fault, &[Kind], Property)] = &[
    (Fault::SwapIgnoresTheVersion, &[Kind::Count, Kind::Count], Property::CountersAreExact),
    (Fault::SwapIgnoresTheVersion, &[Kind::SetX, Kind::SetY], Property::NothingIsLost),
    (Fault::SwapIgnoresTheVersion, &[Kind::TakeOnce, Kind::TakeOnce], Property::TakeOnce),
    (Fault::SwapRevives, &[Kind::SetX, Kind::Logout], Property::NothingResurrects),
    (Fault::SwapIsAlwaysDone, &[Kind::SetX, Kind::SetY], Property::NothingIsLost),
    (Fault::MarkerLeadsNowhere, &[Kind::Elevate, Kind::Logout], Property::NothingResurrects),
    (Fault::MarkerIsOverwritten, &[Kind::Login, Kind::SetX], Property::NothingIsLost),
    (Fault::RemoveTakesMarkers, &[Kind::Elevate, Kind::Logout], Property::NothingResurrects),
    (Fault::RemoveIgnoresTheVersion, &[Kind::SetX, Kind::PopAll], Property::NothingIsLost),
    (Fault::RemoveForgets, &[Kind::Logout, Kind::Read], Property::NothingResurrects),
    (Fault::RenameLeavesTheOldId, &[Kind::Login, Kind::Read], Property::TheOldIdIsDead),
    (Fault::RenameWritesOnConflict, &[Kind::Login, Kind::SetX], Property::NoOrphan),
    (Fault::RenameRevives, &[Kind::Login, Kind::Logout], Property::NoOrphan),
    (Fault::RenameIgnoresMarkers, &[Kind::Login, Kind::Login], Property::NoOrphan),
    (Fault::TouchClearsTheValue, &[Kind::Read, Kind::SetX], Property::NoRequestFailsByItself),
    (Fault::TouchForgets, &[Kind::Read, Kind::Expiry], Property::ATouchedSessionLives),
    (Fault::InsertForgets, &[Kind::FirstVisit, Kind::Read], Property::NothingIsLost),
];

/// What a setting breaks without an excuse, in any flavour, with one fault at most.
fn broken(setting: &Setting) -> BTreeSet<Property> {
    let flavours = [false, true].map(|logged_in| setting.clone().logged_in(logged_in).faults(true));
    let explored = flavours.into_iter().flat_map(Setting::both_renames).map(|setting| explore(&setting));
    explored.flat_map(|explored| explored.violations().map(|found| found.property).collect::<Vec<_>>()).collect()
}

#[test]
fn every_planted_fault_breaks_its_property() {
    let mut missed = Vec::new();
    for (fault, kinds, property) in PLANTED {
        let fault = *fault;
        let broken = broken(&Setting::new(kinds).backend(move || Wrong::new(fault)));
        println!("{fault:?}, {kinds:?}: {broken:?}");
        if !broken.contains(property) {
            missed.push((fault, property));
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// A driver that repeats a write by itself, and takes its own first try for another's.
#[derive(Debug, Default)]
struct RepeatsBlindly {
    memory: MemoryBackend,
    stumbled: AtomicBool,
}

#[async_trait]
impl Backend for RepeatsBlindly {
    fn capabilities(&self) -> Capabilities {
        self.memory.capabilities()
    }
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        self.memory.get(key, now).await
    }
    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        self.memory.insert(key, new, now).await
    }
    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        let answer = self.memory.swap(key, seen, new, now).await?;
        let stumbles = answer == Swapped::Done && !self.stumbled.swap(true, Ordering::SeqCst);
        Ok(if stumbles { Swapped::Conflict } else { answer })
    }
    async fn touch(&self, key: &RecordKey, seen: &Version, to: Timestamp, now: Timestamp) -> Result<Swapped> {
        self.memory.touch(key, seen, to, now).await
    }
    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        self.memory.remove(key, seen, now).await
    }
    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        self.memory.sweep(limit, now).await
    }
}

#[test]
fn an_unsure_write_answered_as_a_conflict_counts_twice() {
    let broken = broken(&Setting::new(&[Kind::Count]).backend(RepeatsBlindly::default));
    assert!(broken.contains(&Property::ARetryCountsOnce), "{broken:?}");
}

#[test]
fn a_right_backend_breaks_nothing() {
    for (_, kinds, _) in PLANTED {
        assert_eq!(broken(&Setting::new(kinds)), BTreeSet::new(), "{kinds:?}");
    }
}
