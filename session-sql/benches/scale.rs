//! What a large table costs: `cargo bench -p session-sql --bench scale` (half a minute, 2 GB of disk; `-- --quick` with less).
//!
//! Prints Markdown; its last output is kept in `docs/measurements/sqlite.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::Path;
use std::time::{Duration, Instant};

use session_core::{CookieAction, SessionConfig, Sessions};
use session_sql::{SqlConfig, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Row};

/// Sessions that are measured, spread over the table.
const SAMPLE: usize = 300;
const ROUNDS: usize = 5;
/// Later than any deadline that the library gives.
const FAR: u64 = 4_000_000_000_000;

/// A database with many sessions, and some that are used.
struct Table {
    rows: usize,
    store: SqlStore,
    sessions: Sessions,
    tokens: Vec<String>,
    pool: SqlitePool,
    loads: Vec<Duration>,
    swaps: Vec<Duration>,
}

impl Table {
    async fn with(folder: &Path, rows: usize) -> Self {
        let file = folder.join(format!("{rows}.sqlite3"));
        let config = SqlConfig::new(format!("sqlite://{}", file.display())).sweep_interval(Duration::from_secs(86_400));
        let store = SqlStore::connect_with(config).await.unwrap();
        let sessions = Sessions::new(store.clone(), SessionConfig::default()).unwrap();
        let options = SqliteConnectOptions::new().filename(&file).journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePool::connect_with(options.synchronous(SqliteSynchronous::Normal)).await.unwrap();
        let mut table = Table { rows, store, sessions, tokens: Vec::new(), pool, loads: Vec::new(), swaps: Vec::new() };
        // Filled around the sample, so that it is not all on the last pages.
        table.fill(rows / 2, FAR).await;
        table.begin_sample().await;
        table.fill(rows - rows / 2, FAR).await;
        table
    }

    /// Rows of the library's own shape: keys of its length, records of 300 bytes.
    async fn fill(&self, rows: usize, deadline: u64) {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
             INSERT INTO sessions (key, version, deadline, successor, payload) \
             SELECT 'session:' || substr(hex(randomblob(22)), 1, 43), randomblob(16), {deadline}, NULL, randomblob(300) FROM n"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
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

    async fn plan(&self, sql: &str) -> String {
        let plan = format!("EXPLAIN QUERY PLAN {sql}");
        let rows = sqlx::query(AssertSqlSafe(plan)).fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
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

async fn compare(small: &mut Table, large: &mut Table) {
    for _ in 0..ROUNDS {
        small.measure().await;
        large.measure().await;
    }
    println!("\n## Load and swap, {} and {} sessions, interleaved\n", small.rows, large.rows);
    println!("| operation | p50 µs, small | p50 µs, large | ratio | p99 µs, small | p99 µs, large |");
    println!("|---|---|---|---|---|---|");
    row("load", &mut small.loads, &mut large.loads);
    row("swap", &mut small.swaps, &mut large.swaps);
}

async fn plans(table: &Table) {
    println!("\n## Query plans\n");
    for (name, sql) in [
        ("load", "SELECT version FROM sessions WHERE key = 'k' AND deadline > 1"),
        ("swap", "UPDATE sessions SET deadline = 1 WHERE key = 'k' AND version = x'00' AND deadline > 1"),
        ("sweep", "SELECT rowid FROM sessions WHERE deadline <= 1 ORDER BY deadline LIMIT 200"),
    ] {
        let plan = table.plan(sql).await;
        assert!(plan.contains("USING") && plan.contains("INDEX"), "{plan}");
        println!("* {name}: `{plan}`");
    }
}

/// Requests go on while expired rows are removed.
async fn sweep(table: &Table, expired: usize) {
    table.fill(expired, 1).await;
    let store = table.store.clone();
    let start = Instant::now();
    let sweep = tokio::spawn(async move { store.sweep().await.unwrap() });
    let mut times = Vec::new();
    while !sweep.is_finished() {
        let token = &table.tokens[times.len() % SAMPLE];
        let begun = Instant::now();
        let session = table.sessions.open([token.as_str()]).await.unwrap();
        session.update("n", |n: Option<usize>| n.unwrap_or(0) + 1).unwrap();
        table.sessions.commit(&session).await.result.unwrap();
        times.push(begun.elapsed());
    }
    let (swept, took, requests) = (sweep.await.unwrap(), start.elapsed(), times.len());
    assert_eq!(swept, expired);
    println!("\n## A sweep of {expired} expired rows while requests go on\n");
    println!(
        "{swept} rows in {:.1} s; meanwhile {requests} requests (load and swap), one after the other: ",
        took.as_secs_f64()
    );
    let (p50, p99) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
    println!("p50 {p50:.0} µs, p99 {p99:.0} µs, longest {:.0} µs.", percentile(&mut times, 1.0));
}

#[tokio::main]
async fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (few, many, expired) = if quick { (1_000, 20_000, 10_000) } else { (10_000, 1_000_000, 500_000) };
    let folder = tempfile::tempdir().unwrap();
    println!("# SQLite\n\n`cargo bench -p session-sql --bench scale`; one process, WAL, synchronous = NORMAL.");
    let (mut small, mut large) = (Table::with(folder.path(), few).await, Table::with(folder.path(), many).await);
    compare(&mut small, &mut large).await;
    plans(&large).await;
    sweep(&large, expired).await;
}
