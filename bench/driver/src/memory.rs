//! How much memory live sessions take in the memory stores.

use std::thread;

use crate::Result;
use crate::peers::{Peer, Store};
use crate::server::Server;
use crate::work::Bench;

/// Connections that begin sessions.
const VISITORS: usize = 8;
/// How much each session holds.
pub(crate) const BYTES: usize = 300;

/// What a memory store took.
#[derive(Debug)]
pub(crate) struct Weight {
    pub(crate) peer: &'static Peer,
    pub(crate) sessions: usize,
    /// Bytes by which the process grew.
    pub(crate) grown: u64,
}

impl Weight {
    /// Megabytes for 100,000 sessions.
    pub(crate) fn megabytes(&self) -> f64 {
        self.grown as f64 / self.sessions as f64 * 1e5 / 1e6
    }
}

pub(crate) fn all(bench: &Bench) -> Result<Vec<Weight>> {
    bench.peers().filter(|peer| peer.store == Store::Memory).map(|peer| one(bench, peer)).collect()
}

fn one(bench: &Bench, peer: &'static Peer) -> Result<Weight> {
    let sessions = if bench.arguments.quick { 20_000 } else { 100_000 };
    let server = Server::start(bench, peer)?;
    // What the connections and the first session cost is no session's.
    begin(&server, VISITORS)?;
    let before = server.memory()?;
    begin(&server, sessions)?;
    let weight = Weight { peer, sessions, grown: server.memory()?.saturating_sub(before) };
    bench.say(format!("{}: {:.0} MB for 100,000 sessions of {BYTES} B", peer.label(), weight.megabytes()));
    Ok(weight)
}

fn begin(server: &Server, count: usize) -> Result<()> {
    let each = count / VISITORS;
    thread::scope(|scope| {
        let visitors: Vec<_> = (0..VISITORS).map(|_| scope.spawn(move || server.sessions(each, BYTES))).collect();
        visitors.into_iter().try_for_each(|visitor| visitor.join().map_err(|_| "a visitor panicked")?.map(drop))
    })
}
