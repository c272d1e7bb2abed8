//! The promises of a backend, kept by a collection of documents.

use std::fmt;

use async_trait::async_trait;
use mongodb::Client;
use mongodb::bson::doc;
use mongodb::results::UpdateResult;
use session_core::{
    Backend, Capabilities, Entry, Marker, Operation, RecordKey, Removed, Result, Stored, Swapped, Timestamp, Version,
};

use crate::config::MongoConfig;
use crate::document::{self, Head};
use crate::error::Report;
use crate::flask::FlaskCollection;
use crate::index::Indexes;
use crate::place::Place;
use crate::sweep;

/// A collection of sessions. [`MongoStore`](crate::MongoStore) is the store on it.
///
/// Each call is one command that touches one document, plus one read where a write was refused, to tell why. None needs a
/// replica set. Dropping a call drops its connection, so that no answer ever goes to another call.
pub struct MongoBackend {
    place: Place,
    index: Indexes,
    self_expiring: bool,
    /// The collection as Flask-Session has it: then everything is done there.
    flask: Option<FlaskCollection>,
}

impl MongoBackend {
    /// A backend on the servers that the configuration's URL names; it connects when it is first used. To be called within a
    /// tokio runtime, which the driver's tasks then run in.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) in one line that names what to mend;
    /// [`Error::Unavailable`](session_core::Error::Unavailable) where the DNS does not answer for a `mongodb+srv://` URL.
    pub async fn connect(config: &MongoConfig) -> Result<Self> {
        Ok(Self::at(Place::open(config).await?, config))
    }

    /// A backend in a client of your own. The configuration's URL and what else describes connections is not used.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right.
    pub fn new(client: &Client, config: &MongoConfig) -> Result<Self> {
        Ok(Self::at(Place::within(client, config)?, config))
    }

    fn at(place: Place, config: &MongoConfig) -> Self {
        let index = Indexes::new(place.clone(), config);
        let flask = config.is_flask().then(|| FlaskCollection::new(place.clone(), config.ttl_index));
        MongoBackend { place, index, self_expiring: config.ttl_index, flask }
    }

    /// Asks whether the server is there and lets us in, and makes the index if it is wanted; see
    /// [`MongoStore::prepare`](crate::MongoStore::prepare).
    ///
    /// # Errors
    /// An outage, a refused user, or [`Error::Config`](session_core::Error::Config) for an index that is another.
    pub async fn prepare(&self) -> Result<()> {
        if self.index.wanted() { self.index.make().await } else { self.ask().await }
    }

    /// A read of nothing.
    async fn ask(&self) -> Result<()> {
        let nothing = self.place.sessions.find_one(doc! { "_id": "" });
        nothing.await.map(drop).map_err(|error| self.failed(Operation::Connect, &error))
    }

    fn failed(&self, operation: Operation, error: &mongodb::error::Error) -> session_core::Error {
        Report::of(error, &self.place.hosts).during(operation)
    }

    /// What a write has met that found nothing to write to.
    ///
    /// What is there by now may be newer than what stood in the way then. The answer is right all the same: a version is never
    /// written twice, so the one seen can't have come back, and the write would be refused now for the reason that is found.
    async fn obstacle(&self, operation: Operation, key: &RecordKey, now: Timestamp) -> Result<Obstacle> {
        let peek = self.place.sessions.find_one(document::living(key, now)).projection(document::head_only());
        let Some(found) = peek.await.map_err(|error| self.failed(operation, &error))? else {
            return Ok(Obstacle::Nothing);
        };
        let head = Head::of(&found)?;
        Ok(head.marker().map_or(Obstacle::Live(head.version), Obstacle::Retired))
    }

    async fn swapped(
        &self,
        operation: Operation,
        written: mongodb::error::Result<UpdateResult>,
        (key, new, now): (&RecordKey, Option<&Version>, Timestamp),
    ) -> Result<Swapped> {
        if written.map_err(|error| self.failed(operation, &error))?.matched_count > 0 {
            return Ok(Swapped::Done);
        }
        Ok(match self.obstacle(operation, key, now).await? {
            Obstacle::Nothing => Swapped::Gone,
            // A repeat of what was done. Also that is confirmed: the server lets a write that finds nothing to do wait until
            // all before it is as durable as the write concern wants.
            Obstacle::Live(version) if Some(&version) == new => Swapped::Done,
            Obstacle::Retired(marker) if Some(&marker.version) == new => Swapped::Done,
            Obstacle::Live(_) => Swapped::Conflict,
            Obstacle::Retired(marker) => Swapped::Retired(marker),
        })
    }
}

/// What stands in the way of a write.
enum Obstacle {
    Nothing,
    Live(Version),
    Retired(Marker),
}

impl fmt::Debug for MongoBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MongoBackend({} at {})", self.place.sessions.namespace(), self.place.hosts)
    }
}

#[async_trait]
impl Backend for MongoBackend {
    fn capabilities(&self) -> Capabilities {
        if let Some(flask) = &self.flask {
            return flask.capabilities();
        }
        Capabilities::default().self_expiring(self.self_expiring).max_payload(document::MAX_PAYLOAD)
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        if let Some(flask) = &self.flask {
            return flask.get(key, now).await;
        }
        let found = self.place.sessions.find_one(document::living(key, now)).await;
        let found = found.map_err(|error| self.failed(Operation::Get, &error))?;
        found.map(|document| document::entry(&document)).transpose()
    }

    /// One command: it replaces what has expired, writes where nothing is, and where something lives fails on its key.
    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        self.index.make_soon();
        if let Some(flask) = &self.flask {
            return flask.insert(key, new, now).await;
        }
        let write = self.place.sessions.replace_one(document::over(key, now), document::record(key, new));
        match write.upsert(true).await {
            Ok(_) => Ok(true),
            Err(error) => match Report::of(&error, &self.place.hosts) {
                Report::Duplicate => Ok(false),
                report => Err(report.during(Operation::Insert)),
            },
        }
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = &self.flask {
            return flask.swap(key, seen, new, now).await;
        }
        let as_seen = document::session(key, Some(seen), now);
        let written = self.place.sessions.replace_one(as_seen, document::of_entry(key, new)).await;
        self.swapped(Operation::Swap, written, (key, Some(new.version()), now)).await
    }

    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = &self.flask {
            return flask.touch(key, seen, deadline, now).await;
        }
        let as_seen = document::session(key, Some(seen), now);
        let written = self.place.sessions.update_one(as_seen, document::later(deadline)).await;
        self.swapped(Operation::Touch, written, (key, None, now)).await
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        if let Some(flask) = &self.flask {
            return flask.remove(key, seen, now).await;
        }
        let deleted = self.place.sessions.delete_one(document::session(key, seen, now)).await;
        if deleted.map_err(|error| self.failed(Operation::Remove, &error))?.deleted_count > 0 {
            return Ok(Removed::Done);
        }
        Ok(match self.obstacle(Operation::Remove, key, now).await? {
            Obstacle::Retired(marker) => Removed::Retired(marker),
            Obstacle::Live(_) if seen.is_some() => Removed::Conflict,
            // There was nothing when it was to be removed; a live one came later.
            Obstacle::Live(_) | Obstacle::Nothing => Removed::Absent,
        })
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        if let Some(flask) = &self.flask {
            return flask.sweep(limit, now).await;
        }
        sweep::run(&self.place, &document::all_over(now), limit).await
    }
}
