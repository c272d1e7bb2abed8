//! 10,000 damaged records: each is `Corrupt` or a session, never a panic; record and cookie are left alone, the neighbours untouched.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use session_core::{
    Backend, Clock, CookieAction, Entry, Error, MemoryBackend, RecordKey, ServerSide, SessionConfig, Sessions,
    StoreConfig, Swapped, SystemClock, Token, Version,
};

/// A store with a session to damage and its neighbour.
struct Street {
    backend: Arc<MemoryBackend>,
    sessions: Sessions,
    damaged: Token,
    neighbour: Token,
}

async fn begin(sessions: &Sessions, name: &str) -> Token {
    let session = sessions.fresh();
    session.set("name", name).unwrap();
    session.set("list", vec![Some(1), None]).unwrap();
    session.flash("hello").unwrap();
    match sessions.commit(&session).await.cookie {
        CookieAction::Set { token, .. } => token,
        other => panic!("{other:?}"),
    }
}

impl Street {
    async fn new() -> Self {
        let backend = Arc::new(MemoryBackend::default());
        let store = ServerSide::on(Arc::clone(&backend), StoreConfig::default()).unwrap();
        let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
        let (damaged, neighbour) = (begin(&sessions, "ada").await, begin(&sessions, "bob").await);
        Street { backend, sessions, damaged, neighbour }
    }

    async fn stored(&self, token: &Token) -> Entry {
        let key = RecordKey::hashed("session:", token);
        self.backend.get(&key, SystemClock.now()).await.unwrap().expect("it is there")
    }

    /// Puts other bytes in the place of a record.
    async fn damage(&self, payload: Bytes) -> Entry {
        let Entry::Live(mut stored) = self.stored(&self.damaged).await else { panic!("a marker") };
        let seen = stored.version;
        stored.payload = payload;
        stored.version = Version::random().unwrap();
        let (key, entry) = (RecordKey::hashed("session:", &self.damaged), Entry::Live(stored));
        let swapped = self.backend.swap(&key, &seen, &entry, SystemClock.now()).await.unwrap();
        assert_eq!(swapped, Swapped::Done);
        entry
    }

    /// What a request with the damaged session's cookie meets; true where it was `Corrupt`.
    async fn visit(&self, entry: &Entry) -> bool {
        let corrupt = match self.sessions.open([self.damaged.expose()]).await {
            Err(Error::Corrupt { .. }) => true,
            Err(other) => panic!("{other}"),
            // Some damage leaves a record, if another one; reading any part of it is safe.
            Ok(session) => {
                let _ = (session.get::<String>("name"), session.get::<Vec<Option<u8>>>("list"), session.keys());
                assert!(matches!(self.sessions.commit(&session).await.cookie, CookieAction::None));
                false
            }
        };
        assert_eq!(self.stored(&self.damaged).await, *entry, "left alone");
        corrupt
    }
}

fn damage() -> impl Strategy<Value = (Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>, Vec<u8>)> {
    let flips = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let cut = prop::option::of(any::<prop::sample::Index>());
    (flips, cut, prop::collection::vec(any::<u8>(), 0..3))
}

#[test]
fn s29_s32_ten_thousand_damaged_records_are_left_alone() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let street = runtime.block_on(Street::new());
    let Entry::Live(whole) = runtime.block_on(street.stored(&street.damaged)) else { panic!("a marker") };
    let neighbour = runtime.block_on(street.stored(&street.neighbour));
    let corrupt = std::cell::Cell::new(0_u32);
    let config = Config { failure_persistence: None, ..Config::with_cases(10_000) };
    let run = TestRunner::new(config).run(&damage(), |(flips, cut, tail)| {
        let mut payload = whole.payload.to_vec();
        for (at, byte) in flips {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        payload.truncate(cut.map_or(payload.len(), |cut| cut.index(payload.len())));
        payload.extend(tail);
        runtime.block_on(async {
            let entry = street.damage(payload.into()).await;
            corrupt.set(corrupt.get() + u32::from(street.visit(&entry).await));
            assert_eq!(street.stored(&street.neighbour).await, neighbour, "the neighbour is untouched");
        });
        Ok(())
    });
    run.unwrap();
    println!("{} of 10,000 damaged records were corrupt, the others another record", corrupt.get());
    assert!(corrupt.get() > 5_000);
}
