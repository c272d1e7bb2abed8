//! The promises of a backend, kept by a table.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{
    AtomicRename, Backend, Capabilities, Entry, Error, Marker, Operation, RecordKey, Removed, Rename, Result, Shape,
    Stored, Swapped, Timestamp, Version,
};
use tokio::sync::OnceCell;

use crate::config::SqlConfig;
use crate::dialect::{Row, Statements};
use crate::driver::Driver;
use crate::error::Fault;
use crate::flask::FlaskTable;
use crate::migrations::Migrated;
use crate::pools::SqlPools;
use crate::statement::{Statement, Values};
use crate::sweep;

/// A table of sessions. [`SqlStore`](crate::SqlStore) is the store on it.
///
/// Each call is one statement, plus one read where a write was refused, to tell why.
pub struct SqlBackend {
    driver: Arc<dyn Driver>,
    statements: Statements,
    table: String,
    batch: usize,
    /// Set when the table has its newest form.
    ready: OnceCell<()>,
    /// The table as Flask-Session has it: then everything is done there.
    flask: Option<FlaskTable>,
}

impl SqlBackend {
    /// Opens the database that the configuration's URL names and brings the table to its newest form. A server that is away is no
    /// error: calls are, until it is there, and the first one that gets through does what is missing.
    ///
    /// # Errors
    /// [`Error::Config`] in one line that names what to mend, for a setting or a database that cannot be used;
    /// [`Error::Unavailable`] for an SQLite file that other processes keep locked.
    pub async fn connect(config: &SqlConfig) -> Result<Self> {
        config.check()?;
        Self::prepared(SqlPools::open(config)?, config).await
    }

    /// A backend on connections of your own. Of the configuration, the table and the batch count.
    ///
    /// # Errors
    /// As [`connect`](SqlBackend::connect).
    pub async fn new(pools: SqlPools, config: &SqlConfig) -> Result<Self> {
        config.check()?;
        Self::prepared(pools, config).await
    }

    async fn prepared(SqlPools(driver): SqlPools, config: &SqlConfig) -> Result<Self> {
        let (driver, batch) = (Arc::<dyn Driver>::from(driver), config.sweep_batch);
        let flask = match config.store.shape() {
            Shape::Flask => Some(FlaskTable::prepared(Arc::clone(&driver), config).await?),
            _ => None,
        };
        let (statements, table) = (driver.statements(&config.table), config.table.clone());
        let backend = SqlBackend { driver, statements, table, batch, ready: OnceCell::new(), flask };
        if backend.flask.is_none() {
            backend.prepare(config).await?;
        }
        Ok(backend)
    }

