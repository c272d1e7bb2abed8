//! A server with two who write to it: this library, and a Flask that does not look.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use session_core::{CookieAction, Session, SessionConfig, Sessions, StoreConfig};
use session_flask::FlaskLayout;
use session_memcached::{MemcachedBackend, MemcachedConfig, MemcachedStore};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn config(url: &str, layout: FlaskLayout) -> MemcachedConfig {
    MemcachedConfig::new(url).store(StoreConfig::default().layout(layout))
}

pub(crate) async fn backend(url: &str) -> MemcachedBackend {
    MemcachedBackend::connect(config(url, FlaskLayout::default())).await.unwrap()
}

/// As Flask-Session's defaults are, for a day.
pub(crate) fn a_day() -> SessionConfig {
    SessionConfig::default().idle(DAY).absolute(400 * DAY).permanent(true)
}

pub(crate) async fn sessions(url: &str) -> Sessions {
    with_layout(url, FlaskLayout::default(), a_day()).await
}

pub(crate) async fn with_layout(url: &str, layout: FlaskLayout, settings: SessionConfig) -> Sessions {
    Sessions::new(MemcachedStore::connect_with(config(url, layout)).await.unwrap(), settings).unwrap()
}

/// A request that does this, and the cookie it answers with.
pub(crate) async fn request(
    sessions: &Sessions,
    cookie: Option<&str>,
    handler: impl FnOnce(&Session),
) -> Option<String> {
    let session = sessions.open(cookie).await.unwrap();
    handler(&session);
    commit(sessions, &session).await
}

pub(crate) async fn commit(sessions: &Sessions, session: &Session) -> Option<String> {
    let committed = sessions.commit(session).await;
    committed.result.unwrap();
    match committed.cookie {
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        _ => None,
    }
}

/// A new session with `n` = 0; its id.
pub(crate) async fn begin(sessions: &Sessions) -> String {
    request(sessions, None, |session| session.set("n", 0).unwrap()).await.expect("a new session has a cookie")
}

/// Rotates the id; the new one.
pub(crate) async fn login(sessions: &Sessions, id: &str) -> String {
    request(sessions, Some(id), Session::rotate).await.expect("a login has a cookie")
}

pub(crate) async fn is_absent(sessions: &Sessions, id: &str) -> bool {
    sessions.open([id]).await.unwrap().is_new()
}

/// Where Flask-Session keeps an id's record, and this library its marker.
pub(crate) fn key_of(id: &str) -> String {
    format!("session:{id}")
}

pub(crate) fn marker_of(key: &str) -> String {
    format!("retired:{{{key}}}")
}

/// The server as Flask's clients use it.
pub(crate) struct Raw(BufReader<TcpStream>);

impl Raw {
    pub(crate) fn of(address: SocketAddr) -> Self {
        let server = TcpStream::connect(address).unwrap();
        server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Raw(BufReader::new(server))
    }

    /// One line, and with bytes a second one; the first line of the answer.
    pub(crate) fn ask(&mut self, line: &str, data: Option<&[u8]>) -> String {
        let data = data.map_or_else(Vec::new, |data| [data, b"\r\n"].concat());
        self.0.get_mut().write_all(&[line.as_bytes(), b"\r\n", &data].concat()).unwrap();
        self.line()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The value, its flags, and its number.
    pub(crate) fn gets(&mut self, key: &str) -> Option<(Vec<u8>, u32, u64)> {
        let found = self.ask(&format!("gets {key}"), None);
        let mut words = found.strip_prefix(&format!("VALUE {key} "))?.split(' ');
        let mut number = || words.next().unwrap().parse::<u64>().unwrap();
        let (flags, length, cas) = (number(), number(), number());
        let mut value = vec![0; usize::try_from(length).unwrap() + 2];
        self.0.read_exact(&mut value).unwrap();
        value.truncate(value.len() - 2);
        assert_eq!(self.line(), "END");
        Some((value, u32::try_from(flags).unwrap(), cas))
    }

    pub(crate) fn get(&mut self, key: &str) -> Option<Vec<u8>> {
        self.gets(key).map(|(value, ..)| value)
    }

    /// Without looking.
    pub(crate) fn set(&mut self, key: &str, value: &[u8], exptime: u64) {
        assert_eq!(self.ask(&format!("set {key} 0 {exptime} {}", value.len()), Some(value)), "STORED");
    }

    /// The seconds that the server lets an item live; -1 for ever.
    pub(crate) fn left(&mut self, key: &str) -> i64 {
        let line = self.ask(&format!("mg {key} t"), None);
        line.strip_prefix("HD t").expect("an item").parse().unwrap()
    }
}

/// A MessagePack record with one text more at its end, as Flask writes it: it keeps what it does not know.
pub(crate) fn with_text(record: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut changed = record.to_vec();
    changed[0] += 1;
    for text in [name, value] {
        changed.push(0xa0 | u8::try_from(text.len()).unwrap());
        changed.extend(text.as_bytes());
    }
    changed
}
