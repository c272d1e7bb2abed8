//! What Rust's own types set in a session that Flask shares: its decoders know nothing of this crate's extension.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use session_core::{
    Backend, Codec, CookieAction, Entry, Layout, MemoryBackend, ServerSide, Session, SessionConfig, Sessions,
    StoreConfig, Timestamp,
};
use session_flask::types::{Bytes as Raw, Markup, Tuple, UtcDateTime, Uuid};
use session_flask::{DateTime, FlaskLayout, Int, Value, json, messagepack};

type Nested = Tuple<(u8, Tuple<(String, Uuid)>)>;

const UUID: &str = "00000000-0000-0000-0000-000000000001";

/// Stores one session and gives its bytes, and the session as the next request has it.
async fn stored(codec: Codec, set: impl FnOnce(&Session)) -> (Bytes, Session) {
    let (backend, layout) = (Arc::new(MemoryBackend::default()), FlaskLayout::default().codec(codec));
    let store = ServerSide::on(Arc::clone(&backend), StoreConfig::default().layout(layout.clone())).unwrap();
    let sessions = Sessions::new(store, SessionConfig::flask_session()).unwrap();
    let session = sessions.fresh();
    set(&session);
    let CookieAction::Set { token, .. } = sessions.commit(&session).await.cookie else { panic!("no cookie") };
    let entry = backend.get(&layout.key(&token), Timestamp::from_millis(0)).await.unwrap();
    let Some(Entry::Live(stored)) = entry else { panic!("nothing is stored") };
    (stored.payload, sessions.open([token.expose()]).await.unwrap())
}

fn set_all(session: &Session) {
    let uuid: Uuid = UUID.parse().unwrap();
    session.set("tuple", Tuple((1, Tuple(("é", uuid))))).unwrap();
    session.set("deep", [HashMap::from([(uuid, Markup("<b>".into()))])]).unwrap();
    session.set("when", UtcDateTime::try_from(std::time::UNIX_EPOCH).unwrap()).unwrap();
    session.set("raw", Raw(b"\xf1asku".to_vec())).unwrap();
    session.set("float", 0.5_f32).unwrap();
}

fn read_all(session: &Session) {
    let Tuple((one, Tuple((letter, uuid)))) = session.require::<Nested>("tuple").unwrap();
    assert_eq!((one, letter.as_str(), uuid.to_string().as_str()), (1, "é", UUID));
    let deep = session.require::<Vec<HashMap<Uuid, Markup>>>("deep").unwrap();
    assert_eq!(deep[0][&uuid], Markup("<b>".into()));
    assert_eq!(session.require::<UtcDateTime>("when").unwrap(), UtcDateTime::try_from(std::time::UNIX_EPOCH).unwrap());
    assert_eq!(session.require::<Raw>("raw").unwrap().0, b"\xf1asku");
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn under(record: &Value, name: &str) -> Value {
    let Value::Dict(pairs) = record else { panic!("no map") };
    pairs.iter().find(|(key, _)| *key == text(name)).unwrap().1.clone()
}

#[tokio::test]
async fn flask_messagepack_has_none_of_our_extensions() {
    let (bytes, session) = stored(Codec::MessagePack, set_all).await;
    let record = messagepack::read(&bytes).unwrap();
    let one = Value::Int(Int::Small(1));
    let tuple = Value::List(vec![one, Value::List(vec![text("é"), text(UUID)])]);
    assert!(under(&record, "tuple") == tuple, "tuples are lists, UUIDs text");
    assert!(under(&record, "deep") == Value::List(vec![Value::Dict(vec![(text(UUID), text("<b>"))])]));
    assert!(under(&record, "when") == Value::DateTime(DateTime { local_micros: 0, offset: Some(0) }));
    assert!(under(&record, "raw") == Value::Bytes(b"\xf1asku".to_vec()), "bytes that look like ours stay");
    let float = [b"\xa5float\xca", &0.5_f32.to_be_bytes()[..]].concat();
    assert!(bytes.windows(float.len()).any(|window| window == float), "what is not ours stays bit for bit");
    read_all(&session);
}

#[tokio::test]
async fn flask_json_has_them_as_text_and_lists() {
    let (bytes, session) = stored(Codec::Json, set_all).await;
    let record = json::read(&bytes).unwrap();
    assert!(under(&record, "when") == text("1970-01-01T00:00:00Z"));
    assert!(under(&record, "raw") == text("8WFza3U="));
    read_all(&session);
}

#[tokio::test]
async fn flask_record_that_nobody_could_read_is_refused() {
    // 40 lists around a tuple around 40 lists: each part is within the bound of 64, the whole is not.
    fn nest(levels: usize, inside: serde_json::Value) -> serde_json::Value {
        (0..levels).fold(inside, |value, _| serde_json::Value::Array(vec![value]))
    }
    let (backend, layout) = (MemoryBackend::default(), FlaskLayout::default());
    let store = ServerSide::new(backend, StoreConfig::default().layout(layout)).unwrap();
    let sessions = Sessions::new(store, SessionConfig::flask_session()).unwrap();
    let session = sessions.fresh();
    let inner = Tuple(vec![nest(40, 1.into())]);
    let outer = (0..40).fold(Nesting::Leaf(inner), |value, _| Nesting::List(vec![value]));
    session.set("deep", outer).unwrap();
    let refused = sessions.commit(&session).await.result.unwrap_err();
    assert!(refused.to_string().contains("nesting"), "{refused}");
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Nesting {
    Leaf(Tuple<Vec<serde_json::Value>>),
    List(Vec<Nesting>),
}
