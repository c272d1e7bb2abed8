//! Every value that Flask-Session writes, and some that only Rust sets: written by this library, read by the real one.

use std::path::PathBuf;

use serde_json::{Value, json};
use session_core::{CookieAction, Environment, Sessions};
use session_flask::types::{Bytes, Markup, Tuple, UtcDateTime, Uuid};
use session_redis::{RedisConfig, RedisStore};
use session_testkit::server::{FlaskRelease, FlaskServer};

use crate::shared::Shared;

/// The vectors of a file: those of session-flask, or of the folder that `SESSION_FLASK_VECTORS` names.
fn vectors(file: &str) -> Vec<Value> {
    let own = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../session-flask/tests/vectors");
    let folder = std::env::var_os("SESSION_FLASK_VECTORS").map_or_else(own, PathBuf::from);
    let mut file: Value = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    serde_json::from_value(file["vectors"].take()).unwrap()
}

async fn sides(format: &str) -> (FlaskServer, Sessions, redis::Redis) {
    let shared = Shared::redis();
    let flask = shared.flask_with(FlaskRelease::Current, json!({ "SESSION_SERIALIZATION_FORMAT": format }));
    let environment = Environment::from_pairs([("SESSION_SERIALIZATION_FORMAT", format)]);
    let (store, sessions) = session_flask::preset_from(&environment).unwrap();
    // One vector is larger than the bound that is set by default.
    let store = RedisConfig::new(&shared.url).store(store.max_payload(1 << 20));
    let store = RedisStore::connect_with(store).await.unwrap();
    (flask, Sessions::new(store, sessions).unwrap(), redis::Redis::of(&shared.url).await)
}

/// Raw access to the server.
mod redis {
    use session_redis::redis::{self, aio::MultiplexedConnection};

    pub(super) struct Redis(MultiplexedConnection);

    impl Redis {
        pub(super) async fn of(url: &str) -> Self {
            Redis(redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap())
        }

        pub(super) async fn set(&mut self, key: &str, value: &[u8]) {
            let _: () =
                redis::cmd("SET").arg(key).arg(value).arg("EX").arg(600).query_async(&mut self.0).await.unwrap();
        }
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The vectors' form without what says the same thing twice: the digits of floats.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(object) if object.contains_key("bits") => json!({ "bits": object["bits"] }),
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

/// The session as Flask has it, without what this test and this library have added.
fn exact(flask: &FlaskServer, id: &str) -> Value {
    let answer = tokio::task::block_in_place(|| flask.act(Some(&format!("session={id}")), &json!([["exact"]])));
    assert_eq!(answer.status, 200);
    let pairs = answer.results[0]["dict"].as_array().unwrap().clone();
    assert!(pairs.contains(&json!(["rust", { "int": "1" }])), "changed here, read there");
    let added = [json!("rust"), json!("_session"), json!("_permanent")];
    let own: Vec<Value> = pairs.into_iter().filter(|pair| !added.contains(&pair[0])).collect();
    json!({ "dict": own })
}

/// A record of each vector, changed here and read there.
async fn every_vector(format: &str, file: &str) -> usize {
    let (flask, sessions, mut redis) = sides(format).await;
    let mut read = 0;
    for vector in vectors(file) {
        if vector["expect"] != "accept" {
            continue;
        }
        let id = session_flask::sid::mint(32).unwrap();
        redis.set(&format!("session:{id}"), &unhex(vector["hex"].as_str().unwrap())).await;
        let session = sessions.open([id.as_str()]).await.unwrap();
        session.set("rust", 1).unwrap();
        let committed = sessions.commit(&session).await;
        committed.result.unwrap_or_else(|error| panic!("{}: {error}", vector["id"]));
        let CookieAction::Set { token, .. } = committed.cookie else { panic!("{}: no cookie", vector["id"]) };
        let expected = plain(&vector["decoded"]);
        let own: Vec<Value> = expected["dict"].as_array().unwrap().clone();
        let own: Vec<Value> = own.into_iter().filter(|pair| pair[0] != json!("_permanent")).collect();
        assert_eq!(exact(&flask, token.expose()), json!({ "dict": own }), "{}", vector["id"]);
        read += 1;
    }
    println!("{format}: {read} records changed here and read by Flask-Session");
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_reads_every_messagepack_vector_that_was_changed_here() {
    assert!(every_vector("msgpack", "records_msgpack.json").await > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_reads_every_json_vector_that_was_changed_here() {
    assert!(every_vector("json", "records_json.json").await > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_reads_what_rusts_own_types_have_set() {
    for format in ["msgpack", "json"] {
        let (flask, sessions, _) = sides(format).await;
        let session = sessions.fresh();
        let uuid: Uuid = "01234567-89ab-cdef-0123-456789abcdef".parse().unwrap();
        session.set("rust", 1).unwrap();
        session.set("uuid", uuid).unwrap();
        session.set("when", UtcDateTime::try_from(std::time::UNIX_EPOCH).unwrap()).unwrap();
        session.set("raw", Bytes(vec![0, 255])).unwrap();
        session.set("pair", Tuple((1, Tuple((uuid, "x"))))).unwrap();
        session.set("html", vec![Markup("<b>".into())]).unwrap();
        session.set("large", u64::MAX).unwrap();
        let committed = sessions.commit(&session).await;
        let CookieAction::Set { token, .. } = committed.cookie else { panic!("no cookie") };
        let (one, text) = (json!({ "int": "1" }), json!("01234567-89ab-cdef-0123-456789abcdef"));
        let (when, raw) = match format {
            "json" => (json!("1970-01-01T00:00:00Z"), json!("AP8=")),
            _ => (json!({ "datetime": "1970-01-01T00:00:00.000000", "offset": 0 }), json!({ "bytes": "00ff" })),
        };
        let pairs = json!([
            ["uuid", text], ["when", when], ["raw", raw], ["pair", [one, [text, "x"]]], ["html", ["<b>"]],
            ["large", { "int": "18446744073709551615" }],
        ]);
        assert_eq!(exact(&flask, token.expose()), json!({ "dict": pairs }), "{format}");
    }
}
