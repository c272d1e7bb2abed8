//! Requirements of docs/security.md that no check of the suite is named after.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use session_core::{
    Clock, CookieAction, Error, MemoryBackend, MemoryStore, Operation, ServerSide, Session, SessionConfig, Sessions,
    StoreConfig, Token,
};
use session_testkit::{MovableClock, Spy};

const MINUTE: Duration = Duration::from_secs(60);

/// Stores a session and gives its token.
async fn stored(sessions: &Sessions, session: &Session) -> Result<Token, Error> {
    let committed = sessions.commit(session).await;
    committed.result?;
    match committed.cookie {
        CookieAction::Set { token, .. } => Ok(token),
        other => panic!("a new session has a cookie: {other:?}"),
    }
}

async fn begin(sessions: &Sessions) -> Token {
    let session = sessions.fresh();
    session.set("name", "ada").unwrap();
    stored(sessions, &session).await.unwrap()
}

async fn is_live(sessions: &Sessions, token: &Token) -> bool {
    !sessions.open([token.expose()]).await.unwrap().is_new()
}

/// Two processes on one store, by clocks of their own.
fn two_processes(config: &SessionConfig) -> [(Sessions, MovableClock); 2] {
    let (store, now) = (MemoryStore::default(), MovableClock::default().now());
    [(), ()].map(|()| {
        let clock = MovableClock::at(now);
        (Sessions::with_clock(store.clone(), config.clone(), clock.shared()).unwrap(), clock)
    })
}

