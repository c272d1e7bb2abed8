//! SQLite.

mod place;

use std::time::Duration;

use session_core::Result;
use sqlx::error::DatabaseError;
use sqlx::query::Query;
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteQueryResult,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row as _};

use super::{Dialect, Row, SchemaTemplates, Templates};
use crate::config::{SqlConfig, Synchronous};
use crate::driver::{Pools, Source};
use crate::error::Fault;
use crate::flask::{self, Words};
use crate::statement::{Sending, Value};
use place::Place;

impl Dialect for Sqlite {
    const SESSIONS: Templates = Templates {
        // No record is larger than 16 MiB; what is was planted, and is not even read.
        get: "SELECT version, deadline, successor, CASE WHEN length(payload) <= 16777216 THEN payload END \
              FROM {table} WHERE key = :key AND deadline > :now",
        peek: "SELECT version, deadline, successor, x'' FROM {table} WHERE key = :key AND deadline > :now",
        insert: "INSERT INTO {table} (key, version, deadline, successor, payload) \
                 VALUES (:key, :version, :deadline, NULL, :payload) \
                 ON CONFLICT (key) DO UPDATE SET version = excluded.version, deadline = excluded.deadline, \
                 successor = NULL, payload = excluded.payload WHERE {table}.deadline <= :now",
        renew: None,
        swap: "UPDATE {table} SET version = :version, deadline = :deadline, successor = :successor, payload = :payload \
               WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        touch: "UPDATE {table} SET deadline = max(deadline, :deadline) \
                WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        remove: "DELETE FROM {table} WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        end: "DELETE FROM {table} WHERE key = :key AND deadline > :now AND successor IS NULL",
        // SQLite reads a table that it writes to the end before it writes the first row.
        rename: "WITH seen AS (SELECT 1 FROM {table} \
                 WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM {table} WHERE key = :to AND deadline > :now)) \
                 INSERT INTO {table} (key, version, deadline, successor, payload) \
                 SELECT :to, :version, :deadline, NULL, :payload FROM seen \
                 UNION ALL SELECT :key, :version, :until, :to, x'' FROM seen WHERE true \
                 ON CONFLICT (key) DO UPDATE SET version = excluded.version, deadline = excluded.deadline, \
                 successor = excluded.successor, payload = excluded.payload",
        sweep: "DELETE FROM {table} WHERE rowid IN \
                (SELECT rowid FROM {table} WHERE deadline <= :now ORDER BY deadline LIMIT :limit)",
    };

    const SCHEMA: SchemaTemplates = SchemaTemplates {
        // Not a plain BEGIN: one that reads first and writes later can be refused at once, without any patience.
        begin: "BEGIN IMMEDIATE",
        lock: None,
        unlock: None,
        known: "SELECT count(*) FROM sqlite_schema WHERE name = 'session_schema'",
        // SQLite's names of tables know no upper and lower case.
        create: "CREATE TABLE IF NOT EXISTS session_schema \
                 (name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, form INTEGER NOT NULL) STRICT",
        enter: "INSERT INTO session_schema (name, form) VALUES (:table, 0) ON CONFLICT (name) DO NOTHING",
        form: "SELECT form FROM session_schema WHERE name = :table",
        taken: "SELECT count(*) FROM sqlite_schema WHERE lower(name) = lower(:table)",
        write: "UPDATE session_schema SET form = :form WHERE name = :table",
    };

    const FORMS: &'static [&'static [&'static str]] = &[&[
        // Text compares as bytes (BINARY). With its rowid: without, records of more than some hundred bytes make the file
        // twice as large and a read three times as slow (measured with 1.5 KB).
        "CREATE TABLE {table} (key TEXT NOT NULL PRIMARY KEY, version BLOB NOT NULL, deadline INTEGER NOT NULL, \
         successor TEXT, payload BLOB NOT NULL) STRICT",
        "CREATE INDEX {index} ON {table} (deadline)",
    ]];

    const FLASK: Words = flask::sqlite::WORDS;

    fn quoted(name: &str) -> String {
        format!("\"{name}\"")
    }

    fn placeholder(_: usize, sql: &mut String) {
        sql.push('?');
    }

    fn bind<'q>(query: Query<'q, Self, SqliteArguments>, value: Value<'_>) -> Query<'q, Self, SqliteArguments> {
        match value {
            Value::Text(text) => query.bind(text),
            Value::Collated(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
            Value::Number(number) => query.bind(number),
        }
    }

    fn written(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }

    fn row(row: &SqliteRow) -> sqlx::Result<Row> {
        Ok(Row {
            version: row.try_get(0)?,
            deadline: row.try_get(1)?,
            successor: row.try_get(2)?,
            payload: row.try_get(3)?,
        })
    }

    fn number(row: &SqliteRow) -> sqlx::Result<i64> {
        row.try_get(0)
    }

    /// The names are those of <https://sqlite.org/rescode.html>; the low byte is the primary code.
    fn fault(error: &dyn DatabaseError) -> Fault {
        let code: u32 = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
        match code & 0xff {
            // BUSY, LOCKED, NOMEM, IOERR, FULL, PROTOCOL: it may be otherwise in a moment.
            5 | 6 | 7 | 10 | 13 | 15 => Fault::Away,
            8 => Fault::setup("it can only be read", "let this user write to the file and to its folder"),
            14 => Fault::setup("it cannot be opened", "let this user write to the file and to its folder"),
            11 => Fault::setup("the database is damaged", "bring back a copy, or name another file"),
            26 => Fault::setup("it is no SQLite database", "name another file"),
            _ => Fault::Refused,
        }
    }
}

/// The pools for a configuration, with nothing opened yet but, where it was missing, the file made.
pub(crate) fn open(config: &SqlConfig) -> Result<Pools<Sqlite>> {
    let place = Place::parse(&config.url)?;
    let options = options(&place, config);
    let Place::File(path) = &place else {
        // One connection for all: an in-memory database is the connection's own.
        let only = pool(config, 1, options);
        return Ok(pools(only.clone(), only, "the database in memory".into()));
    };
    place::create(path)?;
    let writer = options.clone().journal_mode(SqliteJournalMode::Wal).synchronous(match config.synchronous {
        Synchronous::Normal => SqliteSynchronous::Normal,
        Synchronous::Full => SqliteSynchronous::Full,
    });
    // After a great sweep the log would keep its size for ever.
    let writer = writer.pragma("journal_size_limit", "67108864");
    let readers = pool(config, config.max_readers, options.read_only(true));
    Ok(pools(pool(config, 1, writer), readers, format!("{path:?}")))
}

/// These two pools as a database.
pub(crate) fn pools(writer: SqlitePool, readers: SqlitePool, name: String) -> Pools<Sqlite> {
    let (writer, readers) = (Source::Pool(writer), Source::Pool(readers));
    Pools { writer, readers, sending: Sending::Prepared, patience: None, name }
}

fn options(place: &Place, config: &SqlConfig) -> SqliteConnectOptions {
    // A thread that waits for a lock longer than its caller does would keep the writer from all others.
    let patience = config.busy_timeout.min(config.store.call_timeout).min(Duration::from_secs(60));
    let options = match place {
        Place::File(path) => SqliteConnectOptions::new().filename(path),
        Place::Memory => SqliteConnectOptions::new().in_memory(true),
    };
    options.busy_timeout(patience).disable_statement_logging()
}

/// Connections stay open for good: a new one would only have to read the schema again.
fn pool(config: &SqlConfig, size: u32, options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(config.acquire_timeout)
        .acquire_slow_threshold(Duration::MAX)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

#[cfg(test)]
mod tests;
