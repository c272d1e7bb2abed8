//! What the real Flask-Session left on a Memcached server through each of its clients, put there again byte for byte.

use std::time::Duration;

use serde_json::Value as Json;
use session_core::{Backend, Clock, Codec, Entry, RecordKey, Session, SessionConfig, Sessions, SystemClock, Timestamp};
use session_flask::types::{Bytes, UtcDateTime};
use session_flask::{FlaskLayout, sid::SidSigner};
use session_testkit::server::MemcachedServer;

use crate::common::{DAY, Raw, backend, commit, with_layout};

/// The vectors of a file about Memcached, in the folder that `SESSION_FLASK_VECTORS` names or among session-flask's.
fn vectors(file: &str) -> Vec<Json> {
    let own = || concat!(env!("CARGO_MANIFEST_DIR"), "/../session-flask/tests/vectors").into();
    let folder: std::path::PathBuf = std::env::var_os("SESSION_FLASK_VECTORS").map_or_else(own, Into::into);
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let mut all: Json = serde_json::from_str(&text).unwrap();
    let Json::Array(vectors) = all["vectors"].take() else { panic!("{file}: no vectors") };
    let is_ours = |vector: &Json| vector["backend"].as_str().unwrap().starts_with("memcached");
    vectors.into_iter().filter(is_ours).collect()
}

fn array(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// One vector's application, on this side.
struct Application<'a> {
    settings: &'a Json,
    server: &'a MemcachedServer,
    sessions: Sessions,
    raw: Raw,
}

impl<'a> Application<'a> {
    async fn of(vector: &'a Json, server: &'a MemcachedServer) -> Self {
        let settings = &vector["config"];
        let mut layout = FlaskLayout::default().prefix(prefix(settings)).unwrap();
        if let Some(bytes) = settings["SESSION_ID_LENGTH"].as_u64() {
            layout = layout.id_length(bytes.try_into().unwrap()).unwrap();
        }
        if settings["SESSION_SERIALIZATION_FORMAT"] == "json" {
            layout = layout.codec(Codec::Json);
        }
        if settings["SESSION_USE_SIGNER"] == true {
            layout = layout.signer(SidSigner::new("backend vectors").unwrap());
        }
        let idle = Duration::from_secs(settings["PERMANENT_SESSION_LIFETIME"].as_u64().unwrap());
        let permanent = settings["SESSION_PERMANENT"] != false;
        let config = SessionConfig::default().idle(idle).absolute(400 * DAY).permanent(permanent);
        let sessions = with_layout(server.url(), layout, config).await;
        Application { settings, server, sessions, raw: Raw::of(server.address()) }
    }

    /// Puts what was stored on the server; more than 30 days are a moment there.
    fn place(&mut self, stored: &Json) {
        let ttl = stored["ttl"].as_u64().unwrap();
        let now = SystemClock.now().as_millis() / 1000;
        let exptime = if ttl > 30 * 86_400 { now + ttl } else { ttl };
        self.raw.set(key(stored), &unhex(stored["value_hex"].as_str().unwrap()), exptime);
    }

    /// Fails unless the record on the server is read as what the library says that it is.
    async fn reads(&self, cookie: &str, stored: &Json) {
        let session = self.sessions.open([cookie]).await.unwrap();
        let named = |pair: &&Json| pair[0] != "_permanent";
        let pairs: Vec<_> = array(&stored["decoded"]["dict"]).iter().filter(named).collect();
        let names: Vec<_> = pairs.iter().map(|pair| pair[0].as_str().unwrap()).collect();
        assert!(!session.is_new() && session.keys() == names, "{stored}");
        pairs.iter().for_each(|pair| assert_value(&session, pair[0].as_str().unwrap(), &pair[1]));
        self.is_untouched(stored).await;
    }

    /// At the backend: the bytes, their version, and an end by the server's clock.
    async fn is_untouched(&self, stored: &Json) {
        let (backend, now) = (backend(self.server.url()).await, Timestamp::from_millis(0));
        let Some(Entry::Live(found)) = backend.get(&RecordKey::new(key(stored)), now).await.unwrap() else {
            panic!("{stored}")
        };
        assert_eq!(found.payload, unhex(stored["value_hex"].as_str().unwrap()));
        let (life, expected) = (found.deadline.since(now), Duration::from_secs(stored["ttl"].as_u64().unwrap()));
        assert!(life.abs_diff(expected) <= Duration::from_secs(3), "{life:?}, {stored}");
    }

    /// Does what the application did; fails unless the same lies there afterwards, and our own mark behind it.
    async fn writes(&mut self, step: &Json) -> bool {
        let actions = array(&step["actions"]);
        if actions.is_empty() || actions.iter().any(|action| plain(action).is_none()) {
            return false;
        }
        let cookie = step["request_cookie"].as_str();
        let session = self.sessions.open(cookie).await.unwrap();
        for action in actions {
            session.set(action[1].as_str().unwrap(), plain(action).unwrap()).unwrap();
        }
        let new = session.is_new();
        let sent = commit(&self.sessions, &session).await;
        let stored = &array(&step["stored"])[0];
        let id = |cookie: &str| cookie.split('.').next().unwrap().to_owned();
        let written = match new {
            true => format!("{}{}", prefix(self.settings), id(&sent.unwrap())),
            false => key(stored).to_owned(),
        };
        assert_eq!(written.len(), key(stored).len(), "an id of the same length");
        self.has_written(&written, stored);
        true
    }

