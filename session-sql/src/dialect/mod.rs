//! What differs between the databases, and nothing else: the texts of the statements, how values go in and rows come out, and
//! what an error means. The work itself is done once, in `driver.rs`, `migrations.rs` and `backend.rs`.

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod url;

use std::fmt::Write as _;
use std::future::{Future, ready};

use sqlx::Database;
use sqlx::error::DatabaseError;
use sqlx::query::Query;

use crate::error::Fault;
use crate::flask::Words;
use crate::statement::{Statement, Value};

/// One database's way of saying things.
pub(crate) trait Dialect: Database {
    /// Whether it is a server, which may be away when the program starts.
    const IS_SERVER: bool = false;
    /// The largest record that it takes, where that is less than the library's own limit.
    const MAX_PAYLOAD: Option<usize> = None;
    /// The statements on sessions.
    const SESSIONS: Templates;
    /// The statements on the forms of the tables.
    const SCHEMA: SchemaTemplates;
    /// What makes the table's form 1, then 2, and so on: a form that was released is never edited, only followed.
    const FORMS: &'static [&'static [&'static str]];
    /// The words for the table that Flask-Session has.
    const FLASK: Words;

    /// A name between this database's quotes.
    fn quoted(name: &str) -> String;

    /// Writes the placeholder of the `position`-th value, counted from 1.
    fn placeholder(position: usize, sql: &mut String);

    /// Adds a value to a query.
    fn bind<'q>(query: Query<'q, Self, Self::Arguments>, value: Value<'_>) -> Query<'q, Self, Self::Arguments>;

    /// Writes a value into a statement's text. Nothing in it may be able to end the literal: text and bytes are hexadecimal digits.
    fn literal(value: Value<'_>, sql: &mut String) {
        match value {
            Value::Text(None) => sql.push_str("NULL"),
            Value::Text(Some(text)) | Value::Collated(text) => {
                hexadecimal("convert_from(decode('", text.as_bytes(), "','hex'),'UTF8')", sql)
            }
            Value::Bytes(bytes) => hexadecimal("decode('", bytes, "','hex')", sql),
            Value::Number(number) => sql.push_str(&number.to_string()),
        }
    }

    /// What a new connection of ours is told first.
    fn opened(_: &mut Self::Connection) -> impl Future<Output = sqlx::Result<()>> + Send {
        ready(Ok(()))
    }

    /// How many rows a statement has written.
    fn written(result: &Self::QueryResult) -> u64;

    /// Reads a row of [`Templates::get`].
    fn row(row: &Self::Row) -> sqlx::Result<Row>;

    /// Reads the one number of a row.
    fn number(row: &Self::Row) -> sqlx::Result<i64>;

    /// What an error of this database means.
    fn fault(error: &dyn DatabaseError) -> Fault;
}

fn hexadecimal(before: &str, bytes: &[u8], after: &str, sql: &mut String) {
    sql.push_str(before);
    sql.reserve(2 * bytes.len() + after.len());
    for byte in bytes {
        // Nothing can go wrong in a string.
        let _ = write!(sql, "{byte:02x}");
    }
    sql.push_str(after);
}

/// The statements on sessions; `{table}` and `:names` as in [`Statement::new`].
///
/// A row is *live* where its deadline is ahead and it names no successor. Each write is one statement, so that a call that is
/// given up leaves no transaction behind, and it writes no row exactly where the promise says that it must not write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Templates {
    /// Version, deadline, successor and payload of an unexpired row; a payload beyond what is ever written is NULL.
    pub(crate) get: &'static str,
    /// The same without the payload: what stood in a write's way.
    pub(crate) peek: &'static str,
    /// A new row, where there is none or, unless there is `renew`, an expired one.
    pub(crate) insert: &'static str,
    /// A new row in place of an expired one, where `insert` cannot write that. Default: none.
    pub(crate) renew: Option<&'static str>,
    /// Another version instead of the one seen.
    pub(crate) swap: &'static str,
    /// A later deadline for the version seen.
    pub(crate) touch: &'static str,
    /// The row with the version seen goes.
    pub(crate) remove: &'static str,
    /// The row goes, whatever its version.
    pub(crate) end: &'static str,
    /// The new row and the marker in place of the version seen, together.
    pub(crate) rename: &'static str,
    /// Expired rows go, the oldest first.
    pub(crate) sweep: &'static str,
}

/// The statements on the forms of the tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SchemaTemplates {
    /// Begins a transaction that, but for `lock`, lets no other process migrate.
    pub(crate) begin: &'static str,
    /// Keeps other processes out; answers with a 1.
    pub(crate) lock: Option<&'static str>,
    /// Lets them in again, where the end of the transaction does not.
    pub(crate) unlock: Option<&'static str>,
    /// How many tables of the forms there are. Asked first: making one takes a privilege that a program may well lack.
    pub(crate) known: &'static str,
    /// Makes the table of the forms, if it is missing.
    pub(crate) create: &'static str,
    /// Enters a table with form 0, if it is missing.
    pub(crate) enter: &'static str,
    /// The form of a table.
    pub(crate) form: &'static str,
    /// How many things have the table's name.
    pub(crate) taken: &'static str,
    /// Writes a table's form down.
    pub(crate) write: &'static str,
}

/// The statements for one table, built once.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) get: Statement,
    pub(crate) peek: Statement,
    pub(crate) insert: Statement,
    pub(crate) renew: Option<Statement>,
    pub(crate) swap: Statement,
    pub(crate) touch: Statement,
    pub(crate) remove: Statement,
    pub(crate) end: Statement,
    pub(crate) rename: Statement,
    pub(crate) sweep: Statement,
}

impl Statements {
    pub(crate) fn new<D: Dialect>(table: &str) -> Self {
        let Templates { get, peek, insert, renew, swap, touch, remove, end, rename, sweep } = D::SESSIONS;
        let statement = |template| Statement::new::<D>(template, table);
        Statements {
            get: statement(get),
            peek: statement(peek),
            insert: statement(insert),
            renew: renew.map(statement),
            swap: statement(swap),
            touch: statement(touch),
            remove: statement(remove),
            end: statement(end),
            rename: statement(rename),
            sweep: statement(sweep),
        }
    }
}

/// A row as it is stored.
pub(crate) struct Row {
    pub(crate) version: Vec<u8>,
    pub(crate) deadline: i64,
    pub(crate) successor: Option<String>,
    pub(crate) payload: Option<Vec<u8>>,
}
