//! A statement as text with named values, and the values.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::query::Query;

use crate::dialect::Dialect;

/// A statement for one table: the text that is sent, and which values it wants, in order.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Arc<str>,
    slots: Box<[Slot]>,
}

impl Statement {
    /// Makes a statement of a template, in which `{table}` and `{index}` stand for the names and `:name` for a value.
    pub(crate) fn new<D: Dialect>(template: &str, table: &str) -> Self {
        let index = D::quoted(&format!("{table}_deadline"));
        let text = template.replace("{table}", &D::quoted(table)).replace("{index}", &index);
        let (mut sql, mut slots) = (String::with_capacity(text.len()), Vec::new());
        let mut pieces = text.split(':');
        sql.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(piece.len());
            let (name, rest) = piece.split_at(end);
            if let Some(slot) = Slot::named(name) {
                slots.push(slot);
                D::placeholder(slots.len(), &mut sql);
            }
            sql.push_str(rest);
        }
        Statement { sql: sql.into(), slots: slots.into() }
    }

    /// The statement with its values, ready to be sent.
    pub(crate) fn with<D: Dialect>(&self, values: &Values<'_>) -> Query<'static, D, D::Arguments> {
        // The text is safe: a template of ours, and a table's name that the configuration has checked.
        let query = sqlx::query(AssertSqlSafe(Arc::clone(&self.sql)));
        self.slots.iter().fold(query, |query, slot| D::bind(query, slot.of(values)))
    }
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
}

/// A value on its way to the database.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// Text, or NULL.
    Text(Option<&'a str>),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A number.
    Number(i64),
}
