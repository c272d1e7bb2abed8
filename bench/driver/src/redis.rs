//! A Redis server of our own, its counters, and filling it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// A private server; ends with this.
pub(crate) struct Redis {
    process: Child,
    address: SocketAddr,
    folder: PathBuf,
}

/// The server's counters, or a difference of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    /// Calls by command, those within scripts included.
    pub(crate) commands: BTreeMap<String, u64>,
    /// Bytes that came and went.
    pub(crate) bytes: u64,
    /// Seconds of the server's CPU.
    pub(crate) cpu: f64,
}

impl Redis {
    /// Starts it pinned to `core`.
    pub(crate) fn start(core: usize) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("bench-redis-{port}"));
        std::fs::create_dir_all(&folder)?;
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string(), "redis-server", "--bind", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--save", "", "--appendonly", "no", "--loglevel", "warning", "--dir"]).arg(&folder);
        let process = command.stdout(Stdio::null()).spawn().map_err(|error| format!("cannot run taskset: {error}"))?;
        let redis = Redis { process, address: SocketAddr::from(([127, 0, 0, 1], port)), folder };
        redis.wait()?;
        Ok(redis)
    }

    fn wait(&self) -> Result<()> {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if start.elapsed() > Duration::from_secs(20) {
                return Err("redis-server does not come up".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}/", self.address)
    }

    pub(crate) fn flush(&self) -> Result<()> {
        self.ask(&["FLUSHALL", "SYNC"]).map(drop)
    }

    pub(crate) fn keys(&self) -> Result<u64> {
        Ok(self.ask(&["DBSIZE"])?.trim_start_matches(':').parse()?)
    }

    pub(crate) fn counters(&self) -> Result<Counters> {
        let mut counters = Counters::default();
        for line in self.ask(&["INFO", "everything"])?.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            match name {
                "total_net_input_bytes" | "total_net_output_bytes" => counters.bytes += value.parse::<u64>()?,
                "used_cpu_sys" | "used_cpu_user" => counters.cpu += value.parse::<f64>()?,
                _ => counters.add(name, value),
            }
        }
        Ok(counters)
    }

    /// Adds `count` foreign sessions: keys and values as long as the library's, under random names of their own.
    pub(crate) fn fill(&self, count: usize, seed: u64) -> Result<()> {
        const BATCH: usize = 1_000;
        let mut connection = BufReader::new(TcpStream::connect(self.address)?);
        let value = "y".repeat(340);
        let mut state = seed | 1;
        for done in (0..count).step_by(BATCH) {
            let batch = BATCH.min(count - done);
            let mut commands = String::with_capacity(batch * 420);
            for _ in 0..batch {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let key = format!("session:{state:016x}{:027}", done);
                commands += &encoded(&["SET", &key, &value, "EX", "86400"]);
            }
            connection.get_mut().write_all(commands.as_bytes())?;
            for _ in 0..batch {
                answer(&mut connection)?;
            }
        }
        Ok(())
    }

    fn ask(&self, words: &[&str]) -> Result<String> {
        let mut connection = BufReader::new(TcpStream::connect(self.address)?);
        connection.get_mut().write_all(encoded(words).as_bytes())?;
        answer(&mut connection)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Counters {
    /// Takes in a line such as `cmdstat_get:calls=12,usec=…`. What this program and idle connections send does not count.
    fn add(&mut self, name: &str, value: &str) {
        let Some(command) = name.strip_prefix("cmdstat_") else { return };
        if ["info", "flushall", "dbsize", "client", "hello", "ping", "select", "script"]
            .iter()
            .any(|other| command.starts_with(other))
        {
            return;
        }
        let calls = value.strip_prefix("calls=").and_then(|rest| rest.split(',').next()?.parse().ok());
        self.commands.insert(command.to_owned(), calls.unwrap_or(0));
    }

    /// What came since.
    pub(crate) fn since(&self, before: &Counters) -> Counters {
        let grown = |(name, calls): (&String, &u64)| {
            let new = calls - before.commands.get(name).copied().unwrap_or(0);
            (new > 0).then(|| (name.clone(), new))
        };
        Counters {
            commands: self.commands.iter().filter_map(grown).collect(),
            bytes: self.bytes - before.bytes,
            cpu: self.cpu - before.cpu,
        }
    }
}

fn encoded(words: &[&str]) -> String {
    let mut text = format!("*{}\r\n", words.len());
    for word in words {
        text += &format!("${}\r\n{word}\r\n", word.len());
    }
    text
}

/// One answer: a line, or a text of given length.
fn answer(from: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let line = line.trim_end().to_owned();
    if let Some(error) = line.strip_prefix('-') {
        return Err(format!("Redis: {error}").into());
    }
    let Some(length) = line.strip_prefix('$') else { return Ok(line) };
    let mut text = vec![0; length.parse::<usize>()? + 2];
    from.read_exact(&mut text)?;
    text.truncate(text.len() - 2);
    Ok(String::from_utf8(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_tell_what_came_between() {
        let (mut before, mut after) = (Counters::default(), Counters::default());
        before.add("cmdstat_get", "calls=10,usec=3");
        after.add("cmdstat_get", "calls=15,usec=3");
        after.add("cmdstat_evalsha", "calls=2,usec=3");
        after.add("cmdstat_info", "calls=99,usec=3");
        let between = after.since(&before);
        assert_eq!(between.commands, BTreeMap::from([("get".into(), 5), ("evalsha".into(), 2)]));
    }

    #[test]
    fn both_kinds_of_answers_are_read() {
        assert_eq!(answer(&mut &b":12\r\n"[..]).unwrap(), ":12");
        assert_eq!(answer(&mut &b"$3\r\na\nb\r\n"[..]).unwrap(), "a\nb");
        assert!(answer(&mut &b"-ERR no\r\n"[..]).is_err());
    }
}
