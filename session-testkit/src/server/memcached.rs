//! Memcached.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::{Kind, Process, Recipe, Source};

const MEMCACHED: Kind =
    Kind { name: "Memcached", variable: "SESSION_TEST_MEMCACHED_URL", program: "memcached", folders: &["/usr/bin"] };

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// A Memcached server.
#[derive(Debug)]
pub struct MemcachedServer {
    url: String,
    process: Option<Process>,
}

impl MemcachedServer {
    /// The one that all tests of this program share: the one that the environment names, or a private one.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<MemcachedServer> = OnceLock::new();
        SERVER.get_or_init(|| match Source::find(&MEMCACHED) {
            Source::Url(url) => MemcachedServer { url, process: None },
            Source::Native(_) => Self::private(&["-m", "256"]),
        })
    }

    /// One to be killed, frozen, filled: a test's own, with these arguments besides the usual ones.
    #[must_use]
    pub fn private(arguments: &[&str]) -> Self {
        let process = Process::start(recipe(arguments));
        MemcachedServer { url: format!("memcache://{}", process.address()), process: Some(process) }
    }

    /// Where it is, as a client wants it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process, to be killed or frozen.
    ///
    /// # Panics
    /// If it is not [`private`](MemcachedServer::private).
    #[must_use]
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("a private server")
    }

    /// Stops it, and waits until it has: each of its threads notices by itself, and may answer until then.
    ///
    /// # Panics
    /// If it goes on for two seconds.
    pub fn freeze(&mut self) {
        let process = self.process();
        process.freeze();
        let (begun, pid) = (Instant::now(), process.pid());
        while !is_stopped(pid) {
            assert!(begun.elapsed() < PATIENCE, "memcached goes on");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Where it listens.
    ///
    /// # Panics
    /// As [`process`](MemcachedServer::process).
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.process.as_ref().expect("a private server").address()
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
    Recipe::new(start).ready(|place| {
        ask(place.address(), "version").is_ok_and(|lines| lines.iter().any(|line| line.starts_with("VERSION")))
    })
}

/// Whether every thread of the process is in the state T.
pub(super) fn is_stopped(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
    threads.flatten().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    })
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
