//! A small HTTP client that keeps its connection and its cookies.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::Result;

/// One browser.
pub(crate) struct Browser {
    stream: BufReader<TcpStream>,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Browser { stream: BufReader::new(stream), cookies: BTreeMap::new() })
    }

    /// Another one with the same cookies.
    pub(crate) fn twin(&self) -> Result<Self> {
        let twin = Browser::new(self.stream.get_ref().peer_addr()?)?;
        Ok(Browser { cookies: self.cookies.clone(), ..twin })
    }

    /// The `Cookie` header's value.
    pub(crate) fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn get(&mut self, path: &str) -> Result<Response> {
        self.send("GET", path)
    }

    pub(crate) fn send(&mut self, method: &str, path: &str) -> Result<Response> {
        let cookie = match self.cookies.is_empty() {
            true => String::new(),
            false => format!("Cookie: {}\r\n", self.cookie()),
        };
        let request = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n{cookie}\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.response()
    }

    fn response(&mut self) -> Result<Response> {
        let head = self.line()?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| format!("no status line: {head:?}"))?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse()?,
                "set-cookie" => self.keep(value),
                "transfer-encoding" => return Err("a chunked body: this client reads none".into()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Response { status, body: String::from_utf8(body)? })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(line.trim_end().to_owned())
    }

    fn keep(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let removed = value.is_empty() || parts.any(|part| part.eq_ignore_ascii_case("Max-Age=0"));
        match removed {
            true => drop(self.cookies.remove(name)),
            false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
        }
    }
}
