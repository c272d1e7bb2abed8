//! One database, opened: runs statements, whatever its dialect.

use async_trait::async_trait;
use sqlx::{Database, Executor, IntoArguments, Pool};

use crate::dialect::{Dialect, Row, Statements};
use crate::error::Fault;
use crate::migrations::{self, Migrated};
use crate::statement::{Statement, Values};

/// A database without its type.
#[async_trait]
pub(crate) trait Driver: Send + Sync {
    /// What it is called in errors: its place, without user and password.
    fn name(&self) -> &str;

    /// The statements for a table.
    fn statements(&self, table: &str) -> Statements;

    /// Runs a statement that writes; says how many rows it has written.
    async fn write(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<u64>;

    /// Runs a statement that reads at most one row.
    async fn read(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<Option<Row>>;

    /// Brings the table to its newest form.
    async fn migrate(&self, table: &str) -> sqlx::Result<Migrated>;

    /// What an error means.
    fn fault(&self, error: &sqlx::Error) -> Fault;
}

/// The connections to a database.
pub(crate) struct Pools<DB: Database> {
    /// For what writes.
    pub(crate) writer: Pool<DB>,
    /// For what reads. They see what was written before.
    pub(crate) readers: Pool<DB>,
    /// What the database is called in errors.
    pub(crate) name: String,
}

#[async_trait]
impl<DB: Dialect> Driver for Pools<DB>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn statements(&self, table: &str) -> Statements {
        Statements::new::<DB>(table)
    }

    async fn write(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<u64> {
        Ok(DB::written(&statement.with::<DB>(&values).execute(&self.writer).await?))
    }

    async fn read(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<Option<Row>> {
        let row = statement.with::<DB>(&values).fetch_optional(&self.readers).await?;
        row.map(|row| DB::row(&row)).transpose()
    }

    async fn migrate(&self, table: &str) -> sqlx::Result<Migrated> {
        migrations::run(&self.writer, table).await
    }

    fn fault(&self, error: &sqlx::Error) -> Fault {
        match error {
            sqlx::Error::Database(error) => DB::fault(error.as_ref()),
            other => Fault::of_driver(other),
        }
    }
}
