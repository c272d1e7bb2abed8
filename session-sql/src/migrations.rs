//! Brings a table to the form that this version of the library knows, however many processes do so at once.

use sqlx::{Executor, IntoArguments, Pool, Transaction};

use crate::dialect::{Dialect, SchemaTemplates};
use crate::statement::{Statement, Values};

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
pub(crate) async fn run<DB: Dialect>(writer: &Pool<DB>, table: &str) -> sqlx::Result<Migrated>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let SchemaTemplates { begin, create, enter, form, taken, write } = DB::SCHEMA;
    let mut transaction = writer.begin_with(begin).await?;
    let newest = i64::try_from(DB::FORMS.len()).unwrap_or(i64::MAX);
    let values = Values { table, form: newest, ..Values::default() };
    execute(&mut transaction, create, values).await?;
    execute(&mut transaction, enter, values).await?;
    let current = number(&mut transaction, form, values).await?;
    if current > newest {
        return Ok(Migrated::Newer);
    }
    if current == 0 && number(&mut transaction, taken, values).await? > 0 {
        return Ok(Migrated::Taken);
    }
    for step in DB::FORMS.iter().skip(usize::try_from(current).unwrap_or_default()).flat_map(|form| form.iter()) {
        execute(&mut transaction, step, values).await?;
    }
    if current < newest {
        execute(&mut transaction, write, values).await?;
    }
    transaction.commit().await?;
    Ok(Migrated::Done)
}

async fn execute<DB: Dialect>(
    transaction: &mut Transaction<'_, DB>,
    template: &str,
    values: Values<'_>,
) -> sqlx::Result<()>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let statement = Statement::new::<DB>(template, values.table);
    statement.with::<DB>(&values).execute(&mut **transaction).await.map(drop)
}

async fn number<DB: Dialect>(
    transaction: &mut Transaction<'_, DB>,
    template: &str,
    values: Values<'_>,
) -> sqlx::Result<i64>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let statement = Statement::new::<DB>(template, values.table);
    DB::number(&statement.with::<DB>(&values).fetch_one(&mut **transaction).await?)
}
