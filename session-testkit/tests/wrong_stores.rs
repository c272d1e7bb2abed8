//! Every wrong store is rejected by the check that is there to find it, and every check rejects a wrong store.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use session_testkit::suite::{Check, Subject, Verdict, backend_checks, store_checks};
use session_testkit::wrong::{Fault, StoreFault, Wrong, WrongStore};
use tokio::runtime::Builder;

/// Checks that call no store: what they hold, no store can break.
const WITHOUT_A_STORE: [&str; 4] =
    ["trips_untouched_is_0", "trips_malformed_is_0", "untouched_costs_nothing", "empty_new_session_is_not_stored"];

/// The checks that the subject fails. Time is paused: a call that never ends costs nothing.
fn rejecting<S: Subject>(checks: &[Check<S>], subject: impl Fn() -> S) -> Vec<&'static str> {
    let is_broken = |check: &&Check<S>| {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(check.verdict(subject())) == Verdict::Broken
    };
    checks.iter().filter(is_broken).map(|check| check.name).collect()
}

/// One line of the table: the mistake, the check that is there to find it, and how many others did.
fn report(fault: &str, check: &str, rejected_by: &[&str]) {
    println!("{fault:26} {check:46} and {} more", rejected_by.len().saturating_sub(1));
    assert!(rejected_by.contains(&check), "{fault} passes {check}; rejected by {rejected_by:?}");
}

fn assert_each_has_failed<S>(checks: &[Check<S>], failed: &BTreeSet<&str>) {
    for name in checks.iter().map(|check| check.name) {
        assert_ne!(failed.contains(name), WITHOUT_A_STORE.contains(&name), "{name}: can it fail?");
    }
}

#[test]
fn each_wrong_backend_is_rejected_by_its_check() {
    let (checks, as_store) = (backend_checks::<Wrong>(), store_checks());
    let mut failed = BTreeSet::new();
    for fault in Fault::ALL {
        let once = || rejecting(&checks, || Wrong::fixture(*fault));
        // Some mistakes show in a race alone, which on a loaded machine need not take place at the first try.
        let rejected_by = (0..10).map(|_| once()).find(|found| found.contains(&fault.check())).unwrap_or_default();
        report(&format!("{fault:?}"), fault.check(), &rejected_by);
        failed.extend(rejected_by);
        failed.extend(rejecting(&as_store, || Wrong::fixture(*fault).into_store()));
    }
    assert_each_has_failed(&checks, &failed);
    assert_each_has_failed(&as_store, &failed);
}

#[test]
fn each_wrong_store_is_rejected_by_its_check() {
    let checks = store_checks();
    for fault in StoreFault::ALL {
        let rejected_by = rejecting(&checks, || WrongStore::fixture(*fault));
        report(&format!("{fault:?}"), fault.check(), &rejected_by);
    }
}

/// Each promise has a wrong store of its own.
#[test]
fn each_promise_is_broken_by_one() {
    for promise in 1..=11 {
        let is_about = |check: &str| check.starts_with(&format!("p{promise}_"));
        assert!(Fault::ALL.iter().any(|fault| is_about(fault.check())), "no wrong backend breaks P{promise}");
    }
}

/// The memory that the wrong ones are made from keeps every promise: it is the mistake that is rejected.
#[test]
fn a_faultless_one_is_accepted() {
    use session_core::MemoryBackend;
    use session_testkit::Fixture;
    let memory = || Fixture::new(MemoryBackend::default());
    assert_eq!(rejecting(&backend_checks(), memory), Vec::<&str>::new());
    assert_eq!(rejecting(&store_checks(), || memory().into_store()), Vec::<&str>::new());
}
