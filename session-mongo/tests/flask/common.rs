//! Flask-Session's collection, another program's view of it, and things to put in.

use std::time::{Duration, SystemTime};

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, doc};
use mongodb::{Client, Collection};
use session_core::{
    Backend, Clock, CookieAction, Entry, RecordKey, Session, SessionConfig, Sessions, StoreConfig, Stored, SystemClock,
    Timestamp, Token, Version,
};
use session_flask::{FlaskLayout, Value, read_record};
use session_mongo::{MongoBackend, MongoConfig, MongoStore};
use session_testkit::server::MongoServer;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// An id, as Flask-Session draws them.
pub(crate) const ID: &str = "oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk";
pub(crate) const KEY: &str = "session:oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk";

/// A permanent session of Flask's with `user` in it.
pub(crate) const ALICE: &[u8] = b"\x82\xaa_permanent\xc3\xa4user\xa5alice";

/// The same after one more key.
pub(crate) const ALICE_AND_CART: &[u8] = b"\x83\xaa_permanent\xc3\xa4user\xa5alice\xa4cart\x93\x01\x02\x03";

/// A collection of its own on this server, without the index; patiently: the machine has other things to do.
pub(crate) fn config(server: &MongoServer) -> MongoConfig {
    config_with(server, FlaskLayout::default())
}

pub(crate) fn config_with(server: &MongoServer, layout: FlaskLayout) -> MongoConfig {
    let collection = format!("test-{}", Token::random().unwrap().expose());
    let store = StoreConfig::default().layout(layout).call_timeout(Duration::from_secs(20));
    let config = MongoConfig::new(server.url()).collection(collection).ttl_index(false).store(store);
    config.server_selection_timeout(Duration::from_secs(10)).connect_timeout(Duration::from_secs(10))
}

pub(crate) async fn backend(config: &MongoConfig) -> MongoBackend {
    MongoBackend::connect(config).await.unwrap()
}

pub(crate) async fn sessions(config: &MongoConfig) -> Sessions {
    let store = MongoStore::connect_with(config.clone()).await.unwrap();
    Sessions::new(store, SessionConfig::default().budget(Duration::from_secs(60))).unwrap()
}

/// Flask's view of the collection, in the database that it takes unless it is told another one.
pub(crate) async fn foreign(config: &MongoConfig) -> Collection<Document> {
    Client::with_uri_str(&config.url).await.unwrap().database("flask_session").collection(&config.collection)
}

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

pub(crate) async fn live(backend: &MongoBackend, key: &RecordKey) -> Option<Stored> {
    match backend.get(key, now()).await.unwrap() {
        Some(Entry::Live(stored)) => Some(stored),
        _ => None,
    }
}

pub(crate) fn binary(bytes: &[u8]) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() })
}

/// In so many seconds.
pub(crate) fn end(seconds: i64) -> Bson {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    Bson::DateTime(DateTime::from_millis(i64::try_from(now).unwrap() + seconds * 1000))
}

/// A document as Flask-Session would write it.
pub(crate) async fn plant(foreign: &Collection<Document>, id: &str, data: &[u8], expiration: Bson) {
    foreign.insert_one(doc! { "id": id, "val": binary(data), "expiration": expiration }).await.unwrap();
}

/// What Flask-Session 0.8 sends when a request saves a session.
pub(crate) async fn flask_saves(foreign: &Collection<Document>, data: &[u8]) {
    let set = doc! { "$set": { "id": KEY, "val": binary(data), "expiration": end(7200) } };
    foreign.update_one(doc! { "id": KEY }, set).upsert(true).await.unwrap();
}

/// What Flask-Session finds under an id.
pub(crate) async fn flask_finds(foreign: &Collection<Document>, id: &str) -> Option<Document> {
    foreign.find_one(doc! { "id": id }).await.unwrap()
}

/// The record of a session in the collection.
pub(crate) async fn at_rest(foreign: &Collection<Document>, id: &str) -> Vec<(Value, Value)> {
    let document = flask_finds(foreign, id).await.unwrap();
    let (Value::Dict(pairs), _) = read_record(document.get_binary_generic("val").unwrap()).unwrap() else {
        panic!("a record is a dict")
    };
    pairs
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
