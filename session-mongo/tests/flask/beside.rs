//! Flask writing at the same time, without looking.

use mongodb::bson::doc;
use session_flask::Value;
use session_testkit::server::MongoServer;

use crate::common::{
    ALICE, ALICE_AND_CART, ID, KEY, at_rest, commit, config, end, flask_finds, flask_saves, foreign, plant, sessions,
};

fn holds(record: &[(Value, Value)], name: &str) -> bool {
    record.iter().any(|pair| pair.0 == Value::Str(name.into()))
}

#[tokio::test]
async fn flask_blind_write_before_a_commit_is_seen_and_merged() {
    for server in [MongoServer::shared(), MongoServer::shared_replica_set()] {
        let config = config(server);
        let (sessions, foreign) = (sessions(&config).await, foreign(&config).await);
        plant(&foreign, KEY, ALICE, end(3600)).await;
        let session = sessions.open([ID]).await.unwrap();
        session.set("theme", "dark").unwrap();
        flask_saves(&foreign, ALICE_AND_CART).await;
        commit(&sessions, &session).await;
        let record = at_rest(&foreign, KEY).await;
        assert!(["user", "cart", "theme"].iter().all(|name| holds(&record, name)), "{record:?}");
        assert_eq!(foreign.count_documents(doc! {}).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn flask_blind_write_before_a_login_is_carried_over() {
    let config = config(MongoServer::shared());
    let (sessions, foreign) = (sessions(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(3600)).await;
    let session = sessions.open([ID]).await.unwrap();
    session.set("theme", "dark").unwrap();
    session.rotate();
    flask_saves(&foreign, ALICE_AND_CART).await;
    let token = commit(&sessions, &session).await.unwrap();
    let record = at_rest(&foreign, &format!("session:{token}")).await;
    assert!(holds(&record, "cart") && holds(&record, "theme"), "{record:?}");
    assert!(flask_finds(&foreign, KEY).await.is_none());
    assert_eq!(foreign.count_documents(doc! {}).await.unwrap(), 2, "no orphan is left of the first try");
}

#[tokio::test]
async fn flask_blind_write_before_a_logout_does_not_save_it() {
    let config = config(MongoServer::shared());
    let (sessions, foreign) = (sessions(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(3600)).await;
    let session = sessions.open([ID]).await.unwrap();
    session.destroy();
    flask_saves(&foreign, ALICE_AND_CART).await;
    commit(&sessions, &session).await;
    assert_eq!(foreign.count_documents(doc! {}).await.unwrap(), 0);
}

/// Flask writes the same record and a later end with each request.
#[tokio::test]
async fn flask_refresh_is_no_conflict() {
    let config = config(MongoServer::shared());
    let (sessions, foreign) = (sessions(&config).await, foreign(&config).await);
    plant(&foreign, KEY, ALICE, end(3600)).await;
    let session = sessions.open([ID]).await.unwrap();
    session.set("theme", "dark").unwrap();
    flask_saves(&foreign, ALICE).await;
    let committed = sessions.commit(&session).await;
    assert_eq!((committed.result.is_ok(), committed.report.replays), (true, 0));
}
