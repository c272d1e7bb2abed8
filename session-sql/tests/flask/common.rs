//! Sessions, and things to put in.

use std::time::Duration;

use session_core::{
    Backend, Clock, Codec, CookieAction, Entry, RecordKey, Session, SessionConfig, Sessions, Stored, SystemClock,
    Timestamp, Version,
};
use session_flask::{Value, read_record};
use session_sql::SqlBackend;

use crate::place::Place;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// An id, as Flask-Session draws them.
pub(crate) const ID: &str = "oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk";
pub(crate) const KEY: &str = "session:oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk";

/// A permanent session of Flask's with `user` in it.
pub(crate) const ALICE: &[u8] = b"\x82\xaa_permanent\xc3\xa4user\xa5alice";

/// The same after one more key.
pub(crate) const ALICE_AND_CART: &[u8] = b"\x83\xaa_permanent\xc3\xa4user\xa5alice\xa4cart\x93\x01\x02\x03";

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

pub(crate) fn key(name: &str) -> RecordKey {
    RecordKey::new(format!("session:{name}"))
}

/// A record that lives for an hour.
pub(crate) fn stored(payload: &[u8]) -> Stored {
    Stored { version: Version::of(payload), deadline: now().plus(HOUR), payload: payload.to_vec().into() }
}

pub(crate) async fn live(backend: &SqlBackend, key: &RecordKey) -> Option<Stored> {
    match backend.get(key, now()).await.unwrap() {
        Some(Entry::Live(stored)) => Some(stored),
        _ => None,
    }
}

/// What one process has.
pub(crate) async fn sessions(place: &Place) -> Sessions {
    sessions_with(place, Codec::MessagePack).await
}

pub(crate) async fn sessions_with(place: &Place, codec: Codec) -> Sessions {
    Sessions::new(place.store_with(codec).await, SessionConfig::default().budget(Duration::from_secs(60))).unwrap()
}

/// Commits; the token that the browser then has, if it gets one.
pub(crate) async fn commit(sessions: &Sessions, session: &Session) -> Option<String> {
    let committed = sessions.commit(session).await;
    committed.result.unwrap();
    match committed.cookie {
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        _ => None,
    }
}

pub(crate) async fn log_in(sessions: &Sessions, token: &str) -> String {
    let session = sessions.open([token]).await.unwrap();
    session.rotate();
    commit(sessions, &session).await.expect("a login gives a new token")
}

pub(crate) async fn log_out(sessions: &Sessions, token: &str) {
    let session = sessions.open([token]).await.unwrap();
    session.destroy();
    commit(sessions, &session).await;
}

/// The record of a session in the table, as the vectors' reader reads it.
pub(crate) async fn at_rest(place: &Place, session_id: &str) -> Vec<(Value, Value)> {
    let hex = place.ask(&format!("SELECT {} FROM sessions WHERE session_id = '{session_id}'", place.hex("data"))).await;
    let (Value::Dict(pairs), _) = read_record(&unhex(&hex)).unwrap() else { panic!("a record is a dict") };
    pairs
}

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
