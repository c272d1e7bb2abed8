//! What the real Flask-Session left in its table: each row is inserted as it was, read exactly, and changed without a loss.

use std::time::Duration;

use serde_json::Value as Json;
use session_core::{Backend, Entry, Error, RecordKey, SessionConfig, Sessions, Version};
use session_flask::{FlaskLayout, Format, read_record};
use session_sql::{SqlBackend, SqlStore};

use crate::common::{commit, now, unhex};
use crate::place::Place;
use crate::table::vectors_folder;

crate::on_each! {
    flask_session_0_8_rows,
    flask_session_0_5_rows,
    flask_session_0_4_rows,
}

async fn flask_session_0_8_rows(place: &Place) {
    run(place, "backends_fs080.json", 15).await;
}

async fn flask_session_0_5_rows(place: &Place) {
    run(place, "backends_fs050.json", 8).await;
}

async fn flask_session_0_4_rows(place: &Place) {
    run(place, "backends_fs040.json", 8).await;
}

async fn run(place: &Place, file: &str, least: usize) {
    place.store().await;
    let text = std::fs::read_to_string(vectors_folder().join(file)).unwrap();
    let all: Json = serde_json::from_str(&text).unwrap();
    let of_sql = |vector: &&Json| vector["backend"].as_str().unwrap().starts_with("sqlalchemy");
    let mut rows = 0;
    for vector in all["vectors"].as_array().unwrap().iter().filter(of_sql) {
        let prefix = vector["config"]["SESSION_KEY_PREFIX"].as_str().unwrap_or("session:");
        let opened = Opened::new(place, FlaskLayout::default().prefix(prefix).unwrap()).await;
        for stored in vector["steps"].as_array().unwrap().iter().flat_map(|step| step["stored"].as_array().unwrap()) {
            check(place, &opened, stored, &vector["id"]).await;
            rows += 1;
        }
    }
    println!("{file} on {}: {rows} rows", place.dialect());
    assert!(rows >= least);
}

/// The table under one prefix.
struct Opened {
    backend: SqlBackend,
    sessions: Sessions,
}

impl Opened {
    async fn new(place: &Place, layout: FlaskLayout) -> Self {
        let config = place.config(layout);
        let backend = SqlBackend::connect(&config).await.unwrap();
        let store = SqlStore::connect_with(config).await.unwrap();
        let sessions = Sessions::new(store, SessionConfig::default().budget(Duration::from_secs(60))).unwrap();
        Opened { backend, sessions }
    }
}

async fn check(place: &Place, Opened { backend, sessions }: &Opened, stored: &Json, id: &Json) {
    let (session_id, data) = (stored["session_id"].as_str().unwrap(), unhex(stored["value_hex"].as_str().unwrap()));
    let ends_in = stored["expires_in"].as_i64();
    let expiry = ends_in.map_or("NULL".into(), |seconds| place.expiry(seconds));
    place.plant_alone(session_id, &data, &expiry).await;
    as_flask_had_it(place, stored).await;

    let found = backend.get(&RecordKey::new(session_id), now()).await.unwrap();
    let Some(seconds) = ends_in else {
        return assert!(found.is_none(), "{id}: a row without an end is one that Flask-Session 0.8 removes");
    };
    let Some(Entry::Live(found)) = found else { panic!("{id}: not there") };
    assert!(found.payload == data && found.version == Version::of(&data), "{id}: other bytes");
    let life = found.deadline.since(now()).as_secs_f64();
    assert!((life - seconds as f64).abs() < 5.0, "{id}: it ends in {life} s and not in {seconds} s");
    let token = session_id.split_once(':').unwrap().1;
    match stored.get("decoded") {
        Some(_) => changed_without_a_loss((backend, sessions), (token, session_id), &data, id).await,
        None => assert!(matches!(sessions.open([token]).await, Err(Error::Corrupt { .. })), "{id}"),
    }
}

/// SQLite alone has types of values.
async fn as_flask_had_it(place: &Place, stored: &Json) {
    if place.dialect() != "sqlite" {
        return;
    }
    let types: Vec<&str> =
        stored["storage_types"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
    let ours = "SELECT typeof(id), typeof(session_id), typeof(data), typeof(expiry) FROM sessions";
    assert_eq!(place.ask(ours).await, types.join("|"));
    let length = stored["expiry_text_length"].as_i64().map_or(String::new(), |length| length.to_string());
    assert_eq!(place.ask("SELECT length(expiry) FROM sessions").await, length);
}

async fn changed_without_a_loss(
    (backend, sessions): (&SqlBackend, &Sessions),
    (token, session_id): (&str, &str),
    data: &[u8],
    id: &Json,
) {
    let session = sessions.open([token]).await.unwrap();
    session.set("ours", 1).unwrap();
    commit(sessions, &session).await;
    let (before, format) = read_record(data).unwrap();
    let session_flask::Value::Dict(before) = before else { panic!("{id}: no dict") };
    let Some(Entry::Live(after)) = backend.get(&RecordKey::new(session_id), now()).await.unwrap() else {
        panic!("{id}")
    };
    let (session_flask::Value::Dict(after), _) = read_record(&after.payload).unwrap() else { panic!("{id}") };
    for (at, pair) in before.iter().enumerate() {
        // A pickle's tuples and sets become lists: MessagePack has no other.
        let kept = if format == Format::Pickle { after[at].0 == pair.0 } else { after[at] == *pair };
        assert!(kept, "{id}: {pair:?} became {:?}", after[at]);
    }
    assert_eq!(after.len(), before.len() + 2, "{id}: and our key, and our metadata");
}
