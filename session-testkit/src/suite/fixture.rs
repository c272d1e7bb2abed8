//! A backend to check, and everything a check does with it.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use session_core::{
    Backend, Entry, Marker, RecordKey, Removed, ServerSide, SessionConfig, Sessions, StoreConfig, Stored, Swapped,
    Timestamp, Token, Version,
};

use super::need::{Need, Subject};
use super::store_fixture::StoreFixture;
use super::time::Time;
use crate::MovableClock;

/// Longer than any check.
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// A fresh backend for one check: with a database, table or key prefix of its own, since checks run side by side and move their
/// clocks, and what sweeps goes by the time that it is told.
#[derive(Debug)]
pub struct Fixture<B> {
    pub(crate) backend: Arc<B>,
    pub(crate) peer: Arc<B>,
    pub(crate) broken: Option<Arc<B>>,
    pub(crate) time: Time,
    guard: Arc<Guards>,
}

#[derive(Default)]
struct Guards(Vec<Box<dyn Any + Send + Sync>>);

impl std::fmt::Debug for Guards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Guards({})", self.0.len())
    }
}

impl<B: Backend> Fixture<B> {
    /// A backend that judges deadlines by the time that the caller brings along.
    pub fn new(backend: B) -> Self {
        let backend = Arc::new(backend);
        let time = Time::Movable(MovableClock::default());
        Fixture { peer: Arc::clone(&backend), backend, broken: None, time, guard: Arc::default() }
    }

    /// Keeps something alive as long as the fixture: the server, a temporary directory. Call it before cloning.
    #[must_use]
    pub fn keep(mut self, guard: impl Any + Send + Sync) -> Self {
        Arc::get_mut(&mut self.guard).expect("nothing shares the guards yet").0.push(Box::new(guard));
        self
    }

    /// A second connection to the same records, as another process would have one. Default: the same connection.
    #[must_use]
    pub fn peer(mut self, peer: B) -> Self {
        self.peer = Arc::new(peer);
        self
    }

    /// A backend of the same kind whose server does not answer.
    #[must_use]
    pub fn broken(mut self, broken: B) -> Self {
        self.broken = Some(Arc::new(broken));
        self
    }

    /// For a server that ends entries by its own clock, in steps of `grain`: checks about time then wait.
    #[must_use]
    pub fn real_time(mut self, grain: Duration) -> Self {
        self.time = Time::Real { grain };
        self
    }

    /// The same, as a store.
    #[doc(hidden)]
    pub fn into_store(self) -> StoreFixture {
        let (backends, turn) = ([self.backend, self.peer], std::sync::atomic::AtomicUsize::new(0));
        let make = move || {
            // Every other one is on the second connection: what two instances see of each other they see through the server.
            let next = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2;
            server_side(&backends[next], patient_store())
        };
        StoreFixture::new(make).with_time(self.time).keep(self.guard)
    }

    /// Sessions on `backend`, by this fixture's clock.
    pub(crate) fn sessions_on<T: Backend>(&self, backend: &Arc<T>, config: SessionConfig) -> Sessions {
        let store = server_side(backend, patient_store());
        Sessions::with_clock(store, patient(config), self.time.clock()).expect("the configuration holds")
    }
}

impl<B: Backend> Subject for Fixture<B> {
    fn has(&self, need: Need) -> bool {
        match need {
            Need::AtomicRename => self.backend.atomic_rename().is_some(),
            Need::MovableClock => self.time.can_be_moved(),
            Need::Outage => self.broken.is_some(),
            _ => need.among(&self.backend.capabilities()),
        }
    }
}

/// With time enough for a slow machine: what a request may take is another matter, with checks of its own.
pub(crate) fn patient(config: SessionConfig) -> SessionConfig {
    config.budget(Duration::from_secs(60))
}

fn patient_store() -> StoreConfig {
    StoreConfig::default().call_timeout(Duration::from_secs(20))
}

/// A store on this backend, for records as large as both allow.
pub(crate) fn server_side<T: Backend>(backend: &Arc<T>, config: StoreConfig) -> ServerSide<T> {
    let largest = config.max_payload.min(backend.capabilities().max_payload);
    let config = config.max_payload(largest);
    ServerSide::on(Arc::clone(backend), config).expect("the configuration holds")
}

