//! Requests over HTTP/1 within one process, for counting instructions: `instructions PATH REQUESTS`.
//!
//! What a request costs is the difference between two runs, under callgrind for example. `/outside` lies outside of the layer,
//! `/idle` within one that does nothing, `/bare` within ours without taking the session, `/read` and `/write` take one that lives in memory.

use axum::Router;
use axum::routing::get;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use session_testkit::TestSession;
use session_tower::session_core::{MemoryStore, SessionConfig, Sessions};
use session_tower::{Session, SessionError, SessionLayer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tower::layer::util::Identity;

async fn read(session: Session) -> Result<String, SessionError> {
    Ok(session.require("username")?)
}

async fn write(session: Session) -> Result<String, SessionError> {
    Ok(session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1)?.to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (path, requests) = (std::env::args().nth(1), std::env::args().nth(2));
    let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default())?;
    let ada = TestSession::with(&sessions, |session| session.set("username", "ada")).await?;
    let app =
        Router::new().route("/bare", get(|| async { "bare" })).route("/read", get(read)).route("/write", get(write));
    let idle = Router::new().route("/idle", get(|| async { "bare" })).layer(Identity::new());
    let app = app.layer(SessionLayer::new(sessions)).merge(idle).route("/outside", get(|| async { "bare" }));

    let (mut client, server) = duplex(64 * 1024);
    let service = TowerToHyperService::new(app.into_service::<hyper::body::Incoming>());
    tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(server), service));
    let path = path.unwrap_or_else(|| "/bare".into());
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\ncookie: theme=dark; {}\r\n\r\n", ada.header());
    let mut answer = vec![0; 4096];
    for _ in 0..requests.as_deref().unwrap_or("1").parse::<usize>()? {
        client.write_all(request.as_bytes()).await?;
        let size = client.read(&mut answer).await?;
        assert!(answer[..size].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..size]));
    }
    Ok(())
}
