//! Interleaved rounds: in each, every server is started anew, and every row is measured on one server after the other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::Result;
use crate::load::{self, Sample};
use crate::peers::{Peer, Store};
use crate::rows::{self, Row};
use crate::server::Server;
use crate::work::Bench;

/// The samples of all rounds, in their order.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    samples: HashMap<(Store, &'static str, &'static str), Vec<Sample>>,
}

impl Rounds {
    /// What was measured of a peer in a row; none where it does not take part.
    pub(crate) fn of(&self, peer: &Peer, row: &Row) -> &[Sample] {
        self.samples.get(&(peer.store, peer.name, row.name)).map_or(&[], |samples| samples)
    }

    fn add(&mut self, peer: &Peer, row: &Row, sample: Sample) {
        self.samples.entry((peer.store, peer.name, row.name)).or_default().push(sample);
    }
}

/// A server with sessions.
struct Entrant {
    peer: &'static Peer,
    server: Server,
    /// By number and size.
    cookies: HashMap<(usize, usize), Vec<String>>,
}

pub(crate) fn all(bench: &Bench) -> Result<Rounds> {
    let mut rounds = Rounds::default();
    for round in 1..=bench.arguments.rounds {
        for store in Store::ALL {
            bench.say(format!("round {round} of {}: {}", bench.arguments.rounds, store.name()));
            one(bench, store, round, &mut rounds)?;
        }
    }
    Ok(rounds)
}

fn one(bench: &Bench, store: Store, round: usize, rounds: &mut Rounds) -> Result<()> {
    bench.redis.flush()?;
    let mut entrants = Vec::new();
    for peer in bench.peers().filter(|peer| peer.store == store) {
        entrants.push(Entrant::start(bench, peer)?);
    }
    for row in rows::all() {
        let turns = entrants.len();
        // Another one begins each round, so that nobody always follows the same neighbour.
        for turn in 0..turns {
            let entrant = &entrants[(turn + round) % turns];
            if rows::of(entrant.peer).any(|other| other == row) {
                let sample = entrant.measure(bench, row)?;
                println!("          {:<28} {:<24} {}", row.name, entrant.peer.label(), shown(&sample));
                rounds.add(entrant.peer, row, sample);
            }
        }
    }
    Ok(())
}

fn shown(sample: &Sample) -> String {
    format!("{:>8.0} requests/s {:>7.1} µs CPU", sample.rate, sample.cpu)
}

impl Entrant {
    fn start(bench: &Bench, peer: &'static Peer) -> Result<Self> {
        let server = Server::start(bench, peer)?;
        let mut cookies = HashMap::new();
        for row in rows::of(peer).filter(|row| row.sessions > 0) {
            let (sessions, bytes) = (row.sessions, row.bytes);
            if let Entry::Vacant(free) = cookies.entry((sessions, bytes)) {
                free.insert(server.sessions(sessions, bytes)?);
            }
        }
        let entrant = Entrant { peer, server, cookies };
        entrant.warm_up()?;
        Ok(entrant)
    }

    fn warm_up(&self) -> Result<()> {
        let mut browser = self.server.browser()?;
        (0..1_000).try_for_each(|_| browser.get("/bare").map(drop))
    }

    fn measure(&self, bench: &Bench, row: &Row) -> Result<Sample> {
        let cookies = self.cookies.get(&(row.sessions, row.bytes)).map_or(&[][..], |cookies| cookies);
        load::run(bench, &self.server, row.path, cookies, bench.arguments.window())
            .map_err(|error| format!("{}: {error}", self.peer.label()).into())
    }
}
