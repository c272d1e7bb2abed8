//! The index by which the server itself removes what has expired.
//!
//! It is housekeeping: reads judge deadlines themselves, so that nothing but disk space hangs on it. It is made beside the first
//! new session, never in front of it, since on a collection that is large already it may take minutes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mongodb::IndexModel;
use mongodb::bson::doc;
use mongodb::error::ErrorKind;
use mongodb::options::IndexOptions;
use session_core::{Error, Operation, Result};
use tokio::task::AbortHandle;

use crate::error::Report;
use crate::place::Place;

/// How long an attempt is waited for. A server that is still building goes on without us.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long after an attempt that failed there is another one.
const REST: Duration = Duration::from_secs(30);

/// Makes the index once.
pub(crate) struct TtlIndex {
    place: Place,
    stage: Arc<Mutex<Stage>>,
}

enum Stage {
    /// To be made from this moment on.
    Due(Instant),
    /// Being made.
    Making(AbortHandle),
    /// It is there; or it can't be made, which `prepare` tells.
    Settled,
}

impl TtlIndex {
    pub(crate) fn new(place: Place, wanted: bool) -> Self {
        let stage = if wanted { Stage::Due(Instant::now()) } else { Stage::Settled };
        TtlIndex { place, stage: Arc::new(Mutex::new(stage)) }
    }

    /// Starts making it, if that is due; one task at a time.
    pub(crate) fn make_soon(&self) {
        let mut stage = lock(&self.stage);
        if matches!(*stage, Stage::Due(from) if from <= Instant::now()) {
            let (place, shared) = (self.place.clone(), Arc::clone(&self.stage));
            // It waits for the lock, so the stage that it leaves is written after this one.
            let task = tokio::spawn(async move {
                let made = make(&place).await;
                *lock(&shared) = match made {
                    Err(error) if error.is_outage() => Stage::Due(Instant::now() + REST),
                    _ => Stage::Settled,
                };
            });
            *stage = Stage::Making(task.abort_handle());
        }
    }

    /// Makes it now, and says what is in the way.
    pub(crate) async fn make(&self) -> Result<()> {
        make(&self.place).await?;
        *lock(&self.stage) = Stage::Settled;
        Ok(())
    }
}

impl Drop for TtlIndex {
    fn drop(&mut self) {
        if let Stage::Making(task) = &*lock(&self.stage) {
            task.abort();
        }
    }
}

fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn make(place: &Place) -> Result<()> {
    let options = IndexOptions::builder().expire_after(Duration::ZERO).build();
    let index = IndexModel::builder().keys(doc! { "d": 1 }).options(options).build();
    let making = place.sessions.create_index(index);
    let made = tokio::time::timeout(PATIENCE, async move { making.await }).await;
    match made.map_err(|_| Error::Timeout { operation: Operation::Connect })? {
        Ok(_) => Ok(()),
        Err(error) if is_another(&error) => Err(Error::config(
            "ttl_index",
            format!("the collection {:?} has another index on its field d", place.sessions.name()),
            "drop that one, or set ttl_index to false and call sweep now and then",
        )),
        Err(error) => Err(Report::of(&error, &place.hosts).during(Operation::Connect)),
    }
}

/// `IndexOptionsConflict` and `IndexKeySpecsConflict`: it is somebody's, and stays as it is.
fn is_another(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if [85, 86].contains(&command.code))
}
