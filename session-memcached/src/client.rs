//! The driver: the one file that touches `memcache::exp`, which is experimental and therefore pinned.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use memcache::exp::{self, Error, MutationStatus, Router, Ttl};
use session_core::Result;

pub use memcache::exp::AsyncMetaClient;

use crate::config::MemcachedConfig;
use crate::error::Fault;
use crate::servers;

/// How long the look-up of a server's name may take.
const LOOK_UP: Duration = Duration::from_secs(5);

/// Connections to one or more Memcached servers. A clone shares them.
///
/// Made of an [`AsyncMetaClient`] of your own, whose time-outs, bounds and way of choosing a server it keeps. By itself that one
/// opens any number of connections, and chooses servers by a hash that another version of Rust may compute differently.
///
/// ```
/// use session_memcached::{AsyncMetaClient, MemcachedConfig, MemcachedStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = AsyncMetaClient::builder().max_connections(Some(4)).connect_async("127.0.0.1:11211").await?;
/// let store = MemcachedStore::new(client, MemcachedConfig::default())?;
/// # let _ = store; Ok(()) }
/// ```
#[derive(Clone)]
pub struct MemcachedClient {
    meta: AsyncMetaClient,
    /// None where somebody else connected, and decides which server keeps what.
    servers: Arc<[String]>,
}

impl From<AsyncMetaClient> for MemcachedClient {
    fn from(meta: AsyncMetaClient) -> Self {
        MemcachedClient { meta, servers: Arc::default() }
    }
}

impl fmt::Debug for MemcachedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemcachedClient({})", self.servers.join(", "))
    }
}

/// An item as it was read.
pub(crate) struct Item {
    pub(crate) value: Vec<u8>,
    pub(crate) cas: u64,
    /// The rest of its life in seconds; none if it has no end.
    pub(crate) left: Option<u32>,
}

/// What became of a write that named a number.
pub(crate) enum Written {
    /// It is done, and this is the item's number now.
    Done(u64),
    /// The item has another number.
    Other,
    /// There is no such item.
    Absent,
}

/// Which server keeps a key, for all time: the driver's own choice hangs on the compiler.
struct Rendezvous;

impl Router for Rendezvous {
    fn route(&self, key: &[u8], servers: &[String]) -> usize {
        servers::route(key, servers)
    }
}

impl MemcachedClient {
    /// Looks the servers' names up. Connects to none: that happens when one is needed.
    pub(crate) async fn connect(config: &MemcachedConfig) -> Result<Self> {
        let servers = servers::parse(&config.url)?;
        for server in &servers {
            resolve(server).await?;
        }
        let meta = AsyncMetaClient::builder()
            .router(Rendezvous)
            .max_connections(Some(config.max_connections))
            .max_idle(config.max_connections)
            .connect_timeout(Some(config.connect_timeout))
            .io_timeout(Some(config.answer_timeout))
            .connect_multiple_async(&servers);
        let meta = meta.await.map_err(|_| unknown("one of the servers"))?;
        Ok(MemcachedClient { meta, servers: servers.into() })
    }

    /// The server that keeps a key, as it stands in messages.
    pub(crate) fn server_of(&self, key: &str) -> &str {
        self.servers.get(servers::route(key.as_bytes(), &self.servers)).map_or("the Memcached server", String::as_str)
    }

    pub(crate) async fn read(&self, key: &str) -> Result<Option<Item>, Fault> {
        let read = self.meta.get(key).meta(exp::Meta::default().cas().ttl()).send().await.map_err(fault)?;
        let left = read.item.ttl.and_then(seconds_left);
        read.value.map(|value| Ok(Item { value, cas: number(read.item.cas)?, left })).transpose()
    }

    /// Writes where nothing is; answers the new item's number.
    pub(crate) async fn add(&self, key: &str, value: &[u8], ttl: u32) -> Result<Option<u64>, Fault> {
        let written = self.meta.set(key, value).ttl(Ttl::secs(ttl)).add().return_cas().send().await.map_err(fault)?;
        match written.status {
            MutationStatus::Applied => number(written.cas).map(Some),
            _ => Ok(None),
        }
    }

    /// Writes over the item of this number.
    pub(crate) async fn replace(&self, key: &str, cas: u64, value: &[u8], ttl: u32) -> Result<Written, Fault> {
        let set = self.meta.set(key, value).ttl(Ttl::secs(ttl)).compare_cas(cas).return_cas();
        let written = set.send().await.map_err(fault)?;
        match written.status {
            MutationStatus::Applied => number(written.cas).map(Written::Done),
            MutationStatus::NotFound => Ok(Written::Absent),
            _ => Ok(Written::Other),
        }
    }

    /// Sets the life of whatever is there; answers its number and how long it had to live before.
    pub(crate) async fn touch(&self, key: &str, ttl: u32) -> Result<Option<(u64, Option<u32>)>, Fault> {
        let get = self.meta.get(key).touch(Ttl::secs(ttl)).without_value().meta(exp::Meta::default().cas().ttl());
        let touched = get.send().await.map_err(fault)?;
        match touched.hit() {
            true => Ok(Some((number(touched.item.cas)?, touched.item.ttl.and_then(seconds_left)))),
            false => Ok(None),
        }
    }

    /// Removes the item of this number.
    pub(crate) async fn delete(&self, key: &str, cas: u64) -> Result<Written, Fault> {
        let removed = self.meta.delete(key).compare_cas(cas).send().await.map_err(fault)?;
        Ok(match removed.status {
            MutationStatus::Applied => Written::Done(cas),
            MutationStatus::NotFound => Written::Absent,
            _ => Written::Other,
        })
    }
}

/// A wrong name is told at once, and by name.
async fn resolve(server: &str) -> Result<()> {
    let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host(server)).await;
    match found.ok().and_then(|addresses| addresses.ok()?.next()) {
        Some(_) => Ok(()),
        None => Err(unknown(server)),
    }
}

fn unknown(server: &str) -> session_core::Error {
    session_core::Error::config("url", format!("the name of {server} cannot be looked up"), "correct it, or the DNS")
}

/// The number that the server gives to each write; without it nothing here is safe.
fn number(cas: Option<u64>) -> Result<u64, Fault> {
    cas.filter(|cas| *cas > 0).ok_or(Fault::Refused("it has no compare-and-swap; start memcached without -C"))
}

/// The protocol's -1 is "for ever".
fn seconds_left(ttl: i64) -> Option<u32> {
    u32::try_from(ttl).ok()
}

/// What a driver's error means. Nothing of its text is kept: it holds the key, or what the server said about it.
fn fault(error: Error) -> Fault {
    match error {
        Error::Io(error) => Fault::Io(error),
        Error::Timeout { .. } => Fault::TimedOut,
        // Also around what the server has clearly answered.
        Error::Ambiguous { source, .. } => fault(*source),
        Error::Server(said) if said.contains("too large") => {
            Fault::Refused("its largest item is smaller than max_item_size; raise its -I, or lower the setting")
        }
        Error::Server(said) if said.contains("out of memory") => Fault::Refused("it is out of memory; raise its -m"),
        Error::Server(_) => Fault::Refused("it reports an error of its own"),
        Error::Rejected(_) => Fault::Refused("it does not know the command; memcached 1.6 or newer is needed"),
        _ => Fault::Refused("it does not speak memcached's meta protocol; memcached 1.6 or newer is needed"),
    }
}
