//! Memcached.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::running::{Server, Ways, server};
use super::{Kind, Process, Recipe, Source, image};

const MEMCACHED: Kind =
    Kind { name: "Memcached", variable: "SESSION_TEST_MEMCACHED_URL", program: "memcached", folders: &["/usr/bin"] };

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

const WAYS: Ways =
    Ways { kind: MEMCACHED, image: image::MEMCACHED, ready: answers, url: |address| format!("memcache://{address}") };

/// A Memcached server.
#[derive(Debug)]
pub struct MemcachedServer(Server);

server!(MemcachedServer);

impl MemcachedServer {
    /// The one that all tests of this program share: the one that the environment names, a private one, or a container.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<MemcachedServer> = OnceLock::new();
        SERVER.get_or_init(|| MemcachedServer(Server::find(&WAYS, || Self::private(&["-m", "256"]).0)))
    }

    /// One to be killed, frozen, filled: a test's own, with these arguments besides the usual ones.
    #[must_use]
    pub fn private(arguments: &[&str]) -> Self {
        MemcachedServer(Server::native(&WAYS, recipe(arguments)))
    }

    /// Stops it, and waits until it has.
    ///
    /// # Panics
    /// As [`process`](MemcachedServer::process).
    pub fn freeze(&mut self) {
        self.process().freeze();
    }

    /// The lines that it answers to one line.
    ///
    /// # Panics
    /// If it does not answer within two seconds.
    pub fn ask(&self, line: &str) -> Vec<String> {
        ask(self.address(), line).expect("an answer")
    }

    /// One of its counters, such as `cmd_touch`.
    ///
    /// # Panics
    /// If it has no such counter.
    #[must_use]
    pub fn stat(&self, name: &str) -> u64 {
        let wanted = format!("STAT {name} ");
        let lines = self.ask("stats");
        let value = lines.iter().find_map(|line| line.strip_prefix(&wanted)).expect("a counter of this name");
        value.parse().expect("a number")
    }
}

fn recipe(arguments: &[&str]) -> Recipe {
    let program = Source::program(&MEMCACHED);
    let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
    let start = move |place: &super::Place| {
        let mut command = Command::new(&program);
        // Root must name another user to be; with anybody else it counts for nothing.
        command.args(["-u", "nobody", "-l", "127.0.0.1", "-p", &place.port.to_string(), "-U", "0", "-c", "1024"]);
        command.args(&arguments);
        command
    };
    Recipe::new(start).ready(|place| answers(place.address()))
}

fn answers(address: SocketAddr) -> bool {
    ask(address, "version").is_ok_and(|lines| lines.iter().any(|line| line.starts_with("VERSION")))
}

/// One line, and the answer up to the `MN` of a no-op that is sent behind it.
fn ask(address: SocketAddr, line: &str) -> std::io::Result<Vec<String>> {
    let mut server = TcpStream::connect_timeout(&address, PATIENCE)?;
    server.set_read_timeout(Some(PATIENCE))?;
    server.write_all(format!("{line}\r\nmn\r\n").as_bytes())?;
    let mut lines = Vec::new();
    for line in BufReader::new(server).lines() {
        match line? {
            end if end == "MN" => return Ok(lines),
            line => lines.push(line),
        }
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_answers_and_counts() {
        let server = MemcachedServer::private(&[]);
        assert_eq!(server.ask("set k 0 0 1\r\nv"), ["STORED"]);
        assert_eq!(server.ask("get k"), ["VALUE k 0 1", "v", "END"]);
        assert_eq!((server.stat("cmd_get"), server.stat("cmd_set")), (1, 1));
    }
}
