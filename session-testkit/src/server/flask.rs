//! A real Flask, with or without Flask-Session: what is shared with it is tested against it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Process, Recipe};

/// Where `cargo xtask setup` puts the environments.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools");
const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/flask/app.py");
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlaskRelease {
    /// Flask 3.1, Flask-Session 0.8.
    Current,
    /// Flask 2.2, Flask-Session 0.5, which pickles.
    Pickling,
}

impl FlaskRelease {
    fn python(self) -> PathBuf {
        let folder = match self {
            FlaskRelease::Current => "flask",
            FlaskRelease::Pickling => "flask-0.5",
        };
        Path::new(TOOLS).join(folder).join("bin/python")
    }
}

/// A Flask application whose session does what a test asks for. It ends when this is dropped.
///
/// A value that JSON has not is an object of one purpose: `{"datetime": "2024-01-02T03:04:05+00:00"}`, `{"uuid": …}`,
/// `{"bytes": hex}`, `{"tuple": […]}`, `{"markup": …}`, `{"int": "…"}` beyond 53 bits, `{"dict": [[key, value], …]}`.
#[derive(Debug)]
pub struct FlaskServer {
    process: Process,
}

/// What it answered.
#[derive(Debug, Clone)]
pub struct FlaskAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `Set-Cookie` lines.
    pub set_cookie: Vec<String>,
    /// The results of the actions, in their order; null where the status is no success.
    pub results: Value,
}

impl FlaskServer {
    /// An application with this configuration, whose session lives in its signed cookie.
    ///
    /// # Panics
    /// Where the environment is not there, saying how to get it, or where Flask does not start, with what it printed.
    #[must_use]
    pub fn cookie(config: &Value) -> Self {
        Self::start(FlaskRelease::Current, &json!({ "config": config }))
    }

    /// An application with Flask-Session, whose `kind` is a `SESSION_TYPE`, and whose server is at `url` as its Python client
    /// wants it (for Memcached: `host:port`; for SQL: SQLAlchemy's URL).
    ///
    /// # Panics
    /// As [`cookie`](FlaskServer::cookie).
    #[must_use]
    pub fn with_backend(release: FlaskRelease, kind: &str, url: &str, config: &Value) -> Self {
        Self::start(release, &json!({ "config": config, "backend": { "kind": kind, "url": url } }))
    }

    fn start(release: FlaskRelease, setup: &Value) -> Self {
        let python = release.python();
        assert!(python.exists(), "there is no real Flask to compare with: run `cargo xtask setup`");
        let setup = setup.to_string();
        let process = Process::start(Recipe::new(move |place| {
            let mut command = Command::new(&python);
            command.arg(APP).arg(place.port.to_string()).arg(&setup).env("PYTHONDONTWRITEBYTECODE", "1");
            command
        }));
        FlaskServer { process }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.process.address()
    }

    /// One request that carries this `Cookie` header and does these actions: `[["set", "n", 1], ["get", "n"], ["dump"]]`; the
    /// others are `add`, `pop`, `clear`, `flash`, `flashes`, `permanent`, `is_permanent`, `sleep` (milliseconds), `sid`, `fail`;
    /// `exact` tells the whole session with its types, `begin_many` stores so many new ones, `hold` makes a file `PATH.held` and waits
    /// for one `PATH.go`.
    ///
    /// # Panics
    /// If it does not answer in HTTP.
    #[must_use]
    pub fn act(&self, cookie: Option<&str>, actions: &Value) -> FlaskAnswer {
        let (body, cookie) =
            (actions.to_string(), cookie.map(|value| format!("Cookie: {value}\r\n")).unwrap_or_default());
        let head = "POST /act HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";
        let request = format!("{head}{cookie}Content-Length: {}\r\n\r\n{body}", body.len());
        read(&exchange(self.address(), request.as_bytes()).expect("Flask answers"))
    }
}

fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<String> {
    let mut server = TcpStream::connect_timeout(&address, PATIENCE)?;
    server.set_read_timeout(Some(PATIENCE))?;
    server.write_all(request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn read(answer: &str) -> FlaskAnswer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let fields = lines.filter_map(|line| line.split_once(": "));
    let set_cookie =
        fields.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).map(|(_, line)| line.to_owned());
    FlaskAnswer {
        status: status.expect("an HTTP status"),
        set_cookie: set_cookie.collect(),
        results: serde_json::from_str(body).unwrap_or_default(),
    }
}

impl FlaskAnswer {
    /// The `Cookie` header that a browser would send next for the cookie `name`, if this answer set one.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let pairs = self.set_cookie.iter().filter_map(|line| line.split(';').next());
        pairs.filter(|pair| pair.split('=').next() == Some(name)).map(str::to_owned).next_back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_flask_keeps_a_session_in_its_cookie() {
        let flask = FlaskServer::cookie(&json!({ "SECRET_KEY": "a key of the test" }));
        let values =
            json!([{ "tuple": [1, "é"] }, { "bytes": "00ff" }, { "uuid": "0123456789abcdef0123456789abcdef" }]);
        let first = flask.act(None, &json!([["set", "values", values], ["set", "n", 1]]));
        assert_eq!((first.status, first.set_cookie.len()), (200, 1));
        let cookie = first.cookie("session").unwrap();
        let second = flask.act(Some(&cookie), &json!([["get", "values"], ["get", "n"], ["get", "nothing"]]));
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(second.results, json!([[{ "tuple": [1, "é"] }, { "bytes": "00ff" }, { "uuid": uuid }], 1, null]));
        assert_eq!(flask.act(Some("session=forged"), &json!([["dump"]])).results, json!([{ "dict": [] }]));
    }

    #[test]
    fn a_real_flask_session_keeps_one_in_redis() {
        let redis = super::super::RedisServer::shared();
        for release in [FlaskRelease::Current, FlaskRelease::Pickling] {
            let flask = FlaskServer::with_backend(release, "redis", redis.url(), &json!({ "SECRET_KEY": "a key" }));
            let cookie = flask.act(None, &json!([["set", "n", 1]])).cookie("session").unwrap();
            let read = flask.act(Some(&cookie), &json!([["get", "n"], ["sid"]]));
            assert_eq!(read.results[0], json!(1));
            assert_eq!(read.results[1], json!(cookie.trim_start_matches("session=")));
        }
    }
}
