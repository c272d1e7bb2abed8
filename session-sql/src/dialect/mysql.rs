//! MariaDB, and MySQL, which is not tested: only statements that both are documented to take.

use std::str::FromStr;

use session_core::{Error, Result};
use sqlx::error::DatabaseError;
use sqlx::mysql::{
    MySql, MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlPool, MySqlQueryResult,
    MySqlRow,
};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Executor, Row as _};

use super::{Dialect, Row, SchemaTemplates, Templates, url};
use crate::config::SqlConfig;
use crate::connections::Connections;
use crate::driver::{Pools, Source};
use crate::error::Fault;
use crate::flask::{self, Words};
use crate::statement::{Sending, Value};

impl Dialect for MySql {
    const IS_SERVER: bool = true;

    // A statement of 16 MiB or more is refused by a server with MariaDB's default `max_allowed_packet`.
    const MAX_PAYLOAD: Option<usize> = Some(15 * 1024 * 1024);

    // Everything is bytes, so that nothing compares without case. A row that was found counts as written, also where it stays as
    // it is.
    const SESSIONS: Templates = Templates {
        // No record is larger than 16 MiB; what is was planted, and is not even sent.
        get: "SELECT version, deadline, successor, CASE WHEN length(payload) <= 16777216 THEN payload END \
              FROM {table} WHERE `key` = :key AND deadline > :now",
        peek: "SELECT version, deadline, successor, x'' FROM {table} WHERE `key` = :key AND deadline > :now",
        // ON DUPLICATE KEY UPDATE knows no WHERE, and says "1" for a new row as for one that it leaves alone.
        insert: "INSERT INTO {table} (`key`, version, deadline, successor, payload) \
                 VALUES (:key, :version, :deadline, NULL, :payload)",
        renew: Some(
            "UPDATE {table} SET version = :version, deadline = :deadline, successor = NULL, payload = :payload \
             WHERE `key` = :key AND deadline <= :now",
        ),
        swap: "UPDATE {table} SET version = :version, deadline = :deadline, successor = :successor, payload = :payload \
               WHERE `key` = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        touch: "UPDATE {table} SET deadline = greatest(deadline, :deadline) \
                WHERE `key` = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        remove: "DELETE FROM {table} WHERE `key` = :key AND version = :seen AND deadline > :now AND successor IS NULL",
        end: "DELETE FROM {table} WHERE `key` = :key AND deadline > :now AND successor IS NULL",
        // The old row is locked first: of two that rename it, the second one waits, finds another version, and writes nothing.
        rename: "INSERT INTO {table} (`key`, version, deadline, successor, payload) \
                 SELECT IF(one.n = 1, :to, :key), :version, IF(one.n = 1, :deadline, :until), \
                 IF(one.n = 1, NULL, :to), IF(one.n = 1, :payload, x'') \
                 FROM (SELECT 1 AS n UNION ALL SELECT 2) AS one JOIN {table} AS seen \
                 ON seen.`key` = :key AND seen.version = :seen AND seen.deadline > :now AND seen.successor IS NULL \
                 LEFT JOIN {table} AS other FORCE INDEX (PRIMARY) ON other.`key` = :to AND other.deadline > :now \
                 WHERE other.`key` IS NULL FOR UPDATE \
                 ON DUPLICATE KEY UPDATE version = VALUES(version), deadline = VALUES(deadline), \
                 successor = VALUES(successor), payload = VALUES(payload)",
        sweep: "DELETE FROM {table} WHERE deadline <= :now ORDER BY deadline LIMIT :limit",
    };

    const SCHEMA: SchemaTemplates = SchemaTemplates {
        begin: "BEGIN",
        // A statement that makes a table ends the transaction: the lock is the connection's own.
        lock: Some("SELECT GET_LOCK('session_schema', 3)"),
        unlock: Some("SELECT RELEASE_LOCK('session_schema')"),
        known: "SELECT count(*) FROM information_schema.tables \
                WHERE table_schema = database() AND table_name = 'session_schema'",
        create: "CREATE TABLE session_schema (name VARBINARY(64) NOT NULL PRIMARY KEY, form BIGINT NOT NULL) \
                 ENGINE = InnoDB",
        enter: "INSERT INTO session_schema (name, form) VALUES (:table, 0) ON DUPLICATE KEY UPDATE form = form",
        form: "SELECT form FROM session_schema WHERE name = :table",
        // One of ours may be there with no form written down, where a migration was killed between the two.
        taken: "SELECT count(*) FROM information_schema.tables \
                WHERE table_schema = database() AND table_name = :table AND table_comment <> 'web sessions'",
        write: "UPDATE session_schema SET form = :form WHERE name = :table",
    };

