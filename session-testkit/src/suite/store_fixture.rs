//! A store to check, client-side ones included.

use std::any::Any;
use std::fmt::{self, Debug};
use std::time::Duration;

use bytes::Bytes;
use session_core::{
    Binding, Capabilities, Life, Loaded, Lookup, Record, SessionConfig, SessionStore, Sessions, Timestamp, Token,
};

use super::fixture::{HOUR, patient};
use super::need::{Need, Subject};
use super::time::Time;
use super::visitor::Visitor;
use crate::MovableClock;

type Make = dyn Fn() -> Box<dyn SessionStore> + Send + Sync;

/// A store for one check.
pub struct StoreFixture {
    make: Box<Make>,
    time: Time,
    sorts_keys: bool,
    guards: Vec<Box<dyn Any + Send + Sync>>,
}

impl Debug for StoreFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreFixture").field("time", &self.time).finish_non_exhaustive()
    }
}

impl StoreFixture {
    /// `make` gives a store, and at each further call another one that knows the same sessions, as another process would.
    pub fn new<S: SessionStore>(make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        let time = Time::Movable(MovableClock::default());
        StoreFixture { make: Box::new(move || Box::new(make())), time, sorts_keys: false, guards: Vec::new() }
    }

    /// Keeps something alive as long as the fixture.
    #[must_use]
    pub fn keep(mut self, guard: impl Any + Send + Sync) -> Self {
        self.guards.push(Box::new(guard));
        self
    }

    /// For a server that ends sessions by its own clock, in steps of `grain`: checks about time then wait.
    #[must_use]
    pub fn real_time(self, grain: Duration) -> Self {
        self.with_time(Time::Real { grain })
    }

    /// For a format that keeps the keys sorted, as Flask's cookie does. Without this they have to come back in their order.
    #[must_use]
    pub fn sorts_keys(mut self) -> Self {
        self.sorts_keys = true;
        self
    }

    /// These keys in the order in which they come back.
    pub(crate) fn in_order<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        if self.sorts_keys {
            keys.sort_unstable();
        }
        keys
    }

    /// For a store that judges deadlines by the caller's clock and rounds them up to whole `grain`s.
    #[must_use]
    pub fn rounded(self, grain: Duration) -> Self {
        self.with_time(Time::Rounded { clock: MovableClock::default(), grain })
    }

    pub(crate) fn with_time(mut self, time: Time) -> Self {
        self.time = time;
        self
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        (self.make)().capabilities()
    }

    pub(crate) fn time(&self) -> &Time {
        &self.time
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// The store by itself, bound to this fixture's clock.
    pub(crate) fn store(&self) -> Box<dyn SessionStore> {
        let mut store = (self.make)();
        let mut binding = Binding::default().clock(self.time.clock());
        binding.cookie_name = "id".into();
        store.bind(binding);
        store
    }

    /// Sessions in the store: a process of its own.
    pub(crate) fn sessions(&self, config: SessionConfig) -> Sessions {
        Sessions::with_clock((self.make)(), patient(config), self.time.clock()).expect("the configuration holds")
    }

    /// A browser, and the default settings.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.sessions(SessionConfig::default()))
    }

    /// A deadline beyond the check.
    pub(crate) fn later(&self) -> Timestamp {
        self.now().plus(HOUR)
    }

    /// A record with these texts.
    pub(crate) fn record(&self, texts: &[(&str, &str)]) -> Record {
        let life = Life { created: self.now(), absolute: self.now().plus(2 * HOUR) };
        Record::decode(&message_pack(texts), life).expect("a well-formed record")
    }
}

impl Subject for StoreFixture {
    fn has(&self, need: Need) -> bool {
        match need {
            Need::MovableClock => self.time.can_be_moved(),
            // About backends: no check of a store needs it.
            Need::AtomicRename | Need::Outage | Need::Sweep => true,
            _ => need.among(&self.capabilities()),
        }
    }
}

/// What a token opens, which must be a live session.
pub(crate) async fn live(store: &dyn SessionStore, token: &Token) -> Loaded {
    match store.load(token).await.expect("load") {
        Lookup::Live(loaded) => loaded,
        other => panic!("expected a live session, found {other:?}"),
    }
}

pub(crate) async fn assert_absent(store: &dyn SessionStore, token: &Token) {
    let found = store.load(token).await.expect("load");
    assert!(matches!(found, Lookup::Absent), "expected no session, found {found:?}");
}

/// Fails unless both hold the same values under the same keys, in whatever order.
pub(crate) fn assert_same_contents(found: &Record, expected: &Record) {
    assert_eq!(found.names().count(), expected.names().count(), "the keys");
    // Not printed: values are secret, and large.
    assert!(expected.names().all(|name| found.get(name) == expected.get(name)), "the values, bit for bit");
}

/// A map of texts as MessagePack, at most 15 of them.
fn message_pack(texts: &[(&str, &str)]) -> Bytes {
    let mut bytes = vec![0x80 | u8::try_from(texts.len()).expect("at most 15")];
    for text in texts.iter().flat_map(|(name, value)| [name, value]) {
        let length = u32::try_from(text.len()).expect("at most 4 GiB");
        match u8::try_from(length) {
            Ok(short @ ..32) => bytes.push(0xa0 | short),
            _ => {
                bytes.push(0xdb);
                bytes.extend(length.to_be_bytes());
            }
        }
        bytes.extend(text.as_bytes());
    }
    bytes.into()
}
