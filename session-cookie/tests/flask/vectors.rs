//! The vectors of cookies through the store: what Flask wrote, took and refused.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value as Json;
use session_cookie::CookieStore;
use session_cookie::session_flask::{Digest, FlaskCookie, KeyDerivation, Signer, SignerConfig};
use session_core::{Attempt, Binding, Loaded, Lookup, SessionStore, Timestamp};
use session_testkit::MovableClock;

fn vectors(file: &str) -> Vec<Json> {
    let own = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../session-flask/tests/vectors");
    let folder = std::env::var_os("SESSION_FLASK_VECTORS").map_or_else(own, PathBuf::from);
    let mut all: Json = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    let Json::Array(vectors) = all["vectors"].take() else { panic!("{file}: no vectors") };
    assert_eq!(all["count"].as_u64(), u64::try_from(vectors.len()).ok());
    vectors
}

fn unhex(hex: &Json) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn signer(vector: &Json) -> Signer {
    let digest = match vector["digest"].as_str().unwrap() {
        "sha1" => Digest::Sha1,
        "sha256" => Digest::Sha256,
        "sha512" => Digest::Sha512,
        other => panic!("{other}"),
    };
    let derivation = match vector["key_derivation"].as_str().unwrap() {
        "hmac" => KeyDerivation::Hmac,
        "concat" => KeyDerivation::Concat,
        "django-concat" => KeyDerivation::DjangoConcat,
        "none" => KeyDerivation::None,
        other => panic!("{other}"),
    };
    let salt = vector["salt"].as_str().unwrap().as_bytes().to_vec();
    let config =
        SignerConfig::default().salt(salt.into()).digest(digest).derivation(derivation).danger_allow_weak_key(true);
    let fallbacks = vector["fallback_keys_hex"].as_array().unwrap().iter().map(unhex);
    Signer::new(unhex(&vector["secret_key_hex"]), fallbacks, &config).unwrap()
}

/// The store at the vector's time, with the vector's age.
fn store(vector: &Json) -> CookieStore {
    let now = Timestamp::from_millis(vector["now"].as_u64().unwrap() * 1000);
    let mut binding = Binding::default().clock(MovableClock::at(now).shared());
    binding.cookie_name = "session".into();
    binding.idle = Duration::from_secs(vector["max_age"].as_u64().unwrap());
    let mut store = CookieStore::flask(signer(vector));
    store.bind(binding);
    store
}

async fn load(store: &CookieStore, cookie: &str) -> Option<Loaded> {
    match store.load(&store.parse(cookie)?).await.unwrap() {
        Lookup::Live(loaded) => Some(loaded),
        _ => None,
    }
}

/// What Flask reads in the cookie that the store writes for the session that it read.
async fn rewritten(store: &CookieStore, loaded: &Loaded, vector: &Json) -> String {
    let now = Timestamp::from_millis(vector["now"].as_u64().unwrap() * 1000);
    let attempt = store.replace(&loaded.at, &loaded.version, &loaded.record, Timestamp::MAX).await.unwrap();
    let Attempt::Done(written) = attempt else { panic!("{attempt:?}") };
    let cookie = FlaskCookie::new(signer(vector)).open_value(written.token.unwrap().expose(), now);
    cookie.unwrap().to_tagged_json().unwrap()
}

async fn check(file: &str) {
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for vector in vectors(file) {
        let (id, expect, store) = (&vector["id"], vector["expect"].as_str().unwrap(), store(&vector));
        let loaded = load(&store, vector["cookie"].as_str().unwrap()).await;
        let outcome = match (expect, loaded) {
            ("accept", Some(loaded)) => {
                assert_eq!(rewritten(&store, &loaded, &vector).await, vector["rewritten_json"], "{id}");
                assert_eq!(loaded.record.is_permanent(), vector["permanent"], "{id}");
                "as Flask"
            }
            ("reject" | "lenient", None) => "refused",
            ("lenient", Some(_)) => "taken",
            (_, loaded) => panic!("{id} ({}): {expect}, but {loaded:?}", vector["name"]),
        };
        *counts.entry((expect.to_owned(), outcome)).or_default() += 1;
    }
    println!("{file}: {counts:?}");
    assert!(counts[&("accept".to_owned(), "as Flask")] > 0 && counts[&("reject".to_owned(), "refused")] > 0);
}

#[tokio::test]
async fn s28_flask_cookies_are_read_written_and_refused_by_the_store_as_flask_does() {
    check("cookie.json").await;
}

#[tokio::test]
async fn s28_flask_cookies_of_flask_1_1_are_read_by_the_store() {
    check("cookie_flask11.json").await;
}
