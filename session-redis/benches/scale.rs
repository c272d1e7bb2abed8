//! What a million sessions cost: `cargo bench -p session-redis --bench scale` (a minute, 1 GB of memory; `-- --quick` with less).
//!
//! Prints Markdown; its last output is kept in `docs/measurements/redis.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use redis::aio::MultiplexedConnection;
use session_core::{CookieAction, SessionConfig, Sessions};
use session_redis::{RedisStore, redis};
use session_testkit::server::RedisServer;

/// Sessions that are measured.
const SAMPLE: usize = 300;
const ROUNDS: usize = 10;
/// Sessions that one command makes.
const BATCH: usize = 10_000;

/// Makes sessions of the library's own shape: keys of its length, a head of 25 bytes, records of 300. ARGV: a name, the first and
/// the last number, the moment at which all of them expire in milliseconds.
const FILL: &str = "
    local value = 'L' .. string.rep('v', 16) .. string.rep('d', 8) .. string.rep('p', 300)
    for n = tonumber(ARGV[2]), tonumber(ARGV[3]) do
        redis.call('SET', string.format('session:%s%030d', ARGV[1], n), value, 'PXAT', ARGV[4])
    end";

/// A server with many sessions, and some that are used.
struct Place {
    _server: RedisServer,
    count: usize,
    sessions: Sessions,
    connection: MultiplexedConnection,
    tokens: Vec<String>,
    loads: Vec<Duration>,
    swaps: Vec<Duration>,
}

impl Place {
    async fn with(count: usize) -> Self {
        let server = RedisServer::private(&[]);
        let store = RedisStore::connect(server.url()).await.unwrap();
        let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
        let client = redis::Client::open(server.url()).unwrap();
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(60)));
        let connection = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
        let (tokens, loads, swaps) = (Vec::new(), Vec::new(), Vec::new());
        let mut place = Place { _server: server, count, sessions, connection, tokens, loads, swaps };
        place.fill("stays-------", count, Duration::from_secs(86_400)).await;
        place.begin_sample().await;
        place
    }

    async fn fill(&mut self, name: &str, count: usize, life: Duration) {
        let end = (SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + life).as_millis().to_string();
        let script = redis::Script::new(FILL);
        for first in (0..count).step_by(BATCH) {
            let last = (first + BATCH).min(count) - 1;
            let mut call = script.prepare_invoke();
            call.arg(name).arg(first).arg(last).arg(&end);
            call.invoke_async::<()>(&mut self.connection).await.unwrap();
        }
    }

    async fn begin_sample(&mut self) {
        for n in 0..SAMPLE {
            let session = self.sessions.fresh();
            session.set("fill", "x".repeat(250)).unwrap();
            session.set("n", n).unwrap();
            let CookieAction::Set { token, .. } = self.sessions.commit(&session).await.cookie else { panic!("stored") };
            self.tokens.push(token.expose().to_owned());
        }
    }

    /// One load and one swap of every session of the sample.
    async fn measure(&mut self) {
        for token in &self.tokens {
            let start = Instant::now();
            let session = self.sessions.open([token.as_str()]).await.unwrap();
            self.loads.push(start.elapsed());
            session.update("n", |n: Option<usize>| n.unwrap_or(0) + 1).unwrap();
            let start = Instant::now();
            self.sessions.commit(&session).await.result.unwrap();
            self.swaps.push(start.elapsed());
        }
    }

    /// A load and a swap.
    async fn request(&self, n: usize) -> Duration {
        let start = Instant::now();
        let session = self.sessions.open([self.tokens[n % SAMPLE].as_str()]).await.unwrap();
        session.update("n", |n: Option<usize>| n.unwrap_or(0) + 1).unwrap();
        self.sessions.commit(&session).await.result.unwrap();
        start.elapsed()
    }

    /// How many keys the server has.
    async fn size(&mut self) -> usize {
        redis::cmd("DBSIZE").query_async(&mut self.connection).await.unwrap()
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The time below which this share of the sample lies.
fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = ((times.len() - 1) as f64 * share) as usize;
    micros(times[at])
}

fn row(name: &str, small: &mut [Duration], large: &mut [Duration]) {
    let (a, b) = (percentile(small, 0.5), percentile(large, 0.5));
    let (c, d) = (percentile(small, 0.99), percentile(large, 0.99));
    println!("| {name} | {a:.0} | {b:.0} | {:.2} | {c:.0} | {d:.0} |", b / a);
}

async fn compare(small: &mut Place, large: &mut Place) {
    for _ in 0..ROUNDS {
        small.measure().await;
        large.measure().await;
    }
    println!("\n## Load and swap, {} and {} sessions, interleaved\n", small.count, large.count);
    println!("| operation | p50 µs, small | p50 µs, large | ratio | p99 µs, small | p99 µs, large |");
    println!("|---|---|---|---|---|---|");
    row("load", &mut small.loads, &mut large.loads);
    row("swap", &mut small.swaps, &mut large.swaps);
}

/// Requests go on while the server removes what has expired.
async fn expire(place: &mut Place, expired: usize) {
    place.fill("goes--------", expired, Duration::from_secs(20)).await;
    let full = place.size().await;
    assert!(full >= place.count + expired, "filled before they expire");
    let (mut before, mut during) = (Vec::new(), Vec::new());
    let mut began = None;
    for n in 0.. {
        let time = place.request(n).await;
        // Asked now and then: that is a round trip, too.
        if n % 100 == 0 {
            let left = place.size().await;
            if left < full && began.is_none() {
                began = Some(Instant::now());
            }
            if left <= place.count + SAMPLE {
                break;
            }
        }
        if began.is_some() { during.push(time) } else { before.push(time) }
    }
    let took = began.expect("they expired").elapsed();
    println!("\n## {expired} sessions that expire at the same moment, while requests go on\n");
    println!("Removed by the server in {:.1} s. Requests (load and swap), one after the other:\n", took.as_secs_f64());
    println!("| | requests | p50 µs | p99 µs | longest µs |\n|---|---|---|---|---|");
    for (name, times) in [("before", &mut before), ("meanwhile", &mut during)] {
        let [p50, p99, longest] = [0.5, 0.99, 1.0].map(|share| percentile(times, share));
        println!("| {name} | {} | {p50:.0} | {p99:.0} | {longest:.0} |", times.len());
    }
}

#[tokio::main]
async fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (few, many, expired) = if quick { (1_000, 20_000, 10_000) } else { (10_000, 1_000_000, 500_000) };
    println!(
        "# Redis\n\n`cargo bench -p session-redis --bench scale`; one process, one server on loopback that writes nothing to disk."
    );
    let (mut small, mut large) = (Place::with(few).await, Place::with(many).await);
    compare(&mut small, &mut large).await;
    expire(&mut large, expired).await;
}
