//! The promises of a backend, kept by scripts.

use std::fmt;

use async_trait::async_trait;
use redis::{Client, Cmd, RedisResult, ToRedisArgs, Value};
use session_core::{
    AtomicRename, Backend, Capabilities, Entry, Error, Marker, Operation, RecordKey, Removed, Rename, Result, Shape,
    Stored, Swapped, Timestamp, Version,
};

use crate::config::RedisConfig;
use crate::error::Fault;
use crate::flask::{self, Flask};
use crate::link::{Link, Server};
use crate::script::{self, Script};
use crate::value;

/// Sessions on a Redis server or cluster. [`RedisStore`](crate::RedisStore) is the store on it.
///
/// Each call is one command.
pub struct RedisBackend {
    link: Box<dyn Link>,
    /// Where it is, without user and password.
    place: String,
    /// Whether all keys lie on one server, so that one script can write two.
    one_server: bool,
    shape: Shape,
}

/// What a script answers.
pub(crate) enum Answer {
    Done,
    Gone,
    Conflict,
    Retired(Marker),
}

impl RedisBackend {
    /// A backend on the server or the cluster that the configuration names. If it is away, or does not answer, that shows
    /// in the calls.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right, or a server that refuses the user.
    pub async fn connect(config: &RedisConfig) -> Result<Self> {
        config.check()?;
        let backend = match config.cluster.is_empty() {
            true => Self::new(config.client(&config.url)?, config),
            false => Self::to_cluster(config)?,
        };
        backend.look(config).await?;
        Ok(backend)
    }

    /// A backend on a client of your own. Of the configuration, the time-outs and the records' shape count.
    #[must_use]
    pub fn new(client: Client, config: &RedisConfig) -> Self {
        let address = client.get_connection_info().addr();
        #[cfg(feature = "tls")]
        if matches!(address, redis::ConnectionAddr::TcpTls { .. }) {
            crate::tls::choose_provider();
        }
        let place = address.to_string();
        let link = Box::new(Server::new(client, config));
        RedisBackend { link, place, one_server: true, shape: config.store.shape() }
    }

    /// A backend on a cluster's client of your own, which is taken as it is.
    #[cfg(feature = "cluster")]
    #[must_use]
    pub fn new_cluster(client: redis::cluster::ClusterClient, config: &RedisConfig) -> Self {
        // It does not tell whether it encrypts.
        #[cfg(feature = "tls")]
        crate::tls::choose_provider();
        let link = crate::cluster::Cluster::new(client, config);
        let (place, shape) = ("the cluster".into(), config.store.shape());
        RedisBackend { link: Box::new(link), place, one_server: false, shape }
    }

    #[cfg(feature = "cluster")]
    fn to_cluster(config: &RedisConfig) -> Result<Self> {
        let backend = Self::new_cluster(config.cluster_client()?, config);
        let nodes: Vec<_> = config.cluster.iter().map(|url| crate::config::redacted(url)).collect();
        Ok(RedisBackend { place: format!("the cluster of {}", nodes.join(", ")), ..backend })
    }

    #[cfg(not(feature = "cluster"))]
    fn to_cluster(_: &RedisConfig) -> Result<Self> {
        let fix = "turn on the feature `cluster` of session-redis";
        Err(Error::config("cluster", "this build knows no clusters", fix))
    }

    /// Asks for a key that is not there: a wrong password, database or kind of server shows at the start. An absent server does
    /// not, the program can start before it.
    async fn look(&self, config: &RedisConfig) -> Result<()> {
        let Err(error) = self.link.send(redis::cmd("GET").arg("session-redis:hello")).await else { return Ok(()) };
        Fault::new(&self.place, &error).opening()?;
        // Of a cluster that refuses the user the driver says that it finds no server; a server says why.
        let Some(url) = config.cluster.first() else { return Ok(()) };
        let server = Server::new(config.client(url)?, config);
        match server.send(&redis::cmd("PING")).await {
            Ok(_) => Ok(()),
            Err(error) => Fault::new(&self.place, &error).opening(),
        }
    }

