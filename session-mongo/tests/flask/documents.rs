//! Documents as they lie in the collection: fields, ends, and what nobody should have put there.

use std::time::Duration;

use mongodb::bson::{Bson, doc};
use session_core::{Backend, Codec, Entry, Error, Removed, Stored, Swapped, Timestamp, Version};
use session_flask::FlaskLayout;
use session_testkit::server::MongoServer;

use crate::common::{
    ALICE, ALICE_AND_CART, HOUR, ID, KEY, backend, binary, commit, config, config_with, end, flask_finds, foreign, key,
    live, now, plant, sessions, stored,
};

#[tokio::test]
async fn flask_document_has_these_fields_of_these_types_and_no_other() {
    for (codec, first) in [(Codec::MessagePack, 0x80..=0x8f), (Codec::Json, b'{'..=b'{')] {
        let config = config_with(MongoServer::shared(), FlaskLayout::default().codec(codec));
        let (sessions, foreign) = (sessions(&config).await, foreign(&config).await);
        let session = sessions.fresh();
        session.set("user", "alice").unwrap();
        let token = commit(&sessions, &session).await.unwrap();
        let found = flask_finds(&foreign, &format!("session:{token}")).await.unwrap();
        let mut fields: Vec<&str> = found.keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["_id", "expiration", "id", "val"]);
        assert!(found.get_object_id("_id").is_ok() && found.get_datetime("expiration").is_ok());
        assert!(first.contains(&found.get_binary_generic("val").unwrap()[0]));
    }
}

/// Flask-Session before 0.6 writes null for a session that ends with the browser.
#[tokio::test]
async fn flask_document_without_an_end_is_a_session_without_one() {
    for expiration in [Some(Bson::Null), None] {
        let config = config(MongoServer::shared());
        let (backend, foreign) = (backend(&config).await, foreign(&config).await);
        let mut document = doc! { "id": KEY, "val": binary(ALICE) };
        document.extend(expiration.map(|value| ("expiration".to_owned(), value)));
        foreign.insert_one(document).await.unwrap();
        let seen = Version::of(ALICE);
        let endless = Stored { version: seen, deadline: Timestamp::MAX, payload: ALICE.into() };
        assert_eq!(live(&backend, &key(ID)).await.unwrap(), endless);
        assert!(!backend.insert(&key(ID), &stored(ALICE_AND_CART), now()).await.unwrap());
        assert_eq!(backend.touch(&key(ID), &seen, now().plus(HOUR), now()).await.unwrap(), Swapped::Done);
        assert_eq!(live(&backend, &key(ID)).await.unwrap(), endless, "a touch never shortens");
        assert_eq!(backend.sweep(usize::MAX, now()).await.unwrap(), 0);
        let (new, after) = (stored(ALICE_AND_CART), now().plus(HOUR));
        assert_eq!(backend.swap(&key(ID), &seen, &Entry::Live(new.clone()), now()).await.unwrap(), Swapped::Done);
        assert!(live(&backend, &key(ID)).await.unwrap().deadline <= after, "a change of ours gives it an end");
        assert_eq!(backend.remove(&key(ID), Some(&new.version), now()).await.unwrap(), Removed::Done);
    }
}

#[tokio::test]
async fn flask_text_is_read_as_its_bytes_and_changed() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    let text = r#"{"_permanent":true,"user":"alice"}"#;
    foreign.insert_one(doc! { "id": KEY, "val": text, "expiration": end(3600) }).await.unwrap();
    let found = live(&backend, &key(ID)).await.unwrap();
    assert_eq!((found.version, &found.payload[..]), (Version::of(text.as_bytes()), text.as_bytes()));
    let new = Entry::Live(stored(ALICE));
    assert_eq!(backend.swap(&key(ID), &found.version, &new, now()).await.unwrap(), Swapped::Done);
    assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE);
}

#[tokio::test]
async fn flask_empty_record_is_no_session_and_nonsense_is_corrupt() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    for val in [binary(b""), Bson::String(String::new()), Bson::Null] {
        foreign.delete_many(doc! {}).await.unwrap();
        foreign.insert_one(doc! { "id": KEY, "val": val, "expiration": end(3600) }).await.unwrap();
        assert!(backend.get(&key(ID), now()).await.unwrap().is_none());
    }
    foreign.update_one(doc! { "id": KEY }, doc! { "$set": { "val": 7 } }).await.unwrap();
    assert!(matches!(backend.get(&key(ID), now()).await, Err(Error::Corrupt { .. })));
    foreign.update_one(doc! { "id": KEY }, doc! { "$set": { "id": format!("retired:{{{KEY}}}") } }).await.unwrap();
    assert!(matches!(backend.get(&key(ID), now()).await, Err(Error::Corrupt { .. })));
}

