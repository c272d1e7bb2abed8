//! One database, opened: runs statements, whatever its dialect.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Database, Executor, IntoArguments, Pool};

use crate::connections::{Connections, Lent};
use crate::dialect::{Dialect, Row, Statements};
use crate::error::Fault;
use crate::flask;
use crate::migrations::{self, Migrated};
use crate::statement::{Sending, Statement, Values};

/// How long making or updating a table on a server may take, where a call may not take longer.
const MIGRATION: Duration = Duration::from_secs(4);

/// A database without its type.
#[async_trait]
pub(crate) trait Driver: Send + Sync {
    /// What it is called in errors: its place, without user and password.
    fn name(&self) -> &str;

    /// Whether it is a server, which may be away when the program starts and come later.
    fn is_server(&self) -> bool;

    /// The largest record that it takes, in bytes, where that is less than the library's own limit.
    fn max_payload(&self) -> Option<usize>;

    /// The statements for a table.
    fn statements(&self, table: &str) -> Statements;

    /// The statements for a table of Flask-Session's.
    fn flask(&self, table: &str) -> flask::Statements;

    /// Runs a statement that writes; says how many rows it has written.
    async fn write(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<u64>;

    /// Runs statements in one transaction, which is undone if the first one writes no row; says how many rows that one has written.
    async fn write_all(&self, statements: &[Statement], values: Values<'_>) -> sqlx::Result<u64>;

    /// Runs a statement that reads at most one row.
    async fn read(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<Option<Row>>;

    /// Brings the table to its newest form.
    async fn migrate(&self, table: &str) -> sqlx::Result<Migrated>;

    /// What an error means.
    fn fault(&self, error: &sqlx::Error) -> Fault;
}

/// The connections to a database.
pub(crate) struct Pools<DB: Dialect> {
    /// For what writes.
    pub(crate) writer: Source<DB>,
    /// For what reads. They see what was written before.
    pub(crate) readers: Source<DB>,
    /// How statements are sent.
    pub(crate) sending: Sending,
    /// How long one call to a server may take; a file has patience of its own.
    pub(crate) patience: Option<Duration>,
    /// What the database is called in errors.
    pub(crate) name: String,
}

/// Where connections come from.
pub(crate) enum Source<DB: Dialect> {
    /// A pool of the driver's: a file's, or one that somebody already has.
    Pool(Pool<DB>),
    /// Our own connections to a server.
    Server(Connections<DB>),
}

impl<DB: Dialect> Source<DB> {
    async fn lend(&self) -> sqlx::Result<Lease<DB>> {
        Ok(match self {
            Source::Pool(pool) => Lease::Pool(pool.acquire().await?),
            Source::Server(connections) => Lease::Server(connections.lend().await?),
        })
    }
}

/// A connection during one call.
enum Lease<DB: Dialect> {
    Pool(PoolConnection<DB>),
    Server(Lent<DB>),
}

impl<DB: Dialect> Lease<DB> {
    fn connection(&mut self) -> sqlx::Result<&mut DB::Connection> {
        match self {
            Lease::Pool(connection) => Ok(connection),
            Lease::Server(lent) => lent.connection(),
        }
    }

    /// The call has ended like this. What the server refuses does a connection no harm; what it cannot do now may be its end.
    fn end<T>(self, result: &sqlx::Result<T>) {
        let Lease::Server(lent) = self else { return };
        match result {
            Err(error) if matches!(fault::<DB>(error), Fault::Away | Fault::Late) => lent.discard(),
            _ => lent.give_back(),
        }
    }
}

fn fault<DB: Dialect>(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(error) => DB::fault(error.as_ref()),
        other => Fault::of_driver(other),
    }
}

/// The call, for so long at most, where there is a bound.
async fn bounded<T>(patience: Option<Duration>, call: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let Some(patience) = patience else { return call.await };
    let late = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"));
    tokio::time::timeout(patience, call).await.map_err(late)?
}

/// Statements in one transaction, unless the first one finds nothing to write.
async fn transaction<DB: Dialect>(
    connection: &mut DB::Connection,
    statements: &[Statement],
    values: &Values<'_>,
    sending: Sending,
) -> sqlx::Result<u64>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let [first, others @ ..] = statements else { return Ok(0) };
    let mut transaction = connection.begin().await?;
    let written = first.execute::<DB>(&mut transaction, values, sending).await?;
    if written == 0 {
        transaction.rollback().await?;
        return Ok(0);
    }
    for statement in others {
        statement.execute::<DB>(&mut transaction, values, sending).await?;
    }
    transaction.commit().await?;
    Ok(written)
}

#[async_trait]
impl<DB: Dialect> Driver for Pools<DB>
where
    <DB as Database>::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn is_server(&self) -> bool {
        DB::IS_SERVER
    }

    fn max_payload(&self) -> Option<usize> {
        DB::MAX_PAYLOAD
    }

    fn statements(&self, table: &str) -> Statements {
        Statements::new::<DB>(table)
    }

    fn flask(&self, table: &str) -> flask::Statements {
        flask::Statements::new::<DB>(table)
    }

    async fn write(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<u64> {
        bounded(self.patience, async {
            let mut lease = self.writer.lend().await?;
            let written = statement.execute::<DB>(lease.connection()?, &values, self.sending).await;
            lease.end(&written);
            written
        })
        .await
    }

    async fn write_all(&self, statements: &[Statement], values: Values<'_>) -> sqlx::Result<u64> {
        bounded(self.patience, async {
            let mut lease = self.writer.lend().await?;
            let written = transaction::<DB>(lease.connection()?, statements, &values, self.sending).await;
            lease.end(&written);
            written
        })
        .await
    }

    async fn read(&self, statement: &Statement, values: Values<'_>) -> sqlx::Result<Option<Row>> {
        bounded(self.patience, async {
            let mut lease = self.readers.lend().await?;
            let row = statement.fetch::<DB>(lease.connection()?, &values, self.sending).await;
            lease.end(&row);
            row?.map(|row| DB::row(&row)).transpose()
        })
        .await
    }

    async fn migrate(&self, table: &str) -> sqlx::Result<Migrated> {
        let migrate = async {
            let mut lease = self.writer.lend().await?;
            let migrated = migrations::run::<DB>(lease.connection()?, table, self.sending).await;
            if migrated.is_ok() {
                lease.end(&migrated);
            }
            migrated
        };
        // It waits for whoever else is at it.
        bounded(self.patience.map(|patience| patience.max(MIGRATION)), migrate).await
    }

    fn fault(&self, error: &sqlx::Error) -> Fault {
        fault::<DB>(error)
    }
}
