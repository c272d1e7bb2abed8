//! What a large table costs: `cargo bench -p session-sql --all-features --bench scale` (half a minute, 2 GB of disk; `-- --quick` with less).
//!
//! With `-- --url postgres://USER@HOST/DATABASE` on a PostgreSQL server instead, in tables of that database that are dropped first.
//! Prints Markdown; its last output is kept in `docs/measurements/`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::Path;
use std::time::{Duration, Instant};

use session_core::{CookieAction, SessionConfig, Sessions};
use session_sql::{SqlConfig, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, Row};

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
    side: Side,
    loads: Vec<Duration>,
    swaps: Vec<Duration>,
}

/// The same database as another program sees it: to fill it, and to ask for plans.
enum Side {
    Sqlite(SqlitePool),
    Postgres(PgPool, String),
}

impl Side {
    async fn sqlite(file: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Wal);
        let options = options.synchronous(SqliteSynchronous::Normal).create_if_missing(true);
        Side::Sqlite(SqlitePool::connect_with(options).await.unwrap())
    }

    async fn postgres(url: &str, table: &str) -> Self {
        let pool = PgPool::connect(url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}"))).execute(&pool).await.unwrap();
        let known = sqlx::query("SELECT 1 FROM pg_class WHERE oid = to_regclass('session_schema')");
        if known.fetch_optional(&pool).await.unwrap().is_some() {
            let forget = "DELETE FROM session_schema WHERE name = $1";
            sqlx::query(forget).bind(table).execute(&pool).await.unwrap();
        }
        Side::Postgres(pool, table.into())
    }

    /// Rows of the library's own shape: keys of its length, records of 300 bytes.
    async fn fill(&self, rows: usize, deadline: u64) {
        match self {
            Side::Sqlite(pool) => {
                let sql = format!(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
                     INSERT INTO sessions (key, version, deadline, successor, payload) \
                     SELECT 'session:' || substr(hex(randomblob(22)), 1, 43), randomblob(16), {deadline}, NULL, \
                     randomblob(300) FROM n"
                );
                sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Side::Postgres(pool, table) => {
                let sql = format!(
                    "INSERT INTO {table} (key, version, deadline, successor, payload) \
                     SELECT 'session:' || left(encode(sha256(random()::text::bytea), 'hex'), 43), \
                     decode(md5(random()::text), 'hex'), {deadline}, NULL, \
                     decode((SELECT string_agg(md5(random()::text || i || j), '') FROM generate_series(1, 19) AS m(j)), 'hex') \
                     FROM generate_series(1, {rows}) AS n(i); ANALYZE {table}"
                );
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }

    /// How the database would carry a statement out, on one line.
    async fn plan(&self, sql: &str) -> String {
        match self {
            Side::Sqlite(pool) => {
                let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let rows = sqlx::query(plan).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
            }
            Side::Postgres(pool, _) => {
                let rows =
                    sqlx::query(AssertSqlSafe(format!("EXPLAIN (COSTS OFF) {sql}"))).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0).trim().to_owned()).collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// The statements whose plans are shown.
    fn statements(&self) -> [(&'static str, String); 3] {
        let (table, none) = match self {
            Side::Sqlite(_) => ("sessions", "x'00'"),
            Side::Postgres(_, table) => (table.as_str(), "'\\x00'"),
        };
        let sweep = match self {
            Side::Sqlite(_) => "SELECT rowid FROM sessions WHERE deadline <= 1 ORDER BY deadline LIMIT 200".to_owned(),
            Side::Postgres(..) => format!(
                "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE deadline <= 1 \
                 ORDER BY deadline LIMIT 200 FOR UPDATE SKIP LOCKED))"
            ),
        };
        let (by_key, alive) = ("key = 'k'", "deadline > 1");
        [
            ("load", format!("SELECT version FROM {table} WHERE {by_key} AND {alive}")),
            ("swap", format!("UPDATE {table} SET deadline = 1 WHERE {by_key} AND version = {none} AND {alive}")),
            ("sweep", sweep),
        ]
    }
}

impl Table {
    /// In a file of this folder, or on a server.
    async fn with(folder: &Path, url: Option<&str>, rows: usize) -> Self {
        let (name, file) = (format!("sessions_{rows}"), folder.join(format!("{rows}.sqlite3")));
        let (config, side) = match url {
            Some(url) => (SqlConfig::new(url).table(&name), Side::postgres(url, &name).await),
            None => (SqlConfig::new(format!("sqlite://{}", file.display())), Side::sqlite(&file).await),
        };
        let config = config.sweep_interval(Duration::from_secs(86_400));
        let store = SqlStore::connect_with(config).await.unwrap();
        let sessions = Sessions::new(store.clone(), SessionConfig::default()).unwrap();
        let mut table = Table { rows, store, sessions, tokens: Vec::new(), side, loads: Vec::new(), swaps: Vec::new() };
        // Filled around the sample, so that it is not all on the last pages.
        table.side.fill(rows / 2, FAR).await;
        table.begin_sample().await;
        table.side.fill(rows - rows / 2, FAR).await;
        table
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
    for (name, sql) in table.side.statements() {
        let plan = table.side.plan(&sql).await;
        assert!(plan.contains("INDEX") || plan.contains("Index"), "{plan}");
        println!("* {name}: `{plan}`");
    }
}

/// Requests go on while expired rows are removed.
async fn sweep(table: &Table, expired: usize) {
    table.side.fill(expired, 1).await;
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
    let url = std::env::args().skip_while(|argument| argument != "--url").nth(1);
    let folder = tempfile::tempdir().unwrap();
    match &url {
        None => println!(
            "# SQLite\n\n`cargo bench -p session-sql --all-features --bench scale`; one process, WAL, synchronous = NORMAL."
        ),
        Some(_) => println!(
            "# PostgreSQL\n\n`cargo bench -p session-sql --all-features --bench scale -- --url …`; one process."
        ),
    }
    let mut small = Table::with(folder.path(), url.as_deref(), few).await;
    let mut large = Table::with(folder.path(), url.as_deref(), many).await;
    compare(&mut small, &mut large).await;
    plans(&large).await;
    sweep(&large, expired).await;
}