#[tokio::test(flavor = "current_thread")]
async fn s47_a_minute_between_two_clocks_neither_ends_nor_keeps_a_session() {
    let config = SessionConfig::default().idle(30 * MINUTE).absolute(60 * MINUTE);
    for ahead in [0, 1] {
        let processes = two_processes(&config);
        processes[ahead].1.advance(MINUTE);
        let [(here, clock), (there, other_clock)] = &processes;
        let token = begin(here).await;
        assert!(is_live(there, &token).await, "fresh for both");
        let session = there.open([token.expose()]).await.unwrap();
        session.rotate();
        let new = stored(there, &session).await.unwrap();
        assert!(is_live(here, &new).await && !is_live(here, &token).await, "a rotation holds for both");
        clock.advance(29 * MINUTE);
        other_clock.advance(29 * MINUTE);
        here.commit(&here.open([new.expose()]).await.unwrap()).await.result.unwrap();
        // The absolute end is a moment that was written once: the clocks differ by a minute, and so do their ends.
        clock.advance(33 * MINUTE);
        other_clock.advance(33 * MINUTE);
        assert!(!is_live(here, &new).await && !is_live(there, &new).await, "dead for both after the skew");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn s47_a_clock_that_jumps_back_extends_no_absolute_life() {
    let config = SessionConfig::default().idle(30 * MINUTE).absolute(60 * MINUTE);
    let clock = MovableClock::default();
    let sessions = Sessions::with_clock(MemoryStore::default(), config, clock.shared()).unwrap();
    let end = clock.now().plus(60 * MINUTE);
    let token = begin(&sessions).await;
    clock.set(clock.now().minus(10 * MINUTE));
    let session = sessions.open([token.expose()]).await.unwrap();
    session.set("name", "bob").unwrap();
    sessions.commit(&session).await.result.unwrap();
    while clock.now() < end {
        clock.advance(5 * MINUTE);
        let session = sessions.open([token.expose()]).await.unwrap();
        assert_eq!(session.is_new(), clock.now() >= end, "{:?} before the end", end.since(clock.now()));
        sessions.commit(&session).await.result.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn s48_a_session_that_is_used_in_time_lives(pauses in prop::collection::vec(0_u64..90, 1..100)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (idle, clock) = (Duration::from_secs(100), MovableClock::default());
            let config = SessionConfig::default().idle(idle);
            let sessions = Sessions::with_clock(MemoryStore::default(), config, clock.shared()).unwrap();
            let token = begin(&sessions).await;
            for pause in pauses {
                clock.advance(Duration::from_secs(pause));
                let session = sessions.open([token.expose()]).await.unwrap();
                assert!(!session.is_new(), "it was used {pause} s ago");
                sessions.commit(&session).await.result.unwrap();
            }
            clock.advance(idle);
            assert!(!is_live(&sessions, &token).await, "and ends when it is not used");
        });
    }
}

#[tokio::test(flavor = "current_thread")]
async fn s61_the_last_byte_that_fits_is_stored_and_one_more_names_size_and_limit() {
    const LIMIT: usize = 1000;
    let store = MemoryStore::new(StoreConfig::default().max_payload(LIMIT)).unwrap();
    let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
    let token = begin(&sessions).await;
    let mut fits = 0;
    for length in 800..LIMIT {
        let session = sessions.open([token.expose()]).await.unwrap();
        session.set("fill", "x".repeat(length)).unwrap();
        match sessions.commit(&session).await.result {
            Ok(()) => fits = length,
            Err(Error::TooLarge { size, limit, .. }) => {
                assert_eq!((size, limit), (LIMIT + 1, LIMIT), "refused at the first byte too many");
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
    let session = sessions.open([token.expose()]).await.unwrap();
    assert_eq!(session.require::<String>("fill").unwrap().len(), fits, "the one before is intact");
}

#[tokio::test(flavor = "current_thread")]
async fn s62_a_full_memory_store_refuses_new_sessions_and_keeps_those_it_has() {
    let clock = MovableClock::default();
    let backend = MemoryBackend::bounded(10, 1 << 20);
    let store = MemoryStore::with_backend(backend, StoreConfig::default().retry_pause(Duration::ZERO)).unwrap();
    let sessions = Sessions::with_clock(store.clone(), SessionConfig::default(), clock.shared()).unwrap();
    let mut tokens = Vec::new();
    for _ in 0..10 {
        tokens.push(begin(&sessions).await);
    }
    let session = sessions.fresh();
    session.set("name", "eve").unwrap();
    let refused = stored(&sessions, &session).await.unwrap_err();
    assert!(refused.is_outage(), "{refused}");
    let session = sessions.open([tokens[0].expose()]).await.unwrap();
    session.set("more", 1).unwrap();
    session.rotate();
    tokens[0] = stored(&sessions, &session).await.expect("those it has can log in");
    for token in &tokens {
        assert!(is_live(&sessions, token).await, "nobody was dropped");
    }
    clock.advance(SessionConfig::default().idle + MINUTE);
    begin(&sessions).await;
    assert_eq!(store.len(), 1, "the expired went first");
}

#[tokio::test(flavor = "current_thread")]
async fn s62_guesses_leave_nothing_behind() {
    let store = MemoryStore::default();
    let sessions = Sessions::new(store.clone(), SessionConfig::default()).unwrap();
    for _ in 0..10_000 {
        let guess = Token::random().unwrap();
        let session = sessions.open([guess.expose()]).await.unwrap();
        assert!(matches!(sessions.commit(&session).await.cookie, CookieAction::None));
    }
    assert!(store.is_empty());
    assert_eq!(sessions.counts().unknown, 10_000, "an operator sees the flood");
}

#[tokio::test(flavor = "current_thread")]
async fn s63_a_well_formed_token_costs_one_read_and_a_malformed_one_none() {
    let spy = Arc::new(Spy::new(MemoryBackend::default()));
    let store = ServerSide::on(Arc::clone(&spy), StoreConfig::default()).unwrap();
    let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
    let guesses: Vec<_> = (0..5).map(|_| Token::random().unwrap().expose().to_owned()).collect();
    let malformed = ["", "short", &"x".repeat(44), &"=".repeat(43), &"é".repeat(43)];
    sessions.open(malformed).await.unwrap();
    assert_eq!(spy.take().len(), 0);
    assert_eq!(sessions.counts().malformed, 5);
    let twice = guesses.iter().chain(&guesses).map(String::as_str);
    sessions.open(malformed.into_iter().chain(twice)).await.unwrap();
    assert_eq!(spy.take(), [Operation::Get; 3], "three at most, each once");
}
