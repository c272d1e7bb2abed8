//! HTTP over a pipe in memory: hyper on one end, the bytes of a request on the other.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::Result;

/// A connection that is kept alive, and the one request that it sends.
pub(crate) struct Wire {
    client: DuplexStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Wire {
    /// Connects, sends the request once, and learns how long an answer is.
    pub(crate) async fn to(app: Router, path: &str, cookie: Option<&str>) -> Result<Self> {
        let (client, server) = tokio::io::duplex(64 * 1024);
        let connection = http1::Builder::new().serve_connection(TokioIo::new(server), TowerToHyperService::new(app));
        tokio::spawn(async move { drop(connection.await) });
        let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{cookie}\r\n").into_bytes();
        let mut wire = Wire { client, request, answer: Vec::new() };
        wire.client.write_all(&wire.request).await?;
        while !wire.is_whole() {
            wire.client.read_buf(&mut wire.answer).await?;
        }
        if !wire.answer.starts_with(b"HTTP/1.1 200") {
            return Err(format!("{path}: {}", String::from_utf8_lossy(&wire.answer)).into());
        }
        Ok(wire)
    }

    /// Whether head and body are there: bodies of these routes have one to three bytes, and all of them come with the head.
    fn is_whole(&self) -> bool {
        self.answer.windows(4).any(|four| four == b"\r\n\r\n")
    }

    pub(crate) async fn again(&mut self) -> Result<()> {
        self.client.write_all(&self.request).await?;
        self.answer.clear();
        while !self.is_whole() {
            self.client.read_buf(&mut self.answer).await?;
        }
        Ok(())
    }
}
