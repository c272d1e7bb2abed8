//! PostgreSQL.

use std::str::FromStr;

use session_core::{Error, Result};
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgQueryResult, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Row as _};

use super::{Dialect, Row, SchemaTemplates, Templates, url};
use crate::config::SqlConfig;
use crate::connections::Connections;
use crate::driver::{Pools, Source};
use crate::error::Fault;
use crate::flask::{self, Words};
use crate::statement::{Sending, Value};

impl Dialect for Postgres {
    const IS_SERVER: bool = true;

    const SESSIONS: Templates = Templates {
        // No record is larger than 16 MiB; what is was planted, and is not even sent.
        get: "SELECT version, deadline, successor, CASE WHEN octet_length(payload) <= 16777216 THEN payload END \
              FROM {table} WHERE key = :key AND deadline > :now",
        peek: "SELECT version, deadline, successor, CAST('' AS bytea) FROM {table} WHERE key = :key AND deadline > :now",
        insert: "INSERT INTO {table} (key, version, deadline, successor, payload) \
                 VALUES (:key, :version, :deadline, NULL, :payload) \
                 ON CONFLICT (key) DO UPDATE SET version = excluded.version, deadline = excluded.deadline, \
                 successor = NULL, payload = excluded.payload WHERE {table}.deadline <= :now",
        renew: None,
        swap: "UPDATE {table} SET version = :version, deadline = :deadline, successor = :successor, payload = :payload \
               WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        touch: "UPDATE {table} SET deadline = greatest(deadline, :deadline) \
                WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        remove: "DELETE FROM {table} WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        end: "DELETE FROM {table} WHERE key = :key AND deadline > :now AND successor IS NULL",
        // The old row is locked first. Of two that rename it, the second one waits, finds another version, and writes nothing.
        rename: "WITH retired AS (UPDATE {table} \
                 SET version = :version, deadline = :until, successor = :to, payload = CAST('' AS bytea) \
                 WHERE key = :key AND version = :seen AND deadline > :now AND successor IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.key = :to AND other.deadline > :now) \
                 RETURNING 1) \
                 INSERT INTO {table} (key, version, deadline, successor, payload) \
                 SELECT :to, :version, :deadline, NULL, :payload FROM retired \
                 ON CONFLICT (key) DO UPDATE SET version = excluded.version, deadline = excluded.deadline, \
                 successor = NULL, payload = excluded.payload",
        // By place, so that no plan can read the whole table, and past what another process is sweeping or renewing.
        sweep: "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE deadline <= :now \
                ORDER BY deadline LIMIT :limit FOR UPDATE SKIP LOCKED))",
    };

    const SCHEMA: SchemaTemplates = SchemaTemplates {
        begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
        // It ends with the transaction, so that it works through a pooler, and nobody need own the table to take it.
        // CREATE TABLE IF NOT EXISTS alone fails where two do it at the same time.
        lock: Some("SELECT CAST(1 AS bigint) FROM pg_advisory_xact_lock(7161653711287334511)"),
        unlock: None,
        known: "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('session_schema')",
        create: "CREATE TABLE session_schema (name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, form BIGINT NOT NULL)",
        enter: "INSERT INTO session_schema (name, form) VALUES (:table, 0) ON CONFLICT (name) DO NOTHING",
        form: "SELECT form FROM session_schema WHERE name = :table",
        taken: "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('{table}')",
        write: "UPDATE session_schema SET form = :form WHERE name = :table",
    };

