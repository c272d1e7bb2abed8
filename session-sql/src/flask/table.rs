//! Flask-Session's table: made where it is missing, read and written.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use session_core::{Entry, Error, Operation, RecordKey, Result, Stored, Timestamp, Version};
use tokio::sync::OnceCell;

use super::words::Statements;
use super::{marker, milliseconds};
use crate::config::SqlConfig;
use crate::dialect::Row;
use crate::driver::Driver;
use crate::error::Fault;
use crate::statement::{Statement, Values};

/// A table that a Flask application shares.
pub(crate) struct FlaskTable {
    pub(super) driver: Arc<dyn Driver>,
    pub(super) statements: Statements,
    pub(super) batch: usize,
    table: String,
    /// Set when there is a table with Flask-Session's columns.
    ready: OnceCell<()>,
}

impl FlaskTable {
    /// The table that the configuration names, made if it is missing. A server that is away is no error.
    pub(crate) async fn prepared(driver: Arc<dyn Driver>, config: &SqlConfig) -> Result<Self> {
        let (statements, table) = (driver.flask(&config.table), config.table.clone());
        let flask = FlaskTable { driver, statements, batch: config.sweep_batch, table, ready: OnceCell::new() };
        let patience = if flask.driver.is_server() { Duration::ZERO } else { config.acquire_timeout * 5 };
        match flask.ready.get_or_try_init(|| flask.make(patience)).await {
            Err((Fault::Away | Fault::Late, _)) if flask.driver.is_server() => {}
            Err((fault, error)) => return Err(flask.opening(fault, &error)),
            Ok(()) => {}
        }
        Ok(flask)
    }

    /// Tries again and again while other processes keep a file locked.
    async fn make(&self, patience: Duration) -> std::result::Result<(), (Fault, sqlx::Error)> {
        let begun = Instant::now();
        loop {
            let Err(error) = self.try_to_make().await else { return Ok(()) };
            match self.driver.fault(&error) {
                Fault::Away if begun.elapsed() < patience => tokio::time::sleep(Duration::from_millis(20)).await,
                fault => return Err((fault, error)),
            }
        }
    }

    /// Asks by a write that finds nothing, so that a database that cannot be written to is noticed here and not at the first login.
    async fn try_to_make(&self) -> sqlx::Result<()> {
        let (end, nothing) = (&self.statements.end, Values::default());
        if let Err(error) = self.driver.write(end, nothing).await {
            let refused = |error: &sqlx::Error| self.driver.fault(error) == Fault::Refused;
            if !refused(&error) {
                return Err(error);
            }
            // Refused again where another process makes it at the same time, and where there is another table of that name.
            if let Err(error) = self.driver.write(&self.statements.create, nothing).await
                && !refused(&error)
            {
                return Err(error);
            }
            self.driver.write(end, nothing).await?;
        }
        // Whoever can write may still be unable to read: through another pool, as another user.
        self.driver.read(&self.statements.get, nothing).await.map(drop)
    }

    fn opening(&self, fault: Fault, error: &sqlx::Error) -> Error {
        let fix = "name the table of Flask-Session, or one that is not there yet";
        match fault {
            Fault::Refused => {
                let problem = format!("{:?} has other columns than Flask-Session's", self.table);
                Error::config("table", problem, fix)
            }
            fault => fault.opening(self.driver.name(), error),
        }
    }

    pub(super) async fn ready(&self, operation: Operation) -> Result<()> {
        if self.ready.initialized() {
            return Ok(());
        }
        let ready = self.ready.get_or_try_init(|| self.make(Duration::ZERO)).await;
        ready.map(drop).map_err(|(fault, error)| match fault {
            Fault::Refused => Error::backend(operation, self.opening(fault, &error)),
            fault => fault.during(operation, self.driver.name(), &error),
        })
    }

    fn error(&self, operation: Operation, error: &sqlx::Error) -> Error {
        self.driver.fault(error).during(operation, self.driver.name(), error)
    }

    /// What lies there, a marker first.
    pub(super) async fn read(&self, operation: Operation, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        self.ready(operation).await?;
        let marker = marker::key(key);
        let values = Values { key: key.as_str(), marker: &marker, now: milliseconds(now), ..Values::default() };
        let row = self.driver.read(&self.statements.get, values).await;
        row.map_err(|error| self.error(operation, &error))?.map_or(Ok(None), entry)
    }

    /// Runs one statement, or several in a transaction; says how many rows the first one has written.
    pub(super) async fn write(
        &self,
        operation: Operation,
        statements: &[Statement],
        values: Values<'_>,
    ) -> Result<u64> {
        self.ready(operation).await?;
        let written = match (self.run(statements, values).await, &self.statements.clear) {
            (Err(error), Some(clear)) if is_taken(&error) => {
                self.driver.write(clear, values).await.map_err(|error| self.error(operation, &error))?;
                self.run(statements, values).await
            }
            (written, _) => written,
        };
        match written {
            Err(error) if is_taken(&error) => Ok(0),
            written => written.map_err(|error| self.error(operation, &error)),
        }
    }

    async fn run(&self, statements: &[Statement], values: Values<'_>) -> sqlx::Result<u64> {
        match statements {
            [one] => self.driver.write(one, values).await,
            several => self.driver.write_all(several, values).await,
        }
    }
}

fn is_taken(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}

/// An empty record is none: Flask takes it for none, or cannot read it.
fn entry(row: Row) -> Result<Option<Entry>> {
    let payload = row.payload.ok_or(Error::Corrupt { reason: "it is larger than any record" })?;
    if row.successor.is_some() {
        return marker::decode(&payload).map(|marker| Some(Entry::Retired(marker)));
    }
    if payload.is_empty() {
        return Ok(None);
    }
    let (version, deadline) = (Version::of(&payload), Timestamp::from_millis(row.deadline.unsigned_abs()));
    Ok(Some(Entry::Live(Stored { version, deadline, payload: Bytes::from(payload) })))
}

impl fmt::Debug for FlaskTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FlaskTable({})", self.driver.name())
    }
}