    fn has_written(&mut self, written: &str, stored: &Json) {
        let (value, flask) = (self.raw.get(written).unwrap(), unhex(stored["value_hex"].as_str().unwrap()));
        let (same, mark) = match flask[0] {
            b'{' => (value.starts_with(&flask[..flask.len() - 1]), &b",\"_session\":["[..]),
            _ => (value[0] == flask[0] + 1 && value[1..].starts_with(&flask[1..]), &b"\xa8_session"[..]),
        };
        let rest = &value[flask.len() - usize::from(flask[0] == b'{')..];
        assert!(same && rest.starts_with(mark), "{stored}: {:?}", String::from_utf8_lossy(&value));
        let ((.., flags, _), left) = (self.raw.gets(written).unwrap(), self.raw.left(written));
        assert_eq!(flags, 0);
        let ttl = stored["ttl"].as_i64().unwrap();
        assert!((left - ttl).abs() <= 3, "{left} of {ttl}");
    }
}

fn prefix(settings: &Json) -> &str {
    settings["SESSION_KEY_PREFIX"].as_str().unwrap_or("session:")
}

fn key(stored: &Json) -> &str {
    stored["key"].as_str().unwrap()
}

/// What JSON itself can say of a value.
fn simple(neutral: &Json) -> Option<Json> {
    Some(match neutral {
        Json::String(_) | Json::Bool(_) => neutral.clone(),
        Json::Array(items) => Json::Array(items.iter().map(simple).collect::<Option<_>>()?),
        Json::Object(form) => match form.iter().next()? {
            (kind, Json::String(digits)) if kind == "int" => digits.parse::<i64>().ok()?.into(),
            (kind, items @ Json::Array(_)) if kind == "tuple" => simple(items)?,
            _ => return None,
        },
        _ => return None,
    })
}

/// The value that an action sets to, where JSON can say it.
fn plain(action: &Json) -> Option<Json> {
    (action[0] == "set").then(|| simple(&action[2])).flatten()
}

fn assert_value(session: &Session, name: &str, neutral: &Json) {
    if let Some(expected) = simple(neutral) {
        assert_eq!(session.require::<Json>(name).unwrap(), expected);
    } else if let Some(hex) = neutral["bytes"].as_str() {
        assert_eq!(session.require::<Bytes>(name).unwrap().0, unhex(hex));
    } else {
        assert_eq!(neutral["offset"], 0, "a moment in UTC: {neutral}");
        let text = format!("{}Z", neutral["datetime"].as_str().unwrap());
        assert_eq!(session.require::<UtcDateTime>(name).unwrap(), text.parse().unwrap());
    }
}

/// What the browser sends after a step.
fn cookie(step: &Json) -> &str {
    let set = array(&step["set_cookie"]).first().and_then(Json::as_str);
    let set = set.and_then(|line| line.strip_prefix("session=")?.split(';').next());
    set.or(step["request_cookie"].as_str()).unwrap()
}

/// Reads every record of a file, and repeats its writes; how many of each.
async fn run(file: &str) -> (usize, usize) {
    let server = MemcachedServer::private(&[]);
    let (mut read, mut written) = (0, 0);
    for vector in vectors(file) {
        let mut application = Application::of(&vector, &server).await;
        for step in array(&vector["steps"]) {
            let [stored] = array(&step["stored"]) else { continue };
            if file == "backends_fs080.json" {
                written += usize::from(application.writes(step).await);
            }
            application.place(stored);
            application.reads(cookie(step), stored).await;
            read += 1;
        }
    }
    println!("{file}: {read} records read, {written} written alike");
    (read, written)
}

#[tokio::test]
async fn flask_session_0_8_records_on_memcached_are_read_and_written_alike() {
    let (read, written) = run("backends_fs080.json").await;
    assert!(read >= 45 && written >= 30, "{read}, {written}");
}

#[tokio::test]
async fn flask_session_0_5_pickles_on_memcached_are_read() {
    assert!(run("backends_fs050.json").await.0 >= 8);
}

#[tokio::test]
async fn flask_session_0_4_pickles_on_memcached_are_read() {
    assert!(run("backends_fs040.json").await.0 >= 8);
}

/// A pickle becomes MessagePack at the next change, its other keys as they were.
#[tokio::test]
async fn flask_pickles_are_rewritten_at_the_next_change() {
    let server = MemcachedServer::private(&[]);
    for file in ["backends_fs050.json", "backends_fs040.json"] {
        let typed = |vector: &Json| vector["name"] == "typed values";
        let vector = vectors(file).into_iter().find(typed).unwrap();
        let (mut application, step) = (Application::of(&vector, &server).await, &vector["steps"][0]);
        let stored = &step["stored"][0];
        application.place(stored);
        let session = application.sessions.open([cookie(step)]).await.unwrap();
        session.set("more", 1).unwrap();
        assert_eq!(commit(&application.sessions, &session).await, None, "the same id");
        let value = application.raw.get(key(stored)).unwrap();
        assert!(
            value[0] == 0x86 && session_flask::read_record(&value).unwrap().1 == session_flask::Format::MessagePack
        );
        let again = application.sessions.open([cookie(step)]).await.unwrap();
        let pairs = array(&stored["decoded"]["dict"]).iter().skip(1);
        pairs.for_each(|pair| assert_value(&again, pair[0].as_str().unwrap(), &pair[1]));
        assert_eq!(again.require::<u8>("more").unwrap(), 1);
    }
}
