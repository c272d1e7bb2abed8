//! One site: a store, and one or two server processes on it.

use super::{Browser, Server};

/// Server processes that share a store.
#[derive(Debug)]
pub struct Site {
    servers: Vec<Server>,
    _folder: Option<tempfile::TempDir>,
}

const KEY: (&str, &str) = ("SECRET_KEY", "a key for the tests, of more than 32 bytes");

impl Site {
    /// One process, sessions in its memory.
    pub fn memory() -> Self {
        Site { servers: vec![Server::start_with(&["--demo-routes"], &[KEY])], _folder: None }
    }

    /// Two processes on one SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = format!("sqlite://{}", folder.path().join("sessions.sqlite3").display());
        let start = || Server::start_with(&["--demo-routes", "--store", &store], &[KEY]);
        Site { servers: vec![start(), start()], _folder: Some(folder) }
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