    /// The other way to keep records, where it is wanted.
    fn flask(&self) -> Option<Flask<'_>> {
        (self.shape == Shape::Flask).then_some(Flask(self))
    }

    pub(crate) fn link(&self) -> &dyn Link {
        &*self.link
    }

    /// Writes where the server has nothing at all, as under every id that was just drawn; says whether it did.
    async fn set_new(&self, key: &RecordKey, value: &[u8], ttl: u64) -> Result<bool> {
        let mut command = Cmd::with_capacity(6, value.len() + 128);
        command.arg("SET").arg(key.as_str()).arg(value).arg("NX").arg("PX").arg(ttl);
        match self.answered(Operation::Insert, self.link.send(&command).await)? {
            Value::Okay => Ok(true),
            Value::Nil => Ok(false),
            _ => Err(Fault::no_answer(&self.place).during(Operation::Insert)),
        }
    }

    pub(crate) async fn run<A: ToRedisArgs + Sync>(
        &self,
        operation: Operation,
        script: &Script,
        keys: &[&str],
        arguments: &[A],
    ) -> Result<Answer> {
        match self.answered(operation, script.run(&*self.link, keys, arguments).await)? {
            Value::Int(0) => Ok(Answer::Gone),
            Value::Int(1) => Ok(Answer::Done),
            Value::Int(2) => Ok(Answer::Conflict),
            Value::BulkString(bytes) => match value::entry(bytes)? {
                Entry::Retired(marker) => Ok(Answer::Retired(marker)),
                Entry::Live(_) => Err(value::unreadable()),
            },
            Value::Int(3) => Err(value::unreadable()),
            _ => Err(self.no_answer(operation)),
        }
    }

    pub(crate) fn no_answer(&self, operation: Operation) -> Error {
        Fault::no_answer(&self.place).during(operation)
    }

    pub(crate) fn answered(&self, operation: Operation, answer: RedisResult<Value>) -> Result<Value> {
        answer.map_err(|error| Fault::new(&self.place, &error).during(operation))
    }
}

impl From<Answer> for Swapped {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Done => Swapped::Done,
            Answer::Gone => Swapped::Gone,
            Answer::Conflict => Swapped::Conflict,
            Answer::Retired(marker) => Swapped::Retired(marker),
        }
    }
}

impl From<Answer> for Removed {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Done => Removed::Done,
            Answer::Gone => Removed::Absent,
            Answer::Conflict => Removed::Conflict,
            Answer::Retired(marker) => Removed::Retired(marker),
        }
    }
}

impl fmt::Debug for RedisBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisBackend({})", self.place)
    }
}

#[async_trait]
impl Backend for RedisBackend {
    fn capabilities(&self) -> Capabilities {
        let native = Capabilities::default().self_expiring(true);
        if self.shape == Shape::Flask { flask::capabilities(native) } else { native }
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        if let Some(flask) = self.flask() {
            return flask.get(key, now).await;
        }
        let mut command = Cmd::with_capacity(2, key.as_str().len() + 3);
        let found = self.link.send(command.arg("GET").arg(key.as_str())).await;
        match self.answered(Operation::Get, found)? {
            Value::Nil => Ok(None),
            Value::BulkString(bytes) => Ok(Some(value::entry(bytes)?).filter(|entry| entry.deadline() > now)),
            _ => Err(self.no_answer(Operation::Get)),
        }
    }

    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        if let Some(flask) = self.flask() {
            return flask.insert(key, new, now).await;
        }
        let (value, ttl) = (value::live(new), value::milliseconds(new.deadline, now));
        if self.set_new(key, &value, ttl).await? {
            return Ok(true);
        }
        // What is there may have expired by our clock: that takes a script to say.
        let arguments = [&value::moment(now)[..], &value, &text(ttl)];
        let answer = self.run(Operation::Insert, &script::INSERT, &[key.as_str()], &arguments).await?;
        Ok(matches!(answer, Answer::Done))
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = self.flask() {
            return flask.swap(key, seen, new, now).await;
        }
        let (value, ttl) = (value::of(new), text(value::milliseconds(new.deadline(), now)));
        let arguments = [&value::moment(now)[..], seen.as_bytes(), &value, &ttl];
        Ok(self.run(Operation::Swap, &script::SWAP, &[key.as_str()], &arguments).await?.into())
    }

    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = self.flask() {
            return flask.touch(key, seen, deadline, now).await;
        }
        let ttl = text(value::milliseconds(deadline, now));
        let arguments = [&value::moment(now)[..], seen.as_bytes(), &value::moment(deadline), &ttl];
        Ok(self.run(Operation::Touch, &script::TOUCH, &[key.as_str()], &arguments).await?.into())
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        if let Some(flask) = self.flask() {
            return flask.remove(key, seen).await;
        }
        let seen = seen.map_or(&[][..], |seen| seen.as_bytes());
        let arguments = [&value::moment(now)[..], seen];
        Ok(self.run(Operation::Remove, &script::REMOVE, &[key.as_str()], &arguments).await?.into())
    }

    /// The server removes what has expired.
    async fn sweep(&self, _: usize, _: Timestamp) -> Result<usize> {
        Ok(0)
    }

    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        self.one_server.then_some(self)
    }
}

#[async_trait]
impl AtomicRename for RedisBackend {
    async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        if let Some(flask) = self.flask() {
            return flask.rename(rename, now).await;
        }
        let (record, marker) = (value::live(rename.record), value::retired(rename.marker));
        let record_ttl = text(value::milliseconds(rename.record.deadline, now));
        let marker_ttl = text(value::milliseconds(rename.marker.until, now));
        let arguments = [&value::moment(now)[..], rename.seen.as_bytes(), &record, &record_ttl, &marker, &marker_ttl];
        let keys = [rename.from.as_str(), rename.to.as_str()];
        Ok(self.run(Operation::Rename, &script::RENAME, &keys, &arguments).await?.into())
    }
}

/// A number as the server reads it.
pub(crate) fn text(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}
