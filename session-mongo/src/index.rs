//! The index by which the server itself removes what has expired; and in Flask-Session's collection, if it is wanted, one by which
//! it finds a session.
//!
//! They are housekeeping: reads judge deadlines themselves, so that nothing but disk space hangs on the first, and nothing but time
//! on the second. They are made beside the first new session, never in front of it, since on a collection that is large already it
//! may take minutes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mongodb::IndexModel;
use mongodb::bson::doc;
use mongodb::error::ErrorKind;
use mongodb::options::IndexOptions;
use session_core::{Error, Operation, Result};
use tokio::task::AbortHandle;

use crate::config::MongoConfig;
use crate::error::Report;
use crate::place::Place;

/// How long an attempt is waited for. A server that is still building goes on without us.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long after an attempt that failed there is another one.
const REST: Duration = Duration::from_secs(30);

/// Makes the indexes once.
pub(crate) struct Indexes {
    place: Place,
    kinds: Arc<[Kind]>,
    stage: Arc<Mutex<Stage>>,
}

/// An index.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// The server removes what this field says has expired.
    Ttl(&'static str),
    /// It finds what has this value in this field. Not a unique one: Flask may have made several of one.
    Lookup(&'static str),
}

impl Kind {
    fn wanted(config: &MongoConfig) -> Vec<Self> {
        let flask = config.is_flask();
        let ttl = config.ttl_index.then_some(Kind::Ttl(if flask { "expiration" } else { "d" }));
        let lookup = (flask && config.flask_id_index).then_some(Kind::Lookup("id"));
        ttl.into_iter().chain(lookup).collect()
    }

    fn field(self) -> &'static str {
        match self {
            Kind::Ttl(field) | Kind::Lookup(field) => field,
        }
    }

    fn model(self) -> IndexModel {
        let expires = matches!(self, Kind::Ttl(_)).then_some(Duration::ZERO);
        let options = IndexOptions::builder().expire_after(expires).build();
        IndexModel::builder().keys(doc! { self.field(): 1 }).options(options).build()
    }
}

enum Stage {
    /// To be made from this moment on.
    Due(Instant),
    /// Being made.
    Making(AbortHandle),
    /// They are there; or can't be made, which `prepare` tells.
    Settled,
}

impl Indexes {
    pub(crate) fn new(place: Place, config: &MongoConfig) -> Self {
        let kinds: Arc<[Kind]> = Kind::wanted(config).into();
        let stage = if kinds.is_empty() { Stage::Settled } else { Stage::Due(Instant::now()) };
        Indexes { place, kinds, stage: Arc::new(Mutex::new(stage)) }
    }

    /// Whether there is one to be made.
    pub(crate) fn wanted(&self) -> bool {
        !self.kinds.is_empty()
    }

    /// Starts making them, if that is due; one task at a time.
    pub(crate) fn make_soon(&self) {
        let mut stage = lock(&self.stage);
        if matches!(*stage, Stage::Due(from) if from <= Instant::now()) {
            let (place, kinds, shared) = (self.place.clone(), Arc::clone(&self.kinds), Arc::clone(&self.stage));
            // It waits for the lock, so the stage that it leaves is written after this one.
            let task = tokio::spawn(async move {
                let made = make(&place, &kinds).await;
                *lock(&shared) = match made {
                    Err(error) if error.is_outage() => Stage::Due(Instant::now() + REST),
                    _ => Stage::Settled,
                };
            });
            *stage = Stage::Making(task.abort_handle());
        }
    }

    /// Makes them now, and says what is in the way.
    pub(crate) async fn make(&self) -> Result<()> {
        make(&self.place, &self.kinds).await?;
        *lock(&self.stage) = Stage::Settled;
        Ok(())
    }
}

impl Drop for Indexes {
    fn drop(&mut self) {
        if let Stage::Making(task) = &*lock(&self.stage) {
            task.abort();
        }
    }
}

fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn make(place: &Place, kinds: &[Kind]) -> Result<()> {
    for kind in kinds {
        make_one(place, *kind).await?;
    }
    Ok(())
}

async fn make_one(place: &Place, kind: Kind) -> Result<()> {
    let making = place.sessions.create_index(kind.model());
    let made = tokio::time::timeout(PATIENCE, async move { making.await }).await;
    match made.map_err(|_| Error::Timeout { operation: Operation::Connect })? {
        Ok(_) => Ok(()),
        // Somebody's own index on the ids finds sessions as well.
        Err(error) if is_another(&error) && matches!(kind, Kind::Lookup(_)) => Ok(()),
        Err(error) if is_another(&error) => Err(Error::config(
            "ttl_index",
            format!("the collection {:?} has another index on its field {}", place.sessions.name(), kind.field()),
            "drop that one, or set ttl_index to false and call sweep now and then",
        )),
        Err(error) => Err(Report::of(&error, &place.hosts).during(Operation::Connect)),
    }
}

/// `IndexOptionsConflict` and `IndexKeySpecsConflict`: it is somebody's, and stays as it is.
fn is_another(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if [85, 86].contains(&command.code))
}
