//! Visitors who go on while something happens to the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use session_core::{Result, SessionConfig, Sessions};
use session_testkit::TestSession;
use tokio::task::JoinSet;

/// A request's budget, and some more for a busy machine.
pub(crate) const LONGEST: Duration = Duration::from_secs(5);

/// What one visitor has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    confirmed: u32,
    tried: u32,
    pub(crate) outages: u32,
    slowest: Duration,
}

/// Visitors who count, each in a session of its own.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<(TestSession, Seen)>,
}

/// One request that counts on.
pub(crate) async fn count_on(sessions: &Sessions, visitor: &TestSession) -> Result<()> {
    let session = visitor.session().await?;
    assert!(!session.is_new(), "nobody is logged out");
    session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1)?;
    let committed = sessions.commit(&session).await;
    assert!(matches!(committed.cookie, session_core::CookieAction::None), "no cookie");
    committed.result
}

impl Load {
    pub(crate) async fn start(sessions: &Sessions, visitors: usize) -> Self {
        let (stop, mut tasks) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for _ in 0..visitors {
            let (sessions, stop) = (sessions.clone(), Arc::clone(&stop));
            let visitor = TestSession::with(&sessions, |session| session.set("n", 0)).await.unwrap();
            tasks.spawn(async move {
                let mut seen = Seen::default();
                while !stop.load(Ordering::Relaxed) {
                    seen.note(&sessions, &visitor).await;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                (visitor, seen)
            });
        }
        Load { stop, tasks }
    }

    /// Ends the load. Whatever was confirmed is there, and nothing that was never tried; no request took too long.
    pub(crate) async fn finish(self) -> Vec<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for (visitor, seen) in self.tasks.join_all().await {
            let stored = visitor.get::<u32>("n").await.unwrap().expect("nobody is logged out");
            assert!((seen.confirmed..=seen.tried).contains(&stored), "{stored} are stored, {seen:?}");
            assert!(seen.confirmed > 0 && seen.slowest < LONGEST, "{seen:?}");
            all.push(seen);
        }
        all
    }
}

impl Seen {
    async fn note(&mut self, sessions: &Sessions, visitor: &TestSession) {
        let begun = Instant::now();
        self.tried += 1;
        match count_on(sessions, visitor).await {
            Ok(()) => self.confirmed += 1,
            Err(error) => {
                assert!(error.is_outage(), "{error:?}");
                self.outages += 1;
            }
        }
        self.slowest = self.slowest.max(begun.elapsed());
    }
}

/// How long it takes until a request succeeds.
pub(crate) async fn recovery(sessions: &Sessions, visitor: &TestSession) -> Duration {
    let begun = Instant::now();
    while let Err(error) = count_on(sessions, visitor).await {
        assert!(error.is_outage(), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(30), "no recovery: {error:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    begun.elapsed()
}

/// A request's budget is the default one.
pub(crate) fn settings() -> SessionConfig {
    SessionConfig::default()
}