/// A key that nothing else uses.
pub(crate) fn key() -> RecordKey {
    RecordKey::hashed("check:", &Token::random().expect("random bytes"))
}

pub(crate) fn version() -> Version {
    Version::random().expect("random bytes")
}

// --- calls whose failure fails the check ----------------------------------------------------------------------------

impl<B: Backend> Fixture<B> {
    pub(crate) fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// A record that outlives the check.
    pub(crate) fn stored(&self, payload: impl Into<Bytes>) -> Stored {
        self.stored_for(HOUR, payload)
    }

    pub(crate) fn stored_for(&self, life: Duration, payload: impl Into<Bytes>) -> Stored {
        Stored { version: version(), deadline: self.now().plus(life), payload: payload.into() }
    }

    /// A marker that outlives the check.
    pub(crate) fn marker(&self) -> Marker {
        Marker { version: version(), successor: key(), until: self.now().plus(HOUR) }
    }

    pub(crate) async fn get(&self, key: &RecordKey) -> Option<Entry> {
        self.backend.get(key, self.now()).await.expect("get")
    }

    pub(crate) async fn insert(&self, key: &RecordKey, new: &Stored) -> bool {
        self.backend.insert(key, new, self.now()).await.expect("insert")
    }

    pub(crate) async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry) -> Swapped {
        self.backend.swap(key, seen, new, self.now()).await.expect("swap")
    }

    pub(crate) async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp) -> Swapped {
        self.backend.touch(key, seen, deadline, self.now()).await.expect("touch")
    }

    pub(crate) async fn remove(&self, key: &RecordKey, seen: Option<&Version>) -> Removed {
        self.backend.remove(key, seen, self.now()).await.expect("remove")
    }

    /// A live record under a new key.
    pub(crate) async fn live(&self, payload: impl Into<Bytes>) -> (RecordKey, Stored) {
        let (key, stored) = (key(), self.stored(payload));
        assert!(self.insert(&key, &stored).await, "an insert where nothing lives writes");
        (key, stored)
    }

    /// A live record that has ended by now.
    pub(crate) async fn expired(&self) -> (RecordKey, Stored) {
        let (key, stored) = (key(), self.stored_for(self.time.short(), "expires soon"));
        assert!(self.insert(&key, &stored).await, "an insert where nothing lives writes");
        assert!(self.get(&key).await.is_some(), "it lives until its deadline");
        self.time.outlive_short().await;
        (key, stored)
    }

    /// A retired id.
    pub(crate) async fn retired(&self) -> (RecordKey, Marker) {
        let ((key, stored), marker) = (self.live("rotated").await, self.marker());
        assert_eq!(self.swap(&key, &stored.version, &Entry::Retired(marker.clone())).await, Swapped::Done);
        (key, marker)
    }

    /// Fails unless exactly this record lies there; its deadline may be off by the server's grain.
    pub(crate) async fn assert_holds(&self, key: &RecordKey, expected: &Stored) {
        match self.get(key).await {
            Some(Entry::Live(found)) => {
                assert_eq!(found.version, expected.version, "the version");
                // Not printed: a megabyte helps nobody.
                assert!(found.payload == expected.payload, "the payload comes back bit for bit");
                self.assert_near(found.deadline, expected.deadline);
            }
            other => panic!("expected a live record, found {other:?}"),
        }
    }

    pub(crate) async fn assert_retired(&self, key: &RecordKey, expected: &Marker) {
        match self.get(key).await {
            Some(Entry::Retired(found)) => {
                assert!((found.version, &found.successor) == (expected.version, &expected.successor), "another marker");
                self.assert_near(found.until, expected.until);
            }
            other => panic!("expected a retired id, found {other:?}"),
        }
    }

    pub(crate) async fn assert_absent(&self, key: &RecordKey) {
        let found = self.get(key).await;
        assert!(found.is_none(), "expected nothing, found {found:?}");
    }

    fn assert_near(&self, found: Timestamp, expected: Timestamp) {
        self.time.assert_near(found, expected);
    }
}

/// Fails unless the answer is `Retired` with this marker.
pub(crate) fn assert_answers_retired(answer: &Swapped, expected: &Marker) {
    match answer {
        Swapped::Retired(found) => {
            assert!((found.version, &found.successor) == (expected.version, &expected.successor), "another marker");
        }
        other => panic!("expected Retired, got {other:?}"),
    }
}
