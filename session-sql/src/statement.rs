//! A statement as text with named values, and the values.

use std::sync::Arc;

use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor, IntoArguments};

use crate::dialect::Dialect;

/// A statement for one table: the text that is sent, and which values it wants, in order.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Arc<str>,
    slots: Box<[Slot]>,
    /// What stands around the values: one piece more than there are slots.
    pieces: Box<[Box<str>]>,
}

/// How a statement goes to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// Prepared once on each connection, with bound values.
    Prepared,
    /// Whole, in one message, with the values in it: a pooler may send each message to another connection of its own.
    Whole,
}

impl Statement {
    /// Makes a statement of a template, in which `{table}` and `{index}` stand for the names and `:name` for a value.
    pub(crate) fn new<D: Dialect>(template: &str, table: &str) -> Self {
        let index = D::quoted(&format!("{table}_deadline"));
        let text = template.replace("{table}", &D::quoted(table)).replace("{index}", &index);
        let (mut slots, mut pieces) = (Vec::new(), Vec::<Box<str>>::new());
        let mut parts = text.split(':');
        pieces.push(parts.next().unwrap_or_default().into());
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            slots.extend(Slot::named(name));
            pieces.push(rest.into());
        }
        let sql = woven(&pieces, slots.iter().enumerate(), |(index, _), sql| D::placeholder(index + 1, sql));
        Statement { sql: sql.into(), slots: slots.into(), pieces: pieces.into() }
    }

    /// Sends the statement; says how many rows it has written.
    pub(crate) async fn execute<D: Dialect>(
        &self,
        connection: &mut D::Connection,
        values: &Values<'_>,
        sending: Sending,
    ) -> sqlx::Result<u64>
    where
        D::Arguments: IntoArguments<D>,
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let result = match sending {
            Sending::Prepared => self.with::<D>(values).execute(connection).await,
            Sending::Whole => connection.execute(AssertSqlSafe(self.whole::<D>(values))).await,
        };
        Ok(D::written(&result?))
    }

    /// Sends the statement; the one row that it answers with, if there is one.
    pub(crate) async fn fetch<D: Dialect>(
        &self,
        connection: &mut D::Connection,
        values: &Values<'_>,
        sending: Sending,
    ) -> sqlx::Result<Option<D::Row>>
    where
        D::Arguments: IntoArguments<D>,
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        match sending {
            Sending::Prepared => self.with::<D>(values).fetch_optional(connection).await,
            Sending::Whole => connection.fetch_optional(AssertSqlSafe(self.whole::<D>(values))).await,
        }
    }

    /// The statement with its values in the text.
    pub(crate) fn whole<D: Dialect>(&self, values: &Values<'_>) -> String {
        woven(&self.pieces, self.slots.iter(), |slot, sql| D::literal(slot.of(values), sql))
    }

    /// The statement with its values, ready to be sent.
    pub(crate) fn with<D: Dialect>(&self, values: &Values<'_>) -> Query<'static, D, D::Arguments> {
        // The text is safe: a template of ours, and a table's name that the configuration has checked.
        self.bound(sqlx::query(AssertSqlSafe(Arc::clone(&self.sql))), values)
    }

    /// A query with the values of this statement.
    pub(crate) fn bound<D: Dialect>(
        &self,
        query: Query<'static, D, D::Arguments>,
        values: &Values<'_>,
    ) -> Query<'static, D, D::Arguments> {
        self.slots.iter().fold(query, |query, slot| D::bind(query, slot.of(values)))
    }
}

/// Pieces of text with something between each two of them.
fn woven<T>(pieces: &[Box<str>], between: impl Iterator<Item = T>, mut write: impl FnMut(T, &mut String)) -> String {
    let mut pieces = pieces.iter();
    let mut text = pieces.next().map(ToString::to_string).unwrap_or_default();
    for (value, piece) in between.zip(pieces) {
        write(value, &mut text);
        text.push_str(piece);
    }
    text
}

/// A value's place in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Table,
    Key,
    Seen,
    Now,
    Version,
    Deadline,
    Successor,
    Payload,
    To,
    Until,
    Limit,
    Form,
    Id,
    NewId,
    Marker,
    Mark,
}

impl Slot {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "table" => Slot::Table,
            "key" => Slot::Key,
            "seen" => Slot::Seen,
            "now" => Slot::Now,
            "version" => Slot::Version,
            "deadline" => Slot::Deadline,
            "successor" => Slot::Successor,
            "payload" => Slot::Payload,
            "to" => Slot::To,
            "until" => Slot::Until,
            "limit" => Slot::Limit,
            "form" => Slot::Form,
            "id" => Slot::Id,
            "newid" => Slot::NewId,
            "marker" => Slot::Marker,
            "mark" => Slot::Mark,
            _ => return None,
        })
    }

    fn of<'a>(self, values: &Values<'a>) -> Value<'a> {
        match self {
            Slot::Table => Value::Text(Some(values.table)),
            Slot::Key => Value::Text(Some(values.key)),
            Slot::Seen => Value::Bytes(values.seen),
            Slot::Now => Value::Number(values.now),
            Slot::Version => Value::Bytes(values.version),
            Slot::Deadline => Value::Number(values.deadline),
            Slot::Successor => Value::Text(values.successor),
            Slot::Payload => Value::Bytes(values.payload),
            Slot::To => Value::Text(Some(values.to)),
            Slot::Until => Value::Number(values.until),
            Slot::Limit => Value::Number(values.limit),
            Slot::Form => Value::Number(values.form),
            Slot::Id => Value::Collated(values.key),
            Slot::NewId => Value::Collated(values.to),
            Slot::Marker => Value::Collated(values.marker),
            Slot::Mark => Value::Bytes(values.mark),
        }
    }
}

/// Everything that a statement may want; each takes what it names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Values<'a> {
    /// The table, as a value.
    pub(crate) table: &'a str,
    /// The row.
    pub(crate) key: &'a str,
    /// The version that must be there.
    pub(crate) seen: &'a [u8],
    /// The library's clock.
    pub(crate) now: i64,
    /// The version that is written.
    pub(crate) version: &'a [u8],
    /// The deadline that is written.
    pub(crate) deadline: i64,
    /// The successor's key, in a marker.
    pub(crate) successor: Option<&'a str>,
    /// The record that is written.
    pub(crate) payload: &'a [u8],
    /// The new key of a rename.
    pub(crate) to: &'a str,
    /// The deadline of a rename's marker.
    pub(crate) until: i64,
    /// How many rows at most.
    pub(crate) limit: i64,
    /// Which form of the table is written down.
    pub(crate) form: i64,
    /// Flask's table: the `session_id` of the marker of a retired id.
    pub(crate) marker: &'a str,
    /// Flask's table: what a marker says.
    pub(crate) mark: &'a [u8],
}

/// A value on its way to the database.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// Text, or NULL.
    Text(Option<&'a str>),
    /// Text for a column that compares as text, and not as bytes.
    Collated(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A number.
    Number(i64),
}
