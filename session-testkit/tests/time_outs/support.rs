//! A visitor behind a gate, and another one with the server to himself.

use std::sync::Arc;
use std::time::Duration;

use session_core::{
    Backend, Committed, CookieAction, MemoryBackend, ServerSide, Session, SessionConfig, Sessions, StoreConfig,
};
use session_testkit::{Gate, Spy};
use tokio::time::Instant;

/// The default budget of a request.
pub(crate) const BUDGET: Duration = Duration::from_secs(4);

/// A server, a process behind a gate to it, and another process without one.
pub(crate) struct World<B = MemoryBackend> {
    pub(crate) gate: Arc<Gate<B>>,
    pub(crate) spy: Arc<Spy<Gate<B>>>,
    pub(crate) gated: Sessions,
    pub(crate) free: Sessions,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::on(MemoryBackend::default())
    }
}

impl<B: Backend> World<B> {
    pub(crate) fn on(backend: B) -> Self {
        let backend = Arc::new(backend);
        let gate = Arc::new(Gate::on(Arc::clone(&backend)));
        let spy = Arc::new(Spy::on(Arc::clone(&gate)));
        World {
            gated: sessions(&spy, StoreConfig::default()),
            free: sessions(&backend, StoreConfig::default()),
            gate,
            spy,
        }
    }

    /// The cookie of a session with `username` = `ada`.
    pub(crate) async fn ada(&self) -> String {
        let session = self.free.fresh();
        session.set("username", "ada").unwrap();
        cookie(&self.free.commit(&session).await)
    }
}

pub(crate) fn sessions<B: Backend>(backend: &Arc<B>, config: StoreConfig) -> Sessions {
    let store = ServerSide::on(Arc::clone(backend), config).unwrap();
    Sessions::new(store, SessionConfig::default()).unwrap()
}

pub(crate) fn cookie(committed: &Committed) -> String {
    match &committed.cookie {
        CookieAction::Set { token, .. } => token.expose().to_owned(),
        other => panic!("expected a cookie, got {other:?}: {:?}", committed.result),
    }
}

pub(crate) fn count_on(session: &Session) {
    session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).unwrap();
}

/// Counts on, in a request of its own.
pub(crate) async fn count_on_in(sessions: &Sessions, cookie: &str) {
    let session = sessions.open([cookie]).await.unwrap();
    count_on(&session);
    sessions.commit(&session).await.result.unwrap();
}

pub(crate) async fn number(sessions: &Sessions, cookie: &str) -> Option<u64> {
    sessions.open([cookie]).await.unwrap().get("n").unwrap()
}

/// What the future gives, and how long it took; a minute is for ever.
pub(crate) async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let output = tokio::time::timeout(Duration::from_secs(60), future).await.expect("it ends");
    (output, start.elapsed())
}
