//! One measurement: wrk for a while, and what the servers' counters say of it.

use std::process::Command;
use std::time::Duration;

use crate::Result;
use crate::redis::Counters;
use crate::server::Server;
use crate::work::Bench;

/// Connections that are kept alive.
pub(crate) const CONNECTIONS: usize = 64;

/// The percentiles of the latency that are kept.
pub(crate) const PERCENTILES: [f64; 5] = [50.0, 75.0, 90.0, 99.0, 99.9];

/// What one measurement saw.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Requests a second.
    pub(crate) rate: f64,
    /// Microseconds of the server's CPU, user and system, a request.
    pub(crate) cpu: f64,
    /// Microseconds of Redis's CPU a request.
    pub(crate) redis_cpu: f64,
    /// Redis commands a request, by name.
    pub(crate) commands: Vec<(String, f64)>,
    /// Bytes to and from Redis a request.
    pub(crate) bytes: f64,
    /// Milliseconds, at [`PERCENTILES`].
    pub(crate) latency: [f64; 5],
}

/// What wrk counted.
#[derive(Debug, PartialEq)]
struct Counted {
    requests: f64,
    seconds: f64,
    failed: u64,
    latency: [f64; 5],
}

/// Loads `path` of a server with these `Cookie` headers in turn.
pub(crate) fn run(bench: &Bench, server: &Server, path: &str, cookies: &[String], time: Duration) -> Result<Sample> {
    let url = format!("http://{}{path}", server.address);
    let mut command = wrk(bench, &url, cookies, time)?;
    let (cpu, counters) = (server.cpu()?, bench.redis.counters()?);
    let output = command.output().map_err(|error| format!("cannot run wrk: {error}; install the package wrk"))?;
    let (cpu, counters) = (server.cpu()? - cpu, bench.redis.counters()?.since(&counters));
    let text = String::from_utf8_lossy(&output.stdout);
    let counted = text.lines().find_map(|line| counted(line.strip_prefix("RESULT ")?));
    let counted = counted.ok_or_else(|| format!("wrk said {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    if counted.failed > 0 || counted.requests == 0.0 {
        return Err(format!("{path}: {} of {} requests failed", counted.failed, counted.requests).into());
    }
    Ok(sample(&counted, cpu, &counters))
}

fn wrk(bench: &Bench, url: &str, cookies: &[String], time: Duration) -> Result<Command> {
    let (script, file) = (bench.folder.join("load.lua"), bench.folder.join("cookies"));
    std::fs::write(&script, include_str!("load.lua"))?;
    std::fs::write(&file, cookies.join("\n"))?;
    let mut command = Command::new("taskset");
    command.args(["-c", &bench.load_core.to_string(), "wrk", "-t1", "-c", &CONNECTIONS.to_string()]);
    command.args(["-d", &format!("{}s", time.as_secs()), "--timeout", "10s", "--latency", "-s"]);
    command.arg(script).arg(url).arg("--").arg(file);
    Ok(command)
}

fn counted(line: &str) -> Option<Counted> {
    let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<std::result::Result<_, _>>().ok()?;
    let [requests, duration, failed, latency @ ..] = &numbers[..] else { return None };
    let latency: [f64; 5] = latency.try_into().ok()?;
    let latency = latency.map(|microseconds| microseconds / 1e3);
    Some(Counted { requests: *requests, seconds: duration / 1e6, failed: *failed as u64, latency })
}

fn sample(counted: &Counted, cpu: f64, counters: &Counters) -> Sample {
    let each = |total: f64| total / counted.requests;
    let commands = counters.commands.iter().map(|(name, calls)| (name.clone(), each(*calls as f64)));
    Sample {
        rate: counted.requests / counted.seconds,
        cpu: each(cpu * 1e6),
        redis_cpu: each(counters.cpu * 1e6),
        commands: commands.filter(|(_, calls)| *calls > 0.005).collect(),
        bytes: each(counters.bytes as f64),
        latency: counted.latency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_script_says_is_read() {
        let wanted = Counted { requests: 50.0, seconds: 2.0, failed: 1, latency: [0.1, 0.2, 0.3, 0.4, 5.0] };
        assert_eq!(counted("50 2000000 1 100 200 300 400 5000"), Some(wanted));
        assert_eq!(counted("50 2000000 1 100"), None);
        assert_eq!(counted("nan is no number"), None);
    }

    #[test]
    fn a_sample_counts_by_request() {
        let counted = counted("50 2000000 0 1 1 1 1 1").unwrap();
        let counters = Counters { commands: [("get".to_owned(), 50)].into(), bytes: 500, cpu: 0.001 };
        let sample = sample(&counted, 0.005, &counters);
        assert_eq!((sample.rate, sample.bytes), (25.0, 10.0));
        assert!((sample.cpu - 100.0).abs() < 1e-9 && (sample.redis_cpu - 20.0).abs() < 1e-9);
        assert_eq!(sample.commands, [("get".to_owned(), 1.0)]);
    }
}
