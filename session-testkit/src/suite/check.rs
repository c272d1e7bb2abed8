//! The registry: every check by its name.

use std::fmt::{self, Debug};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use session_core::Backend;

use super::fixture::Fixture;
use super::need::{Need, Subject};
use super::store_fixture::StoreFixture;
use super::{backend, server_side, sessions, store};

/// What a check may take at most.
pub(super) const LIMIT: Duration = Duration::from_secs(120);

type Run<S> = for<'a> fn(&'a S) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One check: a sentence that holds on every store, or fails by a panic.
pub struct Check<S> {
    /// Its name, which begins with its promise where it has one.
    pub name: &'static str,
    /// What it needs of the store.
    pub needs: &'static [Need],
    pub(super) run: Run<S>,
}

impl<S> Debug for Check<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("name", &self.name).field("needs", &self.needs).finish_non_exhaustive()
    }
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The store keeps the promise.
    Kept,
    /// It does not: an assertion failed, or a call did not end.
    Broken,
    /// The store has not what the check needs.
    Excluded(Need),
}

impl<S: Subject> Check<S> {
    /// The first need that the subject lacks.
    pub(super) fn lacking(&self, subject: &S) -> Option<Need> {
        self.needs.iter().copied().find(|need| !subject.has(*need))
    }

    /// Runs it and says what it found, instead of panicking. Call it in a runtime; with paused time, calls that never end cost
    /// nothing.
    pub async fn verdict(&self, subject: S) -> Verdict {
        if let Some(need) = self.lacking(&subject) {
            return Verdict::Excluded(need);
        }
        let (run, subject) = (self.run, Arc::new(subject));
        let check = tokio::spawn(async move { tokio::time::timeout(LIMIT, run(&subject)).await });
        match check.await {
            Ok(Ok(())) => Verdict::Kept,
            _ => Verdict::Broken,
        }
    }
}

macro_rules! checks {
    ($module:ident => $($name:ident [$($need:ident),*];)*) => {
        [$(Check {
            name: stringify!($name),
            needs: &[$(Need::$need),*],
            run: |subject| Box::pin($module::$name(subject)),
        }),*]
    };
}

/// The checks of a backend, by itself and under [`ServerSide`](session_core::ServerSide).
#[must_use]
pub fn backend_checks<B: Backend>() -> Vec<Check<Fixture<B>>> {
    let direct = crate::__backend_checks!([checks] backend);
    let through_sessions = crate::__server_side_checks!([checks] server_side);
    direct.into_iter().chain(through_sessions).collect()
}

/// The checks of a store, by itself and under [`Sessions`](session_core::Sessions).
#[must_use]
pub fn store_checks() -> Vec<Check<StoreFixture>> {
    let direct = crate::__store_checks!([checks] store);
    let through_sessions = crate::__sessions_checks!([checks] sessions);
    direct.into_iter().chain(through_sessions).collect()
}
