//! A retired id: nothing for Flask, a marker for us.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::doc;
use session_core::{Backend, Entry, Marker, Removed, Swapped, Version};
use session_testkit::server::MongoServer;
use tokio::task::JoinSet;

use crate::common::{
    ALICE, ALICE_AND_CART, HOUR, ID, KEY, at_rest, backend, config, end, flask_finds, flask_saves, foreign, key, live,
    log_in, now, plant, sessions, stored,
};

fn marker() -> Marker {
    let until = now().plus(Duration::from_secs(120));
    Marker { version: Version::random().unwrap(), successor: key("new"), until }
}

#[tokio::test]
async fn flask_finds_nothing_under_a_retired_id() {
    let config = config(MongoServer::shared());
    let (sessions, foreign) = (sessions(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(3600)).await;
    let token = log_in(&sessions, ID).await;
    assert!(flask_finds(&foreign, KEY).await.is_none());
    let contents = at_rest(&foreign, &format!("session:{token}")).await;
    assert_eq!(contents[1].0, session_flask::Value::Str("user".into()));
    let marker = flask_finds(&foreign, &format!("retired:{{{KEY}}}")).await.unwrap();
    let mut fields: Vec<&str> = marker.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["_id", "expiration", "id", "s", "v"]);
    assert_eq!(marker.get_str("s").unwrap(), format!("session:{token}"));
    assert!(marker.get_datetime("expiration").unwrap() < end(122).as_datetime().unwrap(), "it ends by itself");
}

#[tokio::test]
async fn flask_brings_a_retired_id_back_and_we_stay_with_the_marker() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(3600)).await;
    let (seen, first) = (Version::of(ALICE), marker());
    let retire =
        async |marker: &Marker, now| backend.swap(&key(ID), &seen, &Entry::Retired(marker.clone()), now).await.unwrap();
    assert_eq!(retire(&first, now()).await, Swapped::Done);
    assert_eq!(retire(&first, now()).await, Swapped::Done, "a repeat finds its own marker");
    flask_saves(&foreign, ALICE).await;

    let retired = Swapped::Retired(first.clone());
    assert_eq!(backend.get(&key(ID), now()).await.unwrap(), Some(Entry::Retired(first.clone())));
    let new = Entry::Live(stored(ALICE_AND_CART));
    assert_eq!(backend.swap(&key(ID), &seen, &new, now()).await.unwrap(), retired);
    assert_eq!(backend.touch(&key(ID), &seen, now().plus(2 * HOUR), now()).await.unwrap(), retired);
    assert_eq!(retire(&marker(), now()).await, retired);
    assert_eq!(backend.remove(&key(ID), Some(&seen), now()).await.unwrap(), Removed::Retired(first.clone()));
    assert_eq!(backend.remove(&key(ID), None, now()).await.unwrap(), Removed::Retired(first.clone()));
    assert!(!backend.insert(&key(ID), &stored(ALICE), now()).await.unwrap());

    // When the marker has ended it is a session again, for both; and can be rotated beside what is left of the marker.
    let later = first.until.plus(Duration::from_secs(1));
    assert!(matches!(backend.get(&key(ID), later).await.unwrap(), Some(Entry::Live(_))));
    let again = Marker { until: later.plus(HOUR), ..marker() };
    assert_eq!(retire(&again, later).await, Swapped::Done);
    assert_eq!(backend.get(&key(ID), later).await.unwrap(), Some(Entry::Retired(again)));
}

#[tokio::test]
async fn flask_doubles_are_retired_together() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(3600)).await;
    plant(&foreign, KEY, ALICE_AND_CART, end(3600)).await;
    let retired = backend.swap(&key(ID), &Version::of(ALICE), &Entry::Retired(marker()), now()).await;
    assert_eq!(retired.unwrap(), Swapped::Done);
    assert!(flask_finds(&foreign, KEY).await.is_none());
}

#[tokio::test]
async fn flask_retirement_of_another_version_writes_nothing() {
    let config = config(MongoServer::shared());
    let (backend, foreign) = (backend(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE_AND_CART, end(3600)).await;
    let retired = backend.swap(&key(ID), &Version::of(ALICE), &Entry::Retired(marker()), now()).await;
    assert_eq!(retired.unwrap(), Swapped::Conflict);
    assert_eq!(live(&backend, &key(ID)).await.unwrap().payload, ALICE_AND_CART);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flask_of_many_retirements_one_wins() {
    for server in [MongoServer::shared(), MongoServer::shared_replica_set()] {
        let config = config(server);
        let backends = [Arc::new(backend(&config).await), Arc::new(backend(&config).await)];
        plant(&foreign(&config).await, KEY, ALICE, end(3600)).await;
        let mut tasks = JoinSet::new();
        for n in 0..24 {
            let backend = Arc::clone(&backends[n % 2]);
            tasks.spawn(async move {
                backend.swap(&key(ID), &Version::of(ALICE), &Entry::Retired(marker()), now()).await.unwrap()
            });
        }
        let answers = tasks.join_all().await;
        assert_eq!(answers.iter().filter(|answer| **answer == Swapped::Done).count(), 1, "{answers:?}");
        assert_eq!(foreign(&config).await.count_documents(doc! {}).await.unwrap(), 1);
    }
}