    async fn prepare(&self, config: &SqlConfig) -> Result<()> {
        let patience = if self.driver.is_server() { Duration::ZERO } else { config.acquire_timeout * 5 };
        match self.ready.get_or_try_init(|| self.migrate(patience)).await {
            Err(Unready::Failed(Fault::Away | Fault::Late, _)) if self.driver.is_server() => {}
            Err(unready) => return Err(self.opening(unready)),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Makes or updates the table, again and again while other processes are at it: SQLite does not wait for its turn to switch to
    /// WAL.
    async fn migrate(&self, patience: Duration) -> Result<(), Unready> {
        let begun = Instant::now();
        loop {
            match self.driver.migrate(&self.table).await {
                Ok(Migrated::Done) => break,
                Ok(other) => return Err(Unready::Other(other)),
                Err(error) => match self.driver.fault(&error) {
                    Fault::Away if begun.elapsed() < patience => tokio::time::sleep(Duration::from_millis(20)).await,
                    fault => return Err(Unready::Failed(fault, error)),
                },
            }
        }
        // Whoever can write may still be unable to read: through another pool, as another user.
        let values = Values { now: i64::MAX, ..Values::default() };
        let read = self.driver.read(&self.statements.peek, values).await;
        read.map(drop).map_err(|error| Unready::Failed(self.driver.fault(&error), error))
    }

    /// Sees to it that there is a table. One call at a time tries, the others wait for what becomes of it.
    async fn ready(&self, operation: Operation) -> Result<()> {
        if self.ready.initialized() {
            return Ok(());
        }
        let ready = self.ready.get_or_try_init(|| self.migrate(Duration::ZERO)).await;
        ready.map(drop).map_err(|unready| match unready {
            Unready::Failed(fault, error) => fault.during(operation, self.driver.name(), &error),
            other => Error::backend(operation, self.opening(other)),
        })
    }

    fn opening(&self, unready: Unready) -> Error {
        let wrong = |problem: &str, fix| Error::config("table", format!("{:?} {problem}", self.table), fix);
        match unready {
            Unready::Failed(fault, error) => fault.opening(self.driver.name(), &error),
            Unready::Other(Migrated::Newer) => {
                wrong("was made by a newer version of session-sql", "update this program")
            }
            Unready::Other(_) => wrong("is something else's name in this database", "choose another name"),
        }
    }

    async fn write(&self, operation: Operation, statement: &Statement, values: Values<'_>) -> Result<u64> {
        self.ready(operation).await?;
        match self.driver.write(statement, values).await {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(0),
            written => written.map_err(|error| self.error(operation, &error)),
        }
    }

    fn error(&self, operation: Operation, error: &sqlx::Error) -> Error {
        self.driver.fault(error).during(operation, self.driver.name(), error)
    }

    async fn read(
        &self,
        operation: Operation,
        statement: &Statement,
        key: &RecordKey,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        self.ready(operation).await?;
        let values = Values { key: key.as_str(), now: signed(now), ..Values::default() };
        let row = self.driver.read(statement, values).await;
        row.map_err(|error| self.error(operation, &error))?.map(entry).transpose()
    }

    /// What a write has met: one that wrote a row is done, for one that did not, look why.
    ///
    /// What is there by now may be newer than what stood in the way then. The answer is right all the same: a version is never
    /// written twice, so the one seen can't have come back, and the write would be refused now for the reason that is found.
    async fn outcome(
        &self,
        operation: Operation,
        written: u64,
        key: &RecordKey,
        new: Option<&Version>,
        now: Timestamp,
    ) -> Result<Swapped> {
        if written > 0 {
            return Ok(Swapped::Done);
        }
        let found = self.read(operation, &self.statements.peek, key, now).await?;
        Ok(Swapped::where_nothing_was_written(found, new))
    }
}

/// Why there is no table to work with.
enum Unready {
    /// The database did not let us.
    Failed(Fault, sqlx::Error),
    /// There is another table.
    Other(Migrated),
}

/// A moment as a column holds it; there is none beyond `i64`.
fn signed(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

fn entry(row: Row) -> Result<Entry> {
    let corrupt = |reason| Error::Corrupt { reason };
    let version = <[u8; 16]>::try_from(row.version).map_err(|_| corrupt("its version is not of 16 bytes"))?;
    let (version, deadline) = (Version::from_bytes(version), Timestamp::from_millis(row.deadline.unsigned_abs()));
    match (row.successor, row.payload) {
        (Some(successor), _) => {
            Ok(Entry::Retired(Marker { version, successor: RecordKey::new(successor), until: deadline }))
        }
        (None, Some(payload)) => Ok(Entry::Live(Stored { version, deadline, payload: Bytes::from(payload) })),
        (None, None) => Err(corrupt("it is larger than any record")),
    }
}

impl fmt::Debug for SqlBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlBackend({})", self.driver.name())
    }
}

#[async_trait]
impl Backend for SqlBackend {
    fn capabilities(&self) -> Capabilities {
        if let Some(flask) = &self.flask {
            return flask.capabilities();
        }
        let all = Capabilities::default();
        match self.driver.max_payload() {
            Some(most) => all.max_payload(most),
            None => all,
        }
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        if let Some(flask) = &self.flask {
            return flask.get(key, now).await;
        }
        self.read(Operation::Get, &self.statements.get, key, now).await
    }

    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        if let Some(flask) = &self.flask {
            return flask.insert(key, new, now).await;
        }
        let values = Values { key: key.as_str(), now: signed(now), ..record(new) };
        if self.write(Operation::Insert, &self.statements.insert, values).await? > 0 {
            return Ok(true);
        }
        match &self.statements.renew {
            Some(renew) => Ok(self.write(Operation::Insert, renew, values).await? > 0),
            None => Ok(false),
        }
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = &self.flask {
            return flask.swap(key, seen, new, now).await;
        }
        let new_values = match new {
            Entry::Live(stored) => record(stored),
            Entry::Retired(marker) => Values {
                version: marker.version.as_bytes(),
                deadline: signed(marker.until),
                successor: Some(marker.successor.as_str()),
                ..Values::default()
            },
        };
        let values = Values { key: key.as_str(), seen: seen.as_bytes(), now: signed(now), ..new_values };
        let written = self.write(Operation::Swap, &self.statements.swap, values).await?;
        self.outcome(Operation::Swap, written, key, Some(new.version()), now).await
    }

    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = &self.flask {
            return flask.touch(key, seen, deadline, now).await;
        }
        let (seen, now_then) = (seen.as_bytes(), signed(now));
        let values = Values { key: key.as_str(), seen, now: now_then, deadline: signed(deadline), ..Values::default() };
        let written = self.write(Operation::Touch, &self.statements.touch, values).await?;
        self.outcome(Operation::Touch, written, key, None, now).await
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        if let Some(flask) = &self.flask {
            return flask.remove(key, seen, now).await;
        }
        let values = Values { key: key.as_str(), now: signed(now), ..Values::default() };
        let written = match seen {
            Some(seen) => {
                let values = Values { seen: seen.as_bytes(), ..values };
                self.write(Operation::Remove, &self.statements.remove, values).await?
            }
            None => self.write(Operation::Remove, &self.statements.end, values).await?,
        };
        Ok(match self.outcome(Operation::Remove, written, key, None, now).await? {
            Swapped::Done => Removed::Done,
            Swapped::Gone => Removed::Absent,
            Swapped::Retired(marker) => Removed::Retired(marker),
            Swapped::Conflict if seen.is_some() => Removed::Conflict,
            // There was nothing when it was to be removed; this one came later.
            Swapped::Conflict => Removed::Absent,
        })
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        if let Some(flask) = &self.flask {
            return flask.sweep(limit, now).await;
        }
        self.ready(Operation::Sweep).await?;
        sweep::run(&*self.driver, &self.statements.sweep, self.batch, limit, signed(now)).await
    }

    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        Some(self)
    }
}

#[async_trait]
impl AtomicRename for SqlBackend {
    async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = &self.flask {
            return flask.rename(rename, now).await;
        }
        let values = Values {
            key: rename.from.as_str(),
            seen: rename.seen.as_bytes(),
            now: signed(now),
            to: rename.to.as_str(),
            until: signed(rename.marker.until),
            ..record(rename.record)
        };
        let written = self.write(Operation::Rename, &self.statements.rename, values).await?;
        self.outcome(Operation::Rename, written, rename.from, Some(&rename.marker.version), now).await
    }
}

/// The values of a record.
fn record(stored: &Stored) -> Values<'_> {
    Values {
        version: stored.version.as_bytes(),
        deadline: signed(stored.deadline),
        payload: &stored.payload,
        ..Values::default()
    }
}
