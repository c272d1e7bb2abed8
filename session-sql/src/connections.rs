//! Connections to a server, lent one call at a time.
//!
//! The driver's own pool suits a file better than a server. It sends a ping after every call, without a bound: on a network that has
//! gone silent its connections never come back. It answers "timed out" where the server refuses connections. And after a restart
//! of the server each of its connections fails once. Here one that fails takes all others that lie idle with it, so that the one
//! repeat of a call meets a new one, and one whose call was given up is closed at once.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions, Connection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::dialect::Dialect;

/// A call without an answer for so long makes the other connections suspect, too.
const SILENCE: Duration = Duration::from_millis(500);

/// A connection that was of no use for so long is closed.
const IDLE: Duration = Duration::from_secs(600);

/// How connections are made.
pub(crate) type Options<DB> = <<DB as sqlx::Database>::Connection as Connection>::Options;

/// Up to so many connections to one server. The first is made at the first call.
pub(crate) struct Connections<DB: Dialect> {
    options: Options<DB>,
    room: Arc<Semaphore>,
    /// What a frozen server has to clear away when it goes on is every attempt that was given up: there are few at a time.
    attempts: Arc<Semaphore>,
    home: Arc<Home<DB>>,
    patience: Duration,
}

/// How many connections are being made at the same time.
const ATTEMPTS: usize = 2;

/// Where connections lie between calls.
struct Home<DB: Dialect>(Mutex<Idle<DB>>);

struct Idle<DB: Dialect> {
    connections: VecDeque<(DB::Connection, Instant)>,
    /// Connections of an older generation do not come back.
    generation: u64,
}

impl<DB: Dialect> Home<DB> {
    fn lock(&self) -> MutexGuard<'_, Idle<DB>> {
        // Nothing under the lock can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes all that lies here, and what comes back later.
    fn clear(&self) {
        let mut idle = self.lock();
        idle.generation += 1;
        idle.connections.clear();
    }
}

impl<DB: Dialect> Connections<DB> {
    /// At most `size` connections; a call waits for one, or for a new one, no longer than `patience`.
    pub(crate) fn new(options: Options<DB>, size: u32, patience: Duration) -> Self {
        let idle = Idle { connections: VecDeque::new(), generation: 0 };
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let (room, attempts) = (Arc::new(Semaphore::new(size)), Arc::new(Semaphore::new(ATTEMPTS)));
        Connections { options, room, attempts, home: Arc::new(Home(Mutex::new(idle))), patience }
    }

    /// A connection, for one call.
    pub(crate) async fn lend(&self) -> sqlx::Result<Lent<DB>> {
        let lend = async {
            let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
            let (idle, generation) = {
                let mut idle = self.home.lock();
                (idle.connections.pop_back(), idle.generation)
            };
            let connection = match idle {
                Some((connection, _)) => connection,
                None => self.connect().await?,
            };
            let (home, begun) = (Arc::clone(&self.home), Instant::now());
            Ok(Lent { connection: Some(connection), home, generation, begun, _room: room })
        };
        let late = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no connection in time"));
        tokio::time::timeout(self.patience, lend).await.map_err(late)?
    }

    async fn connect(&self) -> sqlx::Result<DB::Connection> {
        let _turn = self.attempts.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let mut connection = self.options.connect().await?;
        DB::opened(&mut connection).await?;
        Ok(connection)
    }
}

impl<DB: Dialect> Clone for Connections<DB> {
    fn clone(&self) -> Self {
        let Connections { options, room, attempts, home, patience } = self;
        let (room, attempts, home) = (Arc::clone(room), Arc::clone(attempts), Arc::clone(home));
        Connections { options: options.clone(), room, attempts, home, patience: *patience }
    }
}

/// A connection during one call. Dropped, as when the call is given up in the middle, it is closed, and whatever it had begun is
/// rolled back by the server.
pub(crate) struct Lent<DB: Dialect> {
    connection: Option<DB::Connection>,
    home: Arc<Home<DB>>,
    generation: u64,
    begun: Instant,
    _room: OwnedSemaphorePermit,
}

impl<DB: Dialect> Lent<DB> {
    /// The connection; there is one until the call has ended.
    pub(crate) fn connection(&mut self) -> sqlx::Result<&mut DB::Connection> {
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// The call has ended, and the connection is as good as new.
    pub(crate) fn give_back(mut self) {
        let mut idle = self.home.lock();
        if idle.generation == self.generation {
            idle.connections.extend(self.connection.take().map(|connection| (connection, Instant::now())));
            if idle.connections.front().is_some_and(|(_, since)| since.elapsed() > IDLE) {
                idle.connections.pop_front();
            }
        }
        drop(idle);
        self.connection = None;
        // Not suspect, however long it took.
        self.begun = Instant::now();
    }

    /// The connection is broken, and with it, it seems, all that are as old.
    pub(crate) fn discard(self) {
        self.home.clear();
    }
}

impl<DB: Dialect> Drop for Lent<DB> {
    fn drop(&mut self) {
        if self.begun.elapsed() > SILENCE {
            self.home.clear();
        }
    }
}
