//! Whether each server answers rightly: before anything is measured, and loudly if not.

use crate::Result;
use crate::http::Browser;
use crate::peers::{Peer, Store};
use crate::server::Server;
use crate::work::Bench;

pub(crate) fn all(bench: &Bench) -> Result<()> {
    for peer in bench.peers() {
        bench.redis.flush()?;
        let server = Server::start(bench, peer)?;
        let mut visitor = Visitor { browser: server.browser()?, peer };
        visitor.reads_and_writes()?;
        if peer.store == Store::Redis && bench.redis.keys()? == 0 {
            return Err(format!("{}: nothing lies in Redis", peer.label()).into());
        }
        visitor.logs_in_and_out()?;
        bench.say(format!("{} answers rightly on every route", peer.label()));
    }
    bench.redis.flush()
}

/// Walks through the routes.
struct Visitor {
    browser: Browser,
    peer: &'static Peer,
}

impl Visitor {
    fn reads_and_writes(&mut self) -> Result<()> {
        self.wants("GET", "/plain", "ok")?;
        self.wants("GET", "/bare", "ok")?;
        self.browser.cookies.clear();
        let none = self.browser.get("/read")?;
        if none.status == 200 {
            return Err(format!("{}: /read without a session answered {none:?}", self.peer.label()).into());
        }
        self.browser.cookies.clear();
        self.wants("GET", "/new?bytes=300", "0")?;
        self.wants("GET", "/read", "0")?;
        self.wants("POST", "/write", "1")?;
        self.wants("GET", "/write", "2")?;
        self.wants("GET", "/read", "2")?;
        self.wants("GET", "/fill?bytes=1000", "1000")?;
        self.wants("GET", "/setkey?k=a&v=1&sleep_ms=1", "1")?;
        self.wants("GET", "/keys?names=a,b", "a")?;
        self.wants("GET", "/bare", "ok")
    }

    fn logs_in_and_out(&mut self) -> Result<()> {
        let before = self.browser.cookie();
        self.wants("GET", "/login?user=ada", "ada")?;
        if self.browser.cookie() == before {
            return Err(format!("{}: no new id at login", self.peer.label()).into());
        }
        self.wants("GET", "/whoami", "ada")?;
        self.wants("GET", "/read", "2")?;
        self.wants("GET", "/logout", "none")?;
        self.wants("GET", "/whoami", "none")
    }

    fn wants(&mut self, method: &str, path: &str, wanted: &str) -> Result<()> {
        let response = self.browser.send(method, path)?;
        match response.status == 200 && response.body == wanted {
            true => Ok(()),
            false => {
                Err(format!("{}: {method} {path} answered {response:?}, not {wanted:?}", self.peer.label()).into())
            }
        }
    }
}