    const FORMS: &'static [&'static [&'static str]] = &[&[
        // Text that compares as bytes, whatever the database's collation.
        "CREATE TABLE {table} (key TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, version BYTEA NOT NULL, \
         deadline BIGINT NOT NULL, successor TEXT COLLATE \"C\", payload BYTEA NOT NULL)",
        // Without a name of ours: cut to 63 bytes, it could be the table's own.
        "CREATE INDEX ON {table} (deadline)",
    ]];

    const FLASK: Words = flask::postgres::WORDS;

    fn quoted(name: &str) -> String {
        format!("\"{name}\"")
    }

    fn placeholder(position: usize, sql: &mut String) {
        sql.push('$');
        sql.push_str(&position.to_string());
    }

    fn bind<'q>(query: Query<'q, Self, PgArguments>, value: Value<'_>) -> Query<'q, Self, PgArguments> {
        match value {
            Value::Text(text) => query.bind(text.map(str::to_owned)),
            Value::Collated(text) => query.bind(text.to_owned()),
            Value::Bytes(bytes) => query.bind(bytes.to_vec()),
            Value::Number(number) => query.bind(number),
        }
    }

    fn written(result: &PgQueryResult) -> u64 {
        result.rows_affected()
    }

    fn row(row: &PgRow) -> sqlx::Result<Row> {
        Ok(Row {
            version: row.try_get(0)?,
            deadline: row.try_get(1)?,
            successor: row.try_get(2)?,
            payload: row.try_get(3)?,
        })
    }

    fn number(row: &PgRow) -> sqlx::Result<i64> {
        row.try_get(0)
    }

    /// The codes are those of <https://www.postgresql.org/docs/current/errcodes-appendix.html>; the first two letters are a class.
    fn fault(error: &dyn DatabaseError) -> Fault {
        match error.code().as_deref().unwrap_or_default() {
            "28P01" | "28000" => Fault::setup("it refuses the user or the password", "correct the URL"),
            "3D000" => Fault::setup("there is no such database", "create it, or name another one"),
            "3F000" => {
                Fault::setup("there is no schema to create a table in", "create it, or set the user's search_path")
            }
            "42501" => Fault::setup("its user lacks a privilege", "grant what the README of session-sql lists"),
            // What was read has changed, a deadlock.
            "40001" | "40P01" => Fault::Contended,
            // Too many connections, shutting down or starting, a lock not had, a replica, a pooler without a server.
            code if ["08", "53", "57", "58", "40"].contains(&code.get(..2).unwrap_or_default()) => Fault::Away,
            "55P03" | "25006" | "XX000" => Fault::Away,
            _ => Fault::Refused,
        }
    }
}

/// Settings of a URL that are about the connection alone.
const KNOWN: &[&str] =
    &["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "user", "dbname", "application_name", "options"];

/// The connections for a configuration, with nothing opened yet.
pub(crate) fn open(config: &SqlConfig) -> Result<Pools<Postgres>> {
    const SHAPE: &str = "write postgres://USER:PASSWORD@HOST:5432/DATABASE, with %XX for what is neither letter nor digit in a password";
    url::check(&config.url, KNOWN, SHAPE)?;
    let wrong = |_| Error::config("url", "it is no URL of a PostgreSQL database", SHAPE);
    // A pooler refuses settings at the start that it does not know; nothing here is a float.
    let options = PgConnectOptions::from_str(&config.url).map_err(wrong)?.extra_float_digits(None);
    let name = url::name(options.get_host(), options.get_port(), options.get_database());
    let options = options.disable_statement_logging();
    let (sending, options) = match config.transaction_pooler {
        true => (Sending::Whole, options.statement_cache_capacity(0)),
        false => (Sending::Prepared, options),
    };
    let connections = Connections::new(options, config.max_connections, config.acquire_timeout);
    let (writer, readers) = (Source::Server(connections.clone()), Source::Server(connections));
    Ok(Pools { writer, readers, sending, patience: Some(config.store.call_timeout), name })
}

/// A pool that somebody has.
pub(crate) fn pools(pool: PgPool, config: &SqlConfig) -> Pools<Postgres> {
    let sending = if config.transaction_pooler { Sending::Whole } else { Sending::Prepared };
    let (writer, readers) = (Source::Pool(pool.clone()), Source::Pool(pool));
    Pools { writer, readers, sending, patience: Some(config.store.call_timeout), name: "the database".into() }
}

#[cfg(test)]
mod tests;
