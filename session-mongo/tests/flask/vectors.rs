//! What the real Flask-Session left in its collection: each document is inserted as it was, read exactly, and changed without a loss.

use std::path::PathBuf;

use mongodb::Collection;
use mongodb::bson::{Bson, Document, doc};
use serde_json::Value as Json;
use session_core::{Backend, Entry, RecordKey, Sessions, Timestamp, Version};
use session_flask::{FlaskLayout, Format, read_record};
use session_mongo::MongoBackend;
use session_testkit::server::MongoServer;

use crate::common::{at_rest, backend, commit, config_with, end, foreign, now, sessions};

fn vectors(file: &str) -> Vec<Json> {
    let fixtures = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../session-flask/tests/vectors");
    let folder = std::env::var_os("SESSION_FLASK_VECTORS").map_or_else(fixtures, PathBuf::from);
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let mut all: Json = serde_json::from_str(&text).unwrap();
    let Json::Array(vectors) = all["vectors"].take() else { panic!("{file} holds no vectors") };
    vectors.into_iter().filter(|vector| vector["backend"] == "mongodb").collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

async fn run(file: &str, least: usize) {
    let mut documents = 0;
    for vector in vectors(file) {
        let prefix = vector["config"]["SESSION_KEY_PREFIX"].as_str().unwrap_or("session:");
        let config = config_with(MongoServer::shared(), FlaskLayout::default().prefix(prefix).unwrap());
        let opened = (backend(&config).await, sessions(&config).await, foreign(&config).await);
        for stored in vector["steps"].as_array().unwrap().iter().flat_map(|step| step["stored"].as_array().unwrap()) {
            check(&opened, stored, &vector["id"]).await;
            documents += 1;
        }
    }
    println!("{file}: {documents} documents");
    assert!(documents >= least);
}

type Opened = (MongoBackend, Sessions, Collection<Document>);

/// The document of the vector, in its own BSON, with an end as far from now as it was then.
async fn check((backend, sessions, foreign): &Opened, stored: &Json, id: &Json) {
    let bson = unhex(stored["bson_hex"].as_str().unwrap());
    let mut document = Document::from_reader(&bson[..]).unwrap();
    let seconds = stored["expires_in"].as_i64();
    if let Some(seconds) = seconds {
        document.insert("expiration", end(seconds));
    }
    let (session_id, data) = (stored["id"].as_str().unwrap(), unhex(stored["value_hex"].as_str().unwrap()));
    foreign.delete_many(doc! {}).await.unwrap();
    foreign.insert_one(&document).await.unwrap();

    let found = backend.get(&RecordKey::new(session_id), now()).await.unwrap();
    let Some(Entry::Live(found)) = found else { panic!("{id}: not there") };
    assert!(found.payload == data && found.version == Version::of(&data), "{id}: other bytes");
    match seconds {
        Some(seconds) => {
            let life = found.deadline.since(now()).as_secs_f64();
            assert!((life - seconds as f64).abs() < 5.0, "{id}: it ends in {life} s and not in {seconds} s");
        }
        None => assert_eq!((found.deadline, document.get("expiration")), (Timestamp::MAX, Some(&Bson::Null))),
    }

    let session = sessions.open([session_id.split_once(':').unwrap().1]).await.unwrap();
    session.set("ours", 1).unwrap();
    commit(sessions, &session).await;
    changed_without_a_loss(foreign, &document, &data, id).await;
}

async fn changed_without_a_loss(foreign: &Collection<Document>, document: &Document, data: &[u8], id: &Json) {
    let (before, format) = read_record(data).unwrap();
    let session_flask::Value::Dict(before) = before else { panic!("{id}: no dict") };
    let session_id = document.get_str("id").unwrap();
    let after = at_rest(foreign, session_id).await;
    for (at, pair) in before.iter().enumerate() {
        // A pickle's tuples and sets become lists: MessagePack has no other.
        let kept = if format == Format::Pickle { after[at].0 == pair.0 } else { after[at] == *pair };
        assert!(kept, "{id}: {pair:?} became {:?}", after[at]);
    }
    assert_eq!(after.len(), before.len() + 2, "{id}: and our key, and our metadata");
    let now = foreign.find_one(doc! { "id": session_id }).await.unwrap().unwrap();
    assert_eq!(now.get("_id"), document.get("_id"), "{id}: the document is the same one");
    assert!(now.keys().all(|field| document.contains_key(field)), "{id}: no new field: {now}");
}

#[tokio::test]
async fn flask_session_0_8_documents() {
    run("backends_fs080.json", 15).await;
}

#[tokio::test]
async fn flask_session_0_5_documents() {
    run("backends_fs050.json", 8).await;
}

#[tokio::test]
async fn flask_session_0_4_documents() {
    run("backends_fs040.json", 8).await;
}
