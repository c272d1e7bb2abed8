//! What lies in the collection, and what of it can be read.

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, doc};
use session_core::{
    Backend, Entry, Error, Marker, RecordKey, SessionConfig, Sessions, StoreConfig, Swapped, Timestamp,
};
use session_mongo::{MongoConfig, MongoStore};
use session_testkit::TestSession;
use session_testkit::server::MongoServer;

use crate::common::{HOUR, backend, config, expired, foreign, key, now, payload, stored};

/// The shape outlives the process: what is changed here logs everybody out.
#[tokio::test]
async fn s56_a_document_has_these_fields_of_these_types() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    let (key, old) = (key(), stored(b"payload"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    let binary = |bytes: &[u8]| Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() });
    let date = |moment: Timestamp| Bson::DateTime(DateTime::from_millis(moment.as_millis().try_into().unwrap()));
    let found = foreign.find_one(doc! {}).await.unwrap().unwrap();
    let wanted = doc! {
        "_id": key.as_str(), "v": binary(old.version.as_bytes()), "d": date(old.deadline), "p": binary(b"payload"),
    };
    assert_eq!(found, wanted);

    let marker = Marker { version: stored(b"").version, successor: RecordKey::new("next"), until: now().plus(HOUR) };
    let swapped = backend.swap(&key, &old.version, &Entry::Retired(marker.clone()), now()).await.unwrap();
    assert_eq!(swapped, Swapped::Done);
    let found = foreign.find_one(doc! {}).await.unwrap().unwrap();
    let wanted = doc! {
        "_id": key.as_str(), "v": binary(marker.version.as_bytes()), "d": date(marker.until), "s": "next",
    };
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn s56_no_key_is_read_as_a_query() {
    let config = config(MongoServer::shared());
    let backend = backend(&config).await;
    let keys = ["$where", "a.b", "$gt", "{\"$ne\": null}", "nul\0inside", "", "läßt", "ObjectId('0')"];
    for text in keys {
        let (key, one) = (RecordKey::new(text), stored(text.as_bytes()));
        assert!(backend.insert(&key, &one, now()).await.unwrap(), "{text:?}");
        let two = Entry::Live(stored(b"swapped\0$where"));
        assert_eq!(backend.swap(&key, &one.version, &two, now()).await.unwrap(), Swapped::Done);
        assert_eq!(payload(&backend, &key).await.unwrap(), b"swapped\0$where", "{text:?}");
    }
    assert_eq!(foreign(&config).await.count_documents(doc! {}).await.unwrap(), keys.len() as u64);
}

#[tokio::test]
async fn s56_an_applications_keys_may_be_named_like_operators() {
    let store = MongoStore::connect_with(config(MongoServer::shared())).await.unwrap();
    let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
    let names = ["$where", "a.b", "nul\0inside", "_id"];
    let fill = |session: &session_core::Session| names.iter().try_for_each(|name| session.set(*name, name.len()));
    let ada = TestSession::with(&sessions, fill).await.unwrap();
    for name in names {
        assert_eq!(ada.get::<usize>(name).await.unwrap(), Some(name.len()), "{name:?}");
    }
}

#[tokio::test]
async fn s34_the_collection_holds_no_token() {
    let config = config(MongoServer::shared());
    let store = MongoStore::connect_with(config.clone()).await.unwrap();
    let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
    let ada = TestSession::with(&sessions, |session| session.set("username", "ada")).await.unwrap();
    let (_, token) = ada.header().split_once('=').map(|(name, token)| (name.to_owned(), token.to_owned())).unwrap();
    let found = foreign(&config).await.find_one(doc! {}).await.unwrap().unwrap();
    assert!(!format!("{found:?}").contains(&token));
    assert!(found.get_str("_id").unwrap().starts_with("session:"));
}

#[tokio::test]
async fn p1_what_is_no_record_of_ours_is_corrupt_and_left_alone() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    let later = DateTime::from_millis(i64::MAX);
    let version = || Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: vec![7; 16] });
    let strange = [
        doc! { "_id": "no version", "d": later, "p": version() },
        doc! { "_id": "short version", "v": Binary { subtype: BinarySubtype::Generic, bytes: vec![7] }, "d": later },
        doc! { "_id": "version as text", "v": "0123456789abcdef", "d": later, "p": version() },
        doc! { "_id": "no payload", "v": version(), "d": later },
        doc! { "_id": "payload as text", "v": version(), "d": later, "p": "text" },
    ];
    foreign.insert_many(&strange).await.unwrap();
    for document in &strange {
        let key = RecordKey::new(document.get_str("_id").unwrap());
        let error = backend.get(&key, now()).await.unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{document}: {error:?}");
        assert!(!backend.insert(&key, &stored(b""), now()).await.unwrap(), "{document}");
    }
    // A deadline that is no date lies neither before nor after anything.
    foreign.insert_one(doc! { "_id": "a number", "v": version(), "d": i64::MAX, "p": version() }).await.unwrap();
    assert!(backend.get(&RecordKey::new("a number"), now()).await.unwrap().is_none());
    assert_eq!(foreign.count_documents(doc! {}).await.unwrap(), 6);
}

#[tokio::test]
async fn a_deadline_may_lie_as_far_off_as_there_is_time() {
    let config = config(MongoServer::shared()).ttl_index(true);
    let backend = backend(&config).await;
    let (key, forever) = (key(), session_core::Stored { deadline: Timestamp::MAX, ..stored(b"forever") });
    backend.prepare().await.unwrap();
    assert!(backend.insert(&key, &forever, now()).await.unwrap());
    // Two rounds of the server's own removal.
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(backend.get(&key, now()).await.unwrap(), Some(Entry::Live(forever)));
}

#[tokio::test]
async fn p8_what_a_document_cannot_hold_is_refused_by_the_configuration() {
    let store = |bytes| MongoConfig::default().store(StoreConfig::default().max_payload(bytes));
    let refused = MongoStore::connect_with(store(16 * 1024 * 1024)).await.unwrap_err().to_string();
    assert!(refused.starts_with("max_payload: "), "{refused}");
    assert!(MongoStore::connect_with(store(15 * 1024 * 1024)).await.is_ok());
}

#[tokio::test]
async fn p7_a_sweep_removes_many_in_batches_and_nothing_that_lives() {
    let config = config(MongoServer::shared());
    let (store, backend) = (MongoStore::connect_with(config.clone()).await.unwrap(), backend(&config).await);
    let foreign = foreign(&config).await;
    let over = DateTime::from_millis(1);
    foreign.insert_many((0..1200).map(|n| doc! { "_id": format!("over-{n}"), "d": over })).await.unwrap();
    // One of the expired begins anew.
    let anew = RecordKey::new("over-7");
    assert!(backend.insert(&anew, &stored(b"anew"), now()).await.unwrap());
    assert!(backend.insert(&key(), &expired(), now()).await.unwrap());
    assert_eq!(backend.sweep(0, now()).await.unwrap(), 0);
    assert_eq!(backend.sweep(700, now()).await.unwrap(), 700);
    assert_eq!(store.sweep().await.unwrap(), 500);
    assert_eq!(payload(&backend, &anew).await.unwrap(), b"anew");
    assert_eq!(foreign.count_documents(doc! {}).await.unwrap(), 1);
}