/// The server removes what has expired up to a minute later: it is dead all the same.
#[tokio::test]
async fn flask_document_that_has_expired_is_no_session() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(-2)).await;
    let seen = Version::of(ALICE);
    assert!(backend.get(&key(ID), now()).await.unwrap().is_none());
    let new = Entry::Live(stored(ALICE_AND_CART));
    assert_eq!(backend.swap(&key(ID), &seen, &new, now()).await.unwrap(), Swapped::Gone);
    assert_eq!(backend.touch(&key(ID), &seen, now().plus(HOUR), now()).await.unwrap(), Swapped::Gone);
    assert_eq!(backend.remove(&key(ID), None, now()).await.unwrap(), Removed::Absent);
    assert!(backend.insert(&key(ID), &stored(ALICE_AND_CART), now()).await.unwrap());
    assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE_AND_CART);
}

#[tokio::test]
async fn flask_version_is_the_hash_of_the_bytes() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(3600)).await;
    let (seen, new) = (Version::of(ALICE), stored(ALICE_AND_CART));
    let swap = async |seen: &Version| backend.swap(&key(ID), seen, &Entry::Live(new.clone()), now()).await.unwrap();
    assert!(!backend.insert(&key(ID), &new, now()).await.unwrap(), "an insert never overwrites");
    assert_eq!(swap(&Version::of(b"other")).await, Swapped::Conflict);
    assert_eq!(swap(&seen).await, Swapped::Done);
    assert_eq!(swap(&seen).await, Swapped::Done, "a repeat finds what it was to write");
    assert_eq!(backend.remove(&key(ID), Some(&seen), now()).await.unwrap(), Removed::Conflict);
    // Flask changes it and changes it back: nobody can tell.
    foreign.update_one(doc! { "id": KEY }, doc! { "$set": { "val": binary(ALICE) } }).await.unwrap();
    assert_eq!(backend.remove(&key(ID), Some(&seen), now()).await.unwrap(), Removed::Done);
    assert_eq!(backend.remove(&key(ID), Some(&seen), now()).await.unwrap(), Removed::Absent);
}

#[tokio::test]
async fn flask_touch_never_shortens_what_flask_has_extended() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(7200)).await;
    let before = live(&backend, &key(ID)).await.unwrap();
    let touch = async |deadline| backend.touch(&key(ID), &before.version, deadline, now()).await.unwrap();
    assert_eq!(touch(now().plus(HOUR)).await, Swapped::Done);
    assert_eq!(live(&backend, &key(ID)).await.unwrap(), before);
    let later = now().plus(3 * HOUR);
    assert_eq!(touch(later).await, Swapped::Done);
    assert_eq!(live(&backend, &key(ID)).await.unwrap(), Stored { deadline: later, ..before });
}

#[tokio::test]
async fn flask_sweep_removes_the_expired_alone() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    for n in 0..7 {
        plant(&foreign, &format!("session:over-{n}"), ALICE, end(-10)).await;
    }
    plant(&foreign, "session:endless", ALICE, Bson::Null).await;
    plant(&foreign, KEY, ALICE, end(3600)).await;
    assert_eq!(backend.sweep(0, now()).await.unwrap(), 0);
    assert_eq!(backend.sweep(3, now()).await.unwrap(), 3);
    assert_eq!(backend.sweep(usize::MAX, now()).await.unwrap(), 4);
    assert_eq!(foreign.count_documents(doc! {}).await.unwrap(), 2);
}

#[tokio::test]
async fn flask_far_ends_are_dates_that_python_knows() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    assert!(backend.insert(&key(ID), &Stored { deadline: Timestamp::MAX, ..stored(ALICE) }, now()).await.unwrap());
    let end = *flask_finds(&foreign, KEY).await.unwrap().get_datetime("expiration").unwrap();
    assert_eq!(end.try_to_rfc3339_string().unwrap(), "9999-12-31T23:59:59Z");
}

#[tokio::test]
async fn s56_flask_no_id_is_read_as_a_query() {
    let config = config(MongoServer::shared());
    let backend = backend(&config).await;
    for text in ["$where", "a.b", "{\"$ne\": null}", "nul\0inside", "läßt", "ABC", "abc"] {
        assert!(backend.insert(&key(text), &stored(ALICE), now()).await.unwrap(), "{text:?}");
        let new = Entry::Live(stored(text.as_bytes()));
        assert_eq!(backend.swap(&key(text), &Version::of(ALICE), &new, now()).await.unwrap(), Swapped::Done);
        assert_eq!(live(&backend, &key(text)).await.unwrap().payload, text.as_bytes(), "{text:?}");
    }
}

/// Flask's own writer can make two documents of one id. The first counts, as for Flask, and both end together.
#[tokio::test]
async fn flask_doubles_end_together() {
    let later = Duration::from_secs(1);
    for remove_seen in [true, false] {
        let config = config(MongoServer::shared());
        let (backend, foreign) = (backend(&config).await, foreign(&config).await);
        plant(&foreign, KEY, ALICE, end(3600)).await;
        plant(&foreign, KEY, ALICE_AND_CART, end(3600)).await;
        assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE);
        let seen = Version::of(ALICE);
        let removed = backend.remove(&key(ID), remove_seen.then_some(&seen), now()).await;
        assert_eq!(removed.unwrap(), Removed::Done);
        assert!(backend.get(&key(ID), now().plus(later)).await.unwrap().is_none());
        assert!(flask_finds(&foreign, KEY).await.is_none());
    }
}
