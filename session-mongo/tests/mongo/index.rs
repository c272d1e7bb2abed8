//! The index by which the server removes what has expired: made when absent, and never relied upon.

use std::time::Duration;

use mongodb::Collection;
use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use session_core::{Backend, Error};
use session_mongo::MongoStore;
use session_testkit::server::MongoServer;

use crate::common::{backend, config, expired, foreign, key, now, payload, stored, until};

/// Whether the collection has an index on the deadline, and what it does with the expired.
async fn expires_after(collection: &Collection<Document>) -> Option<Option<Duration>> {
    use futures_util::TryStreamExt;
    let indexes: Vec<IndexModel> = collection.list_indexes().await.ok()?.try_collect().await.unwrap();
    let of_deadline = indexes.into_iter().find(|index| index.keys == doc! { "d": 1 })?;
    Some(of_deadline.options.and_then(|options| options.expire_after))
}

#[tokio::test]
async fn the_index_is_made_beside_the_first_new_session_and_clears_up() {
    for server in [MongoServer::shared(), MongoServer::shared_replica_set()] {
        let config = config(server).ttl_index(true);
        let (backend, foreign) = (backend(&config).await, foreign(&config).await);
        let (alive, over) = (key(), key());
        assert!(backend.insert(&alive, &stored(b"lives"), now()).await.unwrap());
        until("the index", async || expires_after(&foreign).await == Some(Some(Duration::ZERO))).await;
        assert!(backend.insert(&over, &expired(), now()).await.unwrap());
        until("the expired goes", async || foreign.count_documents(doc! {}).await.unwrap() == 1).await;
        assert_eq!(payload(&backend, &alive).await.unwrap(), b"lives");
        // It is there, and making it again changes nothing.
        backend.prepare().await.unwrap();
    }
}

#[tokio::test]
async fn without_the_index_nothing_is_made() {
    let config = config(MongoServer::shared());
    let (store, backend) = (MongoStore::connect_with(config.clone()).await.unwrap(), backend(&config).await);
    store.prepare().await.unwrap();
    assert!(backend.insert(&key(), &expired(), now()).await.unwrap());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(expires_after(&foreign(&config).await).await, None);
    assert_eq!(store.sweep().await.unwrap(), 1);
}

#[tokio::test]
async fn another_index_on_the_deadline_is_named_and_left_alone() {
    let week = Some(Duration::from_secs(7 * 24 * 3600));
    for theirs in [None, week] {
        let config = config(MongoServer::shared()).ttl_index(true);
        let (backend, foreign) = (backend(&config).await, foreign(&config).await);
        let options = IndexOptions::builder().expire_after(theirs).build();
        foreign.create_index(IndexModel::builder().keys(doc! { "d": 1 }).options(options).build()).await.unwrap();
        let error = backend.prepare().await.unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{error:?}");
        let line = error.to_string();
        assert!(line.starts_with("ttl_index: the collection") && line.contains("another index"), "{line}");
        assert_eq!(expires_after(&foreign).await, Some(theirs));
        // Sessions go on all the same.
        let key = key();
        assert!(backend.insert(&key, &stored(b"lives"), now()).await.unwrap());
        assert_eq!(payload(&backend, &key).await.unwrap(), b"lives");
    }
}

/// A server that removes nothing, as one whose pass lags does for a minute or an hour: the expired is dead all the same.
#[tokio::test]
async fn s46_a_server_whose_removal_lags_revives_nobody() {
    let server = MongoServer::private(&["--setParameter", "ttlMonitorEnabled=false"]);
    let config = config(&server).ttl_index(true);
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    backend.prepare().await.unwrap();
    let (key, over, new) = (key(), expired(), stored(b"new"));
    assert!(backend.insert(&key, &over, now()).await.unwrap());
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(foreign.count_documents(doc! {}).await.unwrap(), 1, "it lies there still");
    assert!(backend.get(&key, now()).await.unwrap().is_none());
    let live = session_core::Entry::Live(new.clone());
    assert_eq!(backend.swap(&key, &over.version, &live, now()).await.unwrap(), session_core::Swapped::Gone);
    assert_eq!(backend.touch(&key, &over.version, new.deadline, now()).await.unwrap(), session_core::Swapped::Gone);
    assert_eq!(backend.remove(&key, None, now()).await.unwrap(), session_core::Removed::Absent);
    assert!(backend.insert(&key, &new, now()).await.unwrap(), "its place is free");
    assert_eq!(payload(&backend, &key).await.unwrap(), b"new");
}
