//! What somebody reads who has configured it wrongly, and what nobody may read.

use std::error::Error as StdError;

use mongodb::Client;
use mongodb::bson::doc;
use session_core::{Backend, Error, SessionConfig, Sessions};
use session_mongo::{MongoBackend, MongoConfig, MongoStore};
use session_testkit::TestSession;
use session_testkit::server::{MongoServer, free_port};

use crate::common::{admin, backend, config, foreign, key, now, stored};

/// All that an error says, its sources included.
fn everything(error: &Error) -> String {
    let mut printed = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        printed.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    printed
}

async fn refused(url: &str) -> String {
    MongoStore::connect(url).await.unwrap_err().to_string()
}

#[tokio::test]
async fn s59_a_wrong_url_says_what_is_wrong_and_shows_no_password() {
    for url in ["mysql://ada:hunter2@db.example/shop", "ada:hunter2@db.example/shop", "hunter2", ""] {
        let line = refused(url).await;
        assert_eq!(line, "url: it names no MongoDB server; begin it with mongodb:// or mongodb+srv://");
    }
    for url in
        ["mongodb://ada:hunter2:@db", "mongodb://ada:hun/ter2@db", "mongodb://ada:hunter2@", "mongodb://hunter2:x"]
    {
        let line = refused(url).await;
        assert!(line.starts_with("url: the driver cannot read it; write mongodb://USER"), "{line}");
        assert!(!line.contains("ter2"), "{line}");
    }
    let line = refused("mongodb://ada:hunter2@db/?socketTimeoutMS=100").await;
    assert!(line.starts_with("url: the driver does not take its option socketTimeoutMS"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[cfg(not(feature = "srv"))]
#[tokio::test]
async fn s59_a_url_that_asks_the_dns_names_the_feature() {
    let line = refused("mongodb+srv://ada:hunter2@cluster.example/").await;
    assert!(line.contains("turn on the feature srv") && !line.contains("hunter2"), "{line}");
}

#[cfg(feature = "srv")]
#[tokio::test]
async fn s59_a_dns_that_knows_no_servers_is_an_outage_in_time() {
    let begun = std::time::Instant::now();
    let error = MongoStore::connect("mongodb+srv://ada:hunter2@cluster.invalid/").await.unwrap_err();
    assert!(error.is_outage() && begun.elapsed().as_secs() < 10, "{error:?}");
    assert!(!everything(&error).contains("hunter2"));
}

#[tokio::test]
async fn s59_a_server_that_is_away_is_named() {
    let port = free_port();
    let store =
        MongoBackend::connect(&MongoConfig::new(format!("mongodb://ada:hunter2@127.0.0.1:{port}/"))).await.unwrap();
    let error = store.prepare().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let cause = error.source().unwrap().to_string();
    let wanted = format!(
        "no MongoDB server that takes writes was found at 127.0.0.1:{port} in time: the connection was refused"
    );
    assert!(cause.starts_with(&wanted), "{cause}");
    assert!(!everything(&error).contains("hunter2"));
}

/// The errors of a server with users print the command that was refused, filter and all; ours do not.
#[tokio::test]
async fn s59_s36_a_refused_user_reads_one_line_without_password_and_keys() {
    let server = MongoServer::private(&["--auth"]);
    let at = |user: &str| server.url().replace("//", &format!("//{user}@"));
    // As long as there is no user, one from this machine may make the first; that one may make the others.
    for (maker, name, role, database) in
        [("", "root", "root", "admin"), ("root:right-hunter2", "ada", "readWrite", "sessions")]
    {
        let url = if maker.is_empty() { server.url().to_owned() } else { at(maker) };
        let roles = vec![doc! { "role": role, "db": database }];
        let user = doc! { "createUser": name, "pwd": "right-hunter2", "roles": roles };
        admin(&url).await.run_command(user).await.unwrap();
    }
    let on = |url: String| MongoConfig::new(url).ttl_index(false);

    let wrong = backend(&on(at("ada:wrong-hunter2"))).await.prepare().await.unwrap_err();
    let line = wrong.source().unwrap().to_string();
    assert!(line.ends_with("refused the user or the password: check both in the URL, and its authSource"), "{line}");
    assert!(matches!(wrong, Error::Backend { .. }) && !everything(&wrong).contains("hunter2"), "{wrong:?}");

    let elsewhere = on(at("ada:right-hunter2")).database("elsewhere");
    for config in [on(server.url().to_owned()), elsewhere] {
        let (backend, key) = (backend(&config).await, key());
        let error = backend.insert(&key, &stored(b"hunter2"), now()).await.unwrap_err();
        let line = error.source().unwrap().to_string();
        assert!(line.ends_with("grant the role readWrite on the database"), "{line}");
        let all = everything(&error);
        assert!(!all.contains(key.as_str()) && !all.contains("hunter2") && !all.contains("session:"), "{all}");
    }
    let right = backend(&on(at("ada:right-hunter2"))).await;
    assert!(right.insert(&key(), &stored(b""), now()).await.unwrap());
}

#[tokio::test]
async fn a_client_of_ones_own_brings_its_database() {
    let config = config(MongoServer::shared());
    let url = MongoServer::shared().url().replace("/?", "/shop?");
    let client = Client::with_uri_str(url).await.unwrap();
    let store = MongoStore::new(&client, config.clone()).unwrap();
    let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
    let ada = TestSession::with(&sessions, |session| session.set("username", "ada")).await.unwrap();
    assert_eq!(ada.get::<String>("username").await.unwrap().as_deref(), Some("ada"));
    let shop = client.database("shop").collection::<mongodb::bson::Document>(&config.collection);
    assert_eq!(shop.count_documents(doc! {}).await.unwrap(), 1);
    assert_eq!(foreign(&config).await.count_documents(doc! {}).await.unwrap(), 0);
    assert!(MongoStore::new(&client, MongoConfig::default().collection("$cmd")).is_err());
}

#[tokio::test]
async fn s36_debug_names_the_collection_and_no_password() {
    let config = MongoConfig::new("mongodb://ada:hunter2@db.example/shop?appName=hunter2").ttl_index(false);
    let backend = MongoBackend::connect(&config).await.unwrap();
    assert_eq!(format!("{backend:?}"), "MongoBackend(shop.sessions at db.example)");
    let store = MongoStore::connect_with(config.clone()).await.unwrap();
    assert!(!format!("{config:?} {store:?}").contains("hunter2"));
}
