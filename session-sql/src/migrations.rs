//! Brings a table to the form that this version of the library knows, however many processes do so at once.

use sqlx::{Connection, Executor, IntoArguments};

use crate::dialect::{Dialect, SchemaTemplates};
use crate::statement::{Sending, Statement, Values};

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Migrated {
    /// The table has the newest form.
    Done,
    /// A newer version of the library has been here.
    Newer,
    /// There is something else with the table's name.
    Taken,
}

/// Brings the table to the newest form, in one transaction that keeps other processes out.
///
/// It always writes, so that a database that cannot be written to is noticed here and not at the first login.
pub(crate) async fn run<DB: Dialect>(
    connection: &mut DB::Connection,
    table: &str,
    sending: Sending,
) -> sqlx::Result<Migrated>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let mut transaction = connection.begin_with(DB::SCHEMA.begin).await?;
    let mut migration = Migration::<DB> { connection: &mut transaction, table, sending };
    if let Some(lock) = DB::SCHEMA.lock
        && migration.number(lock).await? != 1
    {
        return Err(sqlx::Error::PoolTimedOut);
    }
    let migrated = migration.steps().await;
    let unlocked = match DB::SCHEMA.unlock {
        Some(unlock) => migration.number(unlock).await,
        None => Ok(1),
    };
    let migrated = migrated?;
    unlocked?;
    match migrated {
        Migrated::Done => transaction.commit().await?,
        // At once: what is only dropped is rolled back when the connection is used again, and keeps its lock until then.
        Migrated::Newer | Migrated::Taken => transaction.rollback().await?,
    }
    Ok(migrated)
}

/// A transaction that migrates one table.
struct Migration<'a, DB: Dialect> {
    connection: &'a mut DB::Connection,
    table: &'a str,
    sending: Sending,
}

impl<'a, DB: Dialect> Migration<'a, DB>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    async fn steps(&mut self) -> sqlx::Result<Migrated> {
        let SchemaTemplates { known, create, enter, form, taken, write, .. } = DB::SCHEMA;
        if self.number(known).await? == 0 {
            self.execute(create).await?;
        }
        self.execute(enter).await?;
        let (current, newest) = (self.number(form).await?, newest::<DB>());
        if current > newest {
            return Ok(Migrated::Newer);
        }
        if current == 0 && self.number(taken).await? > 0 {
            return Ok(Migrated::Taken);
        }
        for step in DB::FORMS.iter().skip(usize::try_from(current).unwrap_or_default()).flat_map(|form| form.iter()) {
            self.execute(step).await?;
        }
        if current < newest {
            self.execute(write).await?;
        }
        Ok(Migrated::Done)
    }

    async fn execute(&mut self, template: &str) -> sqlx::Result<()> {
        let statement = Statement::new::<DB>(template, self.table);
        statement.execute::<DB>(self.connection, &self.values(), self.sending).await.map(drop)
    }

    async fn number(&mut self, template: &str) -> sqlx::Result<i64> {
        let statement = Statement::new::<DB>(template, self.table);
        let row = statement.fetch::<DB>(self.connection, &self.values(), self.sending).await?;
        DB::number(&row.ok_or(sqlx::Error::RowNotFound)?)
    }

    fn values(&self) -> Values<'a> {
        Values { table: self.table, form: newest::<DB>(), ..Values::default() }
    }
}

fn newest<DB: Dialect>() -> i64 {
    i64::try_from(DB::FORMS.len()).unwrap_or(i64::MAX)
}
