//! What meeting requests lose: counts that are overwritten, keys that vanish.

use std::thread;

use crate::Result;
use crate::http::Browser;
use crate::peers::Peer;
use crate::server::Server;
use crate::work::Bench;

pub(crate) const WRITERS: u64 = 64;
pub(crate) const WRITES: u64 = 50;
const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// What became of the changes of one session.
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) peer: &'static Peer,
    /// Increments that were answered with 200.
    pub(crate) answered: u64,
    /// Those of them that counted in the end.
    pub(crate) counted: u64,
    /// Of six keys set at once, those that are there.
    pub(crate) keys: usize,
}

pub(crate) fn all(bench: &Bench) -> Result<Vec<Loss>> {
    bench.peers().map(|peer| one(bench, peer)).collect()
}

fn one(bench: &Bench, peer: &'static Peer) -> Result<Loss> {
    bench.redis.flush()?;
    let server = Server::start(bench, peer)?;
    let mut visitor = server.browser()?;
    visitor.get("/new?bytes=300")?;
    let answered = increments(&visitor)?;
    let counted = visitor.get("/read")?.body.parse()?;
    let keys = set_together(&mut visitor)?;
    bench.say(format!("{}: {counted} of {answered} increments, {keys} of 6 keys", peer.label()));
    Ok(Loss { peer, answered, counted, keys })
}

/// Many requests at once, each of which adds one.
fn increments(visitor: &Browser) -> Result<u64> {
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let mut writer = visitor.twin()?;
        writers.push(thread::spawn(move || -> Result<u64> {
            let mut answered = 0;
            for _ in 0..WRITES {
                answered += u64::from(writer.send("POST", "/write")?.status == 200);
            }
            Ok(answered)
        }));
    }
    let mut answered = 0;
    for writer in writers {
        answered += writer.join().map_err(|_| "a writer panicked")??;
    }
    Ok(answered)
}

/// Six requests that load the session, wait, and set a key each.
fn set_together(visitor: &mut Browser) -> Result<usize> {
    let mut setters = Vec::new();
    for key in KEYS {
        let mut setter = visitor.twin()?;
        let path = format!("/setkey?k={key}&v=1&sleep_ms=100");
        setters.push(thread::spawn(move || setter.get(&path).map(drop)));
    }
    for setter in setters {
        setter.join().map_err(|_| "a setter panicked")??;
    }
    let present = visitor.get(&format!("/keys?names={}", KEYS.join(",")))?.body;
    Ok(present.split(',').filter(|key| !key.is_empty()).count())
}
