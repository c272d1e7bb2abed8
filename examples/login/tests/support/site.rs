//! One site: a store, and one or two server processes on it.

use std::any::Any;

use session_testkit::server::{MariadbServer, MemcachedServer, MongoServer, PostgresServer, RedisServer};

use super::{Browser, Server};

/// Server processes that share a store.
#[derive(Debug)]
pub struct Site {
    servers: Vec<Server>,
    /// The store's file or server, if it has one of its own.
    _store: Option<Box<dyn Any + Send + Sync>>,
}

const KEY: (&str, &str) = ("SECRET_KEY", "a key for the tests, of more than 32 bytes");

impl Site {
    /// One process, sessions in its memory.
    pub fn memory() -> Self {
        Site { servers: vec![Server::start_with(&["--demo-routes"], &[KEY])], _store: None }
    }

    /// Two processes on one SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("sessions.sqlite3").display());
        Self::two_processes(url, folder)
    }

    /// Two processes on one PostgreSQL database.
    pub fn postgres() -> Self {
        Self::two_processes(PostgresServer::shared().database(), ())
    }

    /// Two processes on one MariaDB database.
    pub fn mariadb() -> Self {
        Self::two_processes(MariadbServer::shared().database(), ())
    }

    /// Two processes on one Redis.
    pub fn redis() -> Self {
        let server = RedisServer::private(&[]);
        Self::two_processes(server.url().to_owned(), server)
    }

    /// Two processes on one Memcached.
    pub fn memcached() -> Self {
        let server = MemcachedServer::private(&[]);
        Self::two_processes(server.url().to_owned(), server)
    }

    /// Two processes on one MongoDB.
    pub fn mongodb() -> Self {
        let server = MongoServer::private(&[]);
        Self::two_processes(server.url().to_owned(), server)
    }

    #[allow(clippy::needless_pass_by_value)] // Borrowed from what is moved in beside it.
    fn two_processes(url: String, store: impl Any + Send + Sync) -> Self {
        let start = || Server::start_with(&["--demo-routes", "--store", &url], &[KEY]);
        Site { servers: vec![start(), start()], _store: Some(Box::new(store)) }
    }

    /// The processes' ids.
    pub fn pids(&self) -> impl Iterator<Item = u32> {
        self.servers.iter().map(Server::pid)
    }

    /// A visitor who has a session.
    pub async fn visitor(&self) -> Browser {
        let mut browser = Browser::new(&self.servers[0].url);
        browser.get("/visits").await;
        assert!(browser.id().is_some());
        browser
    }

    /// The same visitor as seen by one of the processes.
    pub fn at(&self, browser: &Browser, n: usize) -> Browser {
        browser.at(&self.servers[n % self.servers.len()].url)
    }
}
