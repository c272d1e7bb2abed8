//! What is explored.

use std::fmt;
use std::sync::Arc;

use session_core::{Backend, MemoryBackend};

use super::kind::Kind;
use super::stage::MOST;

/// A set of requests, and the world in which they meet.
#[derive(Clone)]
pub struct Setting {
    pub(super) kinds: Vec<Kind>,
    pub(super) logged_in: bool,
    pub(super) two_step: bool,
    pub(super) faults: bool,
    pub(super) late: bool,
    pub(super) backend: Arc<dyn Fn() -> Arc<dyn Backend> + Send + Sync>,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.name()).collect();
        let user = if self.logged_in { "user alice" } else { "anonymous" };
        let rename = if self.two_step { "two-step rename" } else { "one-command rename" };
        write!(f, "{} ({user}, {rename})", names.join(" + "))
    }
}

impl Setting {
    /// These requests, at most four, starting from an anonymous session, in memory, without faults.
    #[must_use]
    pub fn new(kinds: &[Kind]) -> Self {
        assert!(kinds.len() <= MOST, "{kinds:?} are too many");
        Setting {
            kinds: kinds.to_vec(),
            logged_in: false,
            two_step: false,
            faults: false,
            late: false,
            backend: Arc::new(|| Arc::new(MemoryBackend::default())),
        }
    }

    /// Whether the session at the start is that of a user.
    #[must_use]
    pub fn logged_in(mut self, logged_in: bool) -> Self {
        self.logged_in = logged_in;
        self
    }

    /// Whether a rotation is two calls: the new record, then the marker.
    #[must_use]
    pub fn two_step(mut self, two_step: bool) -> Self {
        self.two_step = two_step;
        self
    }

    /// With a rotation of one call, and with one of two where a request rotates at all.
    pub fn both_renames(self) -> impl Iterator<Item = Setting> {
        let moves = self.kinds.iter().any(|kind| kind.moves());
        let two_step = moves.then(|| self.clone().two_step(true));
        [self].into_iter().chain(two_step)
    }

    /// Whether one thing may go wrong: a write unanswered (done or not), a request cut off, an answer lost on the way.
    #[must_use]
    pub fn faults(mut self, faults: bool) -> Self {
        self.faults = faults;
        self
    }

    /// Whether the one thing that may go wrong is a write that is not answered and carried out at any later time.
    #[must_use]
    pub fn late(mut self, late: bool) -> Self {
        self.late = late;
        self
    }

    /// Another backend, to see what its faults break.
    #[must_use]
    pub fn backend<B: Backend>(mut self, backend: impl Fn() -> B + Send + Sync + 'static) -> Self {
        self.backend = Arc::new(move || Arc::new(backend()));
        self
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }
}
