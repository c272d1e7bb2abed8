//! Two memories, processes that adopt from one into the other, and whoever still uses the old one alone.

use std::sync::Arc;
use std::time::Duration;

use session_core::{
    AdoptingStore, Backend, Committed, CookieAction, Error, MemoryBackend, Operation, ServerSide, Session,
    SessionConfig, Sessions, StoreConfig,
};
use session_testkit::{Behaviour, Gate, MovableClock, Spy};

type Gated = Gate<Spy<MemoryBackend>>;

/// Both stores, and the clock.
#[derive(Debug, Default)]
pub(crate) struct World {
    new: Arc<MemoryBackend>,
    old: Arc<MemoryBackend>,
    pub(crate) clock: MovableClock,
}

/// A process with an adopting store of its own, whose calls can be held, cut and counted.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) sessions: Sessions,
    pub(crate) new: Arc<Gated>,
    pub(crate) old: Arc<Gated>,
}

fn in_new() -> StoreConfig {
    // No pause: some of these tests stop the clock that it would wait by.
    StoreConfig::default().retry_pause(Duration::ZERO)
}

fn in_old() -> StoreConfig {
    in_new().prefix("old:")
}

impl World {
    fn sessions<B: Backend>(&self, backend: &Arc<B>, config: StoreConfig) -> Sessions {
        let store = ServerSide::on(Arc::clone(backend), config).unwrap();
        Sessions::with_clock(store, SessionConfig::default(), self.clock.shared()).unwrap()
    }

    /// Whoever knows the old store alone.
    pub(crate) fn old_user(&self) -> Sessions {
        self.sessions(&self.old, in_old())
    }

    /// Whoever knows the new store alone: after the adopting one has been taken away.
    pub(crate) fn new_user(&self) -> Sessions {
        self.sessions(&self.new, in_new())
    }

    pub(crate) fn process(&self) -> Process {
        let [new, old] = [&self.new, &self.old].map(|backend| Arc::new(Gate::new(Spy::on(Arc::clone(backend)))));
        let store = |gate: &Arc<Gated>, config| ServerSide::on(Arc::clone(gate), config).unwrap();
        let adopting = AdoptingStore::new(store(&new, in_new()), store(&old, in_old())).unwrap();
        let sessions = Sessions::with_clock(adopting, SessionConfig::default(), self.clock.shared()).unwrap();
        Process { sessions, new, old }
    }

    /// The id of a session that holds `cart`, in the old store.
    pub(crate) async fn visitor(&self) -> String {
        begin(&self.old_user()).await
    }

    /// Whether this id still opens something in the old store by itself.
    pub(crate) async fn is_in_old(&self, id: &str) -> bool {
        !self.old_user().open([id]).await.unwrap().is_new()
    }
}

/// The id of a new session that holds `cart`.
pub(crate) async fn begin(sessions: &Sessions) -> String {
    let session = sessions.fresh();
    session.set("cart", "book").unwrap();
    id_in(&sessions.commit(&session).await).unwrap()
}

/// The id that an answer sets.
pub(crate) fn id_in(committed: &Committed) -> Option<String> {
    match &committed.cookie {
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        _ => None,
    }
}

/// A whole request.
pub(crate) async fn request(sessions: &Sessions, id: &str, handler: impl FnOnce(&Session)) -> Committed {
    let session = sessions.open([id]).await.unwrap();
    handler(&session);
    sessions.commit(&session).await
}

pub(crate) async fn set(sessions: &Sessions, id: &str, key: &str) -> Result<(), Error> {
    request(sessions, id, |session| session.set(key, "there").unwrap()).await.result
}

pub(crate) async fn count(sessions: &Sessions, id: &str) -> Result<(), Error> {
    request(sessions, id, count_on).await.result
}

pub(crate) fn count_on(session: &Session) {
    session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).unwrap();
}

/// The keys of the session, in alphabetical order; none where there is no session.
pub(crate) async fn keys(sessions: &Sessions, id: &str) -> Vec<String> {
    let mut keys = sessions.open([id]).await.unwrap().keys();
    keys.sort();
    keys
}

pub(crate) async fn number(sessions: &Sessions, id: &str) -> Option<u32> {
    sessions.open([id]).await.unwrap().get("n").unwrap()
}

impl Process {
    /// What both stores were asked since the last time: of the new one, of the old one.
    pub(crate) fn calls(&self) -> (Vec<Operation>, Vec<Operation>) {
        (self.new.inner().take(), self.old.inner().take())
    }

    /// Both tries of the next call of this kind to the old store fail.
    pub(crate) fn old_fails(&self, operation: Operation) {
        self.old.script(operation, [Behaviour::Fail, Behaviour::Fail]);
    }

    pub(crate) fn new_fails(&self, operation: Operation) {
        self.new.script(operation, [Behaviour::Fail, Behaviour::Fail]);
    }
}
