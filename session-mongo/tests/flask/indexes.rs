//! The indexes: Flask-Session's own, and the one that it lacks.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Client, Collection, IndexModel};
use session_core::Backend;
use session_mongo::MongoBackend;
use session_testkit::server::MongoServer;

use crate::common::{ALICE, ID, KEY, backend, config, end, foreign, key, live, now, plant, stored};

/// Name, keys, and after how many seconds it removes something.
async fn indexes(foreign: &Collection<Document>) -> Vec<(String, Document, Option<u64>)> {
    let found: Vec<IndexModel> = foreign.list_indexes().await.unwrap().try_collect().await.unwrap();
    let told = |index: IndexModel| {
        let options = index.options.unwrap();
        assert_ne!(options.unique, Some(true));
        (options.name.unwrap(), index.keys, options.expire_after.map(|time| time.as_secs()))
    };
    found.into_iter().map(told).filter(|(name, ..)| name != "_id_").collect()
}

#[tokio::test]
async fn flask_collection_gets_its_own_index_and_the_one_on_ids_if_it_is_wanted() {
    let of_end = ("expiration_1".to_owned(), doc! { "expiration": 1 }, Some(0));
    let of_id = ("id_1".to_owned(), doc! { "id": 1 }, None);
    for (id_index, wanted) in [(false, vec![of_end.clone()]), (true, vec![of_end, of_id])] {
        let config = config(MongoServer::shared()).ttl_index(true).flask_id_index(id_index);
        backend(&config).await.prepare().await.unwrap();
        assert_eq!(indexes(&foreign(&config).await).await, wanted);
        // It is there, and making it again changes nothing.
        backend(&config).await.prepare().await.unwrap();
    }
}

#[tokio::test]
async fn flask_indexes_that_are_there_are_left_alone() {
    let config = config(MongoServer::shared()).ttl_index(true).flask_id_index(true);
    let foreign = foreign(&config).await;
    let ttl = IndexOptions::builder().expire_after(Duration::ZERO).build();
    foreign.create_index(IndexModel::builder().keys(doc! { "expiration": 1 }).options(ttl).build()).await.unwrap();
    let named = IndexOptions::builder().name("by_id".to_owned()).build();
    foreign.create_index(IndexModel::builder().keys(doc! { "id": 1 }).options(named).build()).await.unwrap();
    let before = indexes(&foreign).await;
    backend(&config).await.prepare().await.unwrap();
    assert_eq!(indexes(&foreign).await, before);
}

#[tokio::test]
async fn flask_another_index_on_the_end_is_named() {
    let config = config(MongoServer::shared()).ttl_index(true);
    let foreign = foreign(&config).await;
    foreign.create_index(IndexModel::builder().keys(doc! { "expiration": 1 }).build()).await.unwrap();
    let line = backend(&config).await.prepare().await.unwrap_err().to_string();
    assert!(line.contains("has another index on its field expiration; drop that one"), "{line}");
}

/// What Flask-Session calls them unless it is told otherwise, whatever database the URL names.
#[tokio::test]
async fn flask_database_and_collection_have_its_names() {
    let mut flask = config(MongoServer::shared());
    flask.url = "mongodb://127.0.0.1/shop".into();
    flask.collection = "sessions".into();
    let printed = format!("{:?}", backend(&flask).await);
    assert!(printed.contains("flask_session.sessions"), "{printed}");
    let printed = format!("{:?}", backend(&flask.database("theirs")).await);
    assert!(printed.contains("theirs.sessions"), "{printed}");
}

#[tokio::test]
async fn flask_collection_in_a_client_of_ones_own() {
    let config = config(MongoServer::shared());
    plant(&foreign(&config).await, KEY, ALICE, end(3600)).await;
    let client = Client::with_uri_str(&config.url).await.unwrap();
    let backend = MongoBackend::new(&client, &config).unwrap();
    assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE);
    assert!(!backend.insert(&key(ID), &stored(ALICE), now()).await.unwrap());
}
