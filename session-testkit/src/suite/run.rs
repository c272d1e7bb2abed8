//! How the generated tests run their checks.

use std::future::Future;
use std::io::Write;

use session_core::Backend;
use tokio::runtime::{Builder, Runtime};

use super::check::{Check, LIMIT, backend_checks, store_checks};
use super::fixture::Fixture;
use super::need::{Need, Subject};
use super::report;
use super::store_fixture::StoreFixture;

/// Runs a check of a backend.
#[doc(hidden)]
pub fn run_on_backend<B, F>(name: &str, lacks: &[Need], fixture: impl FnOnce() -> F)
where
    B: Backend,
    F: Future<Output = Fixture<B>>,
{
    run(&backend_checks::<B>(), name, lacks, fixture());
}

/// Runs a check of a store.
#[doc(hidden)]
pub fn run_on_store<F>(name: &str, lacks: &[Need], fixture: impl FnOnce() -> F)
where
    F: Future<Output = StoreFixture>,
{
    run(&store_checks(), name, lacks, fixture());
}

/// Fails unless exactly the declared needs are missing.
#[doc(hidden)]
pub fn compare_lacks<S: Subject>(lacks: &[Need], fixture: impl Future<Output = S>) {
    runtime().block_on(async {
        let fixture = fixture.await;
        for need in Need::ALL {
            let (missing, declared) = (!fixture.has(need), lacks.contains(&need));
            assert_eq!(missing, declared, "{need:?}: missing {missing}, but declared in `lacks` {declared}");
        }
    });
}

fn run<S: Subject>(checks: &[Check<S>], name: &str, lacks: &[Need], fixture: impl Future<Output = S>) {
    let check = checks.iter().find(|check| check.name == name).expect("macro and registry read one list");
    runtime().block_on(async {
        let fixture = fixture.await;
        match check.lacking(&fixture) {
            Some(need) => exclude(name, need, lacks),
            None => {
                tokio::time::timeout(LIMIT, (check.run)(&fixture)).await.expect("the check ends");
                report::note("passed");
            }
        }
    });
}

/// An excluded check is declared and printed, never dropped in silence.
fn exclude(name: &str, need: Need, lacks: &[Need]) {
    assert!(lacks.contains(&need), "{name} is excluded ({}), but `lacks` does not declare {need:?}", need.reason());
    // Not `println!`, which the test harness swallows for a test that passes.
    let _ = writeln!(std::io::stderr(), "excluded: {name}: {}", need.reason());
    report::note(need.reason());
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}
