//! Two members, of which one lags behind: what is confirmed, and what is not.

use std::time::Duration;

use mongodb::Database;
use mongodb::bson::{Document, doc};
use session_core::{Backend, Entry, Error, StoreConfig, Swapped};
use session_mongo::{Durability, MongoBackend, MongoConfig};
use session_testkit::server::MongoServer;

use crate::common::{admin, backend, config, key, now, payload, stored, until};

/// Makes `other` the second member of the set of the first one.
async fn join(first: &Database, other: &MongoServer) {
    let reply = first.run_command(doc! { "replSetGetConfig": 1 }).await.unwrap();
    let mut config = reply.get_document("config").unwrap().clone();
    let version = config.get_i32("version").unwrap();
    config.insert("version", version + 1);
    let member = doc! { "_id": 1, "host": other.address().to_string(), "priority": 0 };
    config.get_array_mut("members").unwrap().push(member.into());
    first.run_command(doc! { "replSetReconfig": config }).await.unwrap();
    // A new member has no vote until it has caught up: only then is the majority two.
    until("the second member counts", async || {
        let status = first.run_command(doc! { "replSetGetStatus": 1 }).await;
        status.is_ok_and(|status: Document| status.get_i32("writeMajorityCount").unwrap_or_default() == 2)
    })
    .await;
}

/// Lets the second member fall behind, or catch up; it goes on voting meanwhile.
async fn lag(second: &MongoServer, mode: &str) {
    let command = doc! { "configureFailPoint": "rsSyncApplyStop", "mode": mode };
    admin(second.url()).await.run_command(command).await.unwrap();
}

async fn with(config: &MongoConfig, durability: Durability) -> MongoBackend {
    let soon = StoreConfig::default().call_timeout(Duration::from_millis(500));
    backend(&config.clone().store(soon).durability(durability)).await
}

/// A write that a failover would take back is not confirmed, and neither is its repeat, which finds it there; once most members
/// have it, the same repeat is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s50_what_a_failover_would_take_back_is_not_confirmed_nor_is_its_repeat() {
    let (first, second) = (MongoServer::private_replica_set(&[]), MongoServer::private_member());
    join(&admin(first.url()).await, &second).await;
    let config = config(&first);
    let [majority, journal] = [Durability::Majority, Durability::Journal].map(|wanted| with(&config, wanted));
    let (majority, journal) = (majority.await, journal.await);
    let (key, old, new, next) = (key(), stored(b"old"), stored(b"new"), stored(b"next"));
    assert!(journal.insert(&key, &old, now()).await.unwrap());

    lag(&second, "alwaysOn").await;
    let new_entry = Entry::Live(new.clone());
    let swap = async || majority.swap(&key, &old.version, &new_entry, now()).await;
    for attempt in ["the write", "its repeat"] {
        let answer = swap().await;
        assert!(matches!(answer, Err(Error::Timeout { .. })), "{attempt}: {answer:?}");
        assert_eq!(payload(&majority, &key).await.unwrap(), b"new", "the primary has it");
    }
    let error = majority.remove(&crate::common::key(), None, now()).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "nor that nothing was there: {error:?}");
    lag(&second, "off").await;
    until("the second member catches up", async || matches!(swap().await, Ok(Swapped::Done))).await;

    // The knob: whoever asks for less is confirmed at once.
    lag(&second, "alwaysOn").await;
    assert_eq!(journal.swap(&key, &new.version, &Entry::Live(next), now()).await.unwrap(), Swapped::Done);
    lag(&second, "off").await;
}
