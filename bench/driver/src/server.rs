//! A server under measurement: started, pinned, watched, ended.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::http::Browser;
use crate::peers::Peer;
use crate::work::Bench;

/// A running server; ends with this.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a peer's server, and waits until it listens.
    pub(crate) fn start(bench: &Bench, peer: &Peer) -> Result<Self> {
        Self::of(&bench.arguments.programs, peer.program, &bench.redis.url(), peer.store_argument())
            .map_err(|error| format!("{}: {error}", peer.label()).into())
    }

    fn of(programs: &Path, program: &str, redis: &str, store: &str) -> Result<Self> {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(programs.join(program));
        command.args(["--listen", "127.0.0.1:0", "--redis", redis, "--store", store]);
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let stdout = process.stdout.take().ok_or("no stdout")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().strip_prefix("Listening on http://").and_then(|address| address.parse().ok());
        let address = match address {
            Some(address) => address,
            None => return Err(format!("{program} said {line:?} instead of where it listens").into()),
        };
        let server = Server { process, address };
        server.wait()?;
        Ok(server)
    }

    fn wait(&self) -> Result<()> {
        let start = Instant::now();
        loop {
            let ready = Browser::new(self.address).and_then(|mut browser| browser.get("/plain"));
            match ready {
                Ok(_) => return Ok(()),
                Err(error) if start.elapsed() > Duration::from_secs(20) => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    pub(crate) fn browser(&self) -> Result<Browser> {
        Browser::new(self.address)
    }

    /// Begins sessions of `bytes` bytes; their `Cookie` headers.
    pub(crate) fn sessions(&self, count: usize, bytes: usize) -> Result<Vec<String>> {
        let mut browser = self.browser()?;
        let mut cookies = Vec::with_capacity(count);
        for _ in 0..count {
            browser.cookies.clear();
            let response = browser.get(&format!("/new?bytes={bytes}"))?;
            if response.body != "0" || browser.cookies.is_empty() {
                return Err(format!("/new?bytes={bytes} answered {response:?}, cookie {:?}", browser.cookie()).into());
            }
            cookies.push(browser.cookie());
        }
        Ok(cookies)
    }

    /// Seconds of CPU that its threads took so far, user and system.
    ///
    /// From `/proc/PID/task/*/schedstat`, which counts nanoseconds; `/proc/PID/stat` counts the same in steps of 10 ms.
    pub(crate) fn cpu(&self) -> Result<f64> {
        let mut nanoseconds = 0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
            nanoseconds += text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(nanoseconds as f64 / 1e9)
    }

    /// Bytes of memory that are in use.
    pub(crate) fn memory(&self) -> Result<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