    const FORMS: &'static [&'static [&'static str]] = &[&[
        "CREATE TABLE IF NOT EXISTS {table} (`key` VARBINARY(255) NOT NULL PRIMARY KEY, version VARBINARY(16) NOT NULL, \
         deadline BIGINT NOT NULL, successor VARBINARY(255), payload LONGBLOB NOT NULL, KEY deadline (deadline)) \
         ENGINE = InnoDB COMMENT = 'web sessions'",
    ]];

    const FLASK: Words = flask::mysql::WORDS;

    fn quoted(name: &str) -> String {
        format!("`{name}`")
    }

    fn placeholder(_: usize, sql: &mut String) {
        sql.push('?');
    }

    fn bind<'q>(query: Query<'q, Self, MySqlArguments>, value: Value<'_>) -> Query<'q, Self, MySqlArguments> {
        match value {
            Value::Text(text) => query.bind(text.map(|text| text.as_bytes().to_vec())),
            Value::Collated(text) => query.bind(text.to_owned()),
            Value::Bytes(bytes) => query.bind(bytes.to_vec()),
            Value::Number(number) => query.bind(number),
        }
    }

    /// With what is MySQL's default, a statement that looks for a row that is not there locks the gap where it would be: of two
    /// logins at the same time, one would be refused as a deadlock.
    async fn opened(connection: &mut MySqlConnection) -> sqlx::Result<()> {
        connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await.map(drop)
    }

    fn written(result: &MySqlQueryResult) -> u64 {
        result.rows_affected()
    }

    fn row(row: &MySqlRow) -> sqlx::Result<Row> {
        let successor: Option<Vec<u8>> = row.try_get(2)?;
        let successor = successor.map(String::from_utf8).transpose();
        Ok(Row {
            version: row.try_get(0)?,
            deadline: row.try_get(1)?,
            successor: successor.map_err(|error| sqlx::Error::Decode(error.utf8_error().into()))?,
            payload: row.try_get(3)?,
        })
    }

    fn number(row: &MySqlRow) -> sqlx::Result<i64> {
        row.try_get(0)
    }

    /// The numbers are those of <https://mariadb.com/kb/en/mariadb-error-code-reference/>.
    fn fault(error: &dyn DatabaseError) -> Fault {
        let number = error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number);
        match number.unwrap_or_default() {
            1045 | 1698 => Fault::setup("it refuses the user or the password", "correct the URL"),
            1049 => Fault::setup("there is no such database", "create it, or name another one"),
            1046 => Fault::setup("the URL names no database", "write mysql://USER:PASSWORD@HOST:3306/DATABASE"),
            1044 | 1142 | 1143 | 1227 | 1370 => {
                Fault::setup("its user lacks a privilege", "grant what the README of session-sql lists")
            }
            1213 => Fault::Contended,
            // Too many connections, memory or disk full, shutting down, packets lost, interrupted, a lock not had,
            // a replica that only answers reads, killed.
            1021
            | 1037
            | 1038
            | 1040
            | 1041
            | 1053
            | 1077
            | 1114
            | 1129
            | 1152
            | 1156..=1161
            | 1184
            | 1203
            | 1205
            | 1226
            | 1290
            | 1317
            | 1792
            | 1836
            | 1927
            | 1969
            | 3024
            | 3032
            | 4031 => Fault::Away,
            _ => Fault::Refused,
        }
    }
}

/// Settings of a URL that are about the connection alone.
const KNOWN: &[&str] = &["ssl-mode", "sslmode", "ssl-ca", "ssl-cert", "ssl-key", "socket"];

/// The connections for a configuration, with nothing opened yet.
pub(crate) fn open(config: &SqlConfig) -> Result<Pools<MySql>> {
    const SHAPE: &str =
        "write mysql://USER:PASSWORD@HOST:3306/DATABASE, with %XX for what is neither letter nor digit in a password";
    url::check(&config.url, KNOWN, SHAPE)?;
    if config.transaction_pooler {
        let fix = "leave it out; it is about poolers of PostgreSQL";
        return Err(Error::config("transaction_pooler", "MariaDB has none", fix));
    }
    let wrong = |_| Error::config("url", "it is no URL of a MariaDB database", SHAPE);
    let options = MySqlConnectOptions::from_str(&config.url).map_err(wrong)?;
    let name = url::name(options.get_host(), options.get_port(), options.get_database());
    let options = options.disable_statement_logging();
    let connections = Connections::new(options, config.max_connections, config.acquire_timeout);
    let (writer, readers) = (Source::Server(connections.clone()), Source::Server(connections));
    Ok(Pools { writer, readers, sending: Sending::Prepared, patience: Some(config.store.call_timeout), name })
}

/// A pool that somebody has.
pub(crate) fn pools(pool: MySqlPool, config: &SqlConfig) -> Pools<MySql> {
    let (writer, readers) = (Source::Pool(pool.clone()), Source::Pool(pool));
    let patience = Some(config.store.call_timeout);
    Pools { writer, readers, sending: Sending::Prepared, patience, name: "the database".into() }
}

#[cfg(test)]
mod tests;
