//! Loads and writes in a large SQLite table, beside plain statements on the same file.

use std::path::Path;
use std::time::Duration;

use session_core::{SessionConfig, Sessions};
use session_sql::{SqlConfig, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Row};

use crate::{Result, app, cpu};

/// Sessions that are used, among all the others.
const SAMPLE: usize = 300;
/// Later than any deadline that the library gives.
const FAR: u64 = 4_000_000_000_000;

pub(crate) async fn all(rows: usize, folder: &Path, quick: bool) -> Result<()> {
    let table = Table::with(rows, folder).await?;
    let rounds = if quick { 3 } else { 9 };
    let mut costs = [vec![], vec![], vec![], vec![]];
    for _ in 0..rounds {
        costs[0].push(each(table.read()).await?);
        costs[1].push(each(table.raw_read()).await?);
        costs[2].push(each(table.write()).await?);
        costs[3].push(each(table.raw_write()).await?);
    }
    for (name, mut costs) in ["read", "raw read", "write", "raw write"].into_iter().zip(costs) {
        costs.sort_by(f64::total_cmp);
        println!("{name}|{rows}|{:.1}", costs[costs.len() / 2]);
    }
    Ok(())
}

/// Nanoseconds of CPU for each session of the sample.
async fn each(work: impl Future<Output = Result<()>>) -> Result<f64> {
    let before = cpu::nanoseconds()?;
    work.await?;
    Ok((cpu::nanoseconds()? - before) as f64 / SAMPLE as f64)
}

/// A database with many sessions, some of which are used.
struct Table {
    sessions: Sessions,
    tokens: Vec<String>,
    keys: Vec<String>,
    pool: SqlitePool,
}

impl Table {
    async fn with(rows: usize, folder: &Path) -> Result<Self> {
        let file = folder.join("sessions.sqlite3");
        let config = SqlConfig::new(format!("sqlite://{}", file.display())).sweep_interval(Duration::from_secs(86_400));
        let sessions = Sessions::new(SqlStore::connect_with(config).await?, SessionConfig::development())?;
        let options = SqliteConnectOptions::new().filename(&file).journal_mode(SqliteJournalMode::Wal);
        let options = options.synchronous(SqliteSynchronous::Normal).busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let mut table = Table { sessions, tokens: Vec::new(), keys: Vec::new(), pool };
        // Filled around the sample, so that it is not all on the last pages.
        table.fill(rows / 2).await?;
        for _ in 0..SAMPLE {
            table.tokens.push(app::begin(&table.sessions, 300).await?);
        }
        table.fill(rows - rows / 2).await?;
        table.keys = table.some_keys().await?;
        Ok(table)
    }

    /// Rows of the library's own shape: keys of its length, records of 300 bytes.
    async fn fill(&self, rows: usize) -> Result<()> {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
             INSERT INTO sessions (key, version, deadline, successor, payload) \
             SELECT 'session:' || substr(hex(randomblob(22)), 1, 43), randomblob(16), {FAR}, NULL, randomblob(340) FROM n"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&self.pool).await?;
        Ok(())
    }

    /// As many keys as the sample has, spread over the table.
    async fn some_keys(&self) -> Result<Vec<String>> {
        let sql = format!("SELECT key FROM sessions WHERE deadline = {FAR} ORDER BY version LIMIT {SAMPLE}");
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&self.pool).await?;
        Ok(rows.iter().cycle().take(SAMPLE).map(|row| row.get(0)).collect())
    }

    async fn read(&self) -> Result<()> {
        for token in &self.tokens {
            let session = self.sessions.open([token.as_str()]).await?;
            session.require::<u64>("n")?;
            self.sessions.commit(&session).await.result?;
        }
        Ok(())
    }

    async fn write(&self) -> Result<()> {
        for token in &self.tokens {
            let session = self.sessions.open([token.as_str()]).await?;
            session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1)?;
            self.sessions.commit(&session).await.result?;
        }
        Ok(())
    }

    async fn raw_read(&self) -> Result<()> {
        for key in &self.keys {
            self.select(key).await?;
        }
        Ok(())
    }

    async fn raw_write(&self) -> Result<()> {
        for key in &self.keys {
            let payload = self.select(key).await?;
            let update = sqlx::query("UPDATE sessions SET payload = ? WHERE key = ?");
            update.bind(payload).bind(key).execute(&self.pool).await?;
        }
        Ok(())
    }

    async fn select(&self, key: &str) -> Result<Vec<u8>> {
        let select = sqlx::query("SELECT version, deadline, payload FROM sessions WHERE key = ?");
        Ok(select.bind(key).fetch_one(&self.pool).await?.get("payload"))
    }
}
