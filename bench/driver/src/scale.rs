//! What a request costs when the store holds more and more sessions.

use std::time::Duration;

use crate::Result;
use crate::inside;
use crate::load;
use crate::peers::{PEERS, Peer, Store};
use crate::server::Server;
use crate::stats::Spread;
use crate::work::Bench;

/// Sessions that are requested, among all the others.
const SAMPLE: usize = 512;
/// How many sessions there are.
pub(crate) const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// One curve: the cost at each of [`SIZES`].
#[derive(Debug)]
pub(crate) struct Curve {
    pub(crate) store: &'static str,
    pub(crate) operation: String,
    /// Microseconds of CPU a request.
    pub(crate) ours: Vec<f64>,
    pub(crate) raw: Vec<f64>,
}

impl Curve {
    /// The cost at each size against that of the smallest, divided by the same of the raw handler.
    pub(crate) fn ratios(&self) -> Vec<f64> {
        let of = |costs: &[f64]| costs.iter().map(|cost| cost / costs[0]).collect::<Vec<_>>();
        of(&self.ours).iter().zip(of(&self.raw)).map(|(ours, raw)| ours / raw).collect()
    }
}

pub(crate) fn all(bench: &Bench) -> Result<Vec<Curve>> {
    let mut curves = redis(bench)?;
    curves.extend(inside::sqlite(bench)?);
    Ok(curves)
}

/// `/read` and `/write` on Redis, ours and the raw handler's.
fn redis(bench: &Bench) -> Result<Vec<Curve>> {
    let curve = |path: &str| Curve { store: "Redis", operation: path.to_owned(), ours: vec![], raw: vec![] };
    let mut curves = vec![curve("/read"), curve("/write")];
    bench.redis.flush()?;
    let find = |wanted: fn(&Peer) -> bool| PEERS.iter().find(|peer| peer.store == Store::Redis && wanted(peer));
    let (Some(ours), Some(raw)) = (find(Peer::is_ours), find(Peer::is_raw)) else { return Err("who is who?".into()) };
    let servers = [Server::start(bench, ours)?, Server::start(bench, raw)?];
    let cookies = [servers[0].sessions(SAMPLE, 300)?, servers[1].sessions(SAMPLE, 300)?];
    let mut there = 0;
    for size in SIZES {
        bench.say(format!("cost with {size} sessions in Redis"));
        bench.redis.fill(size - there, size as u64)?;
        there = size;
        for curve in &mut curves {
            let cpu = |which: usize| cost(bench, &servers[which], &curve.operation, &cookies[which]);
            let (ours, raw) = interleaved(bench, cpu)?;
            curve.ours.push(ours);
            curve.raw.push(raw);
        }
    }
    bench.redis.flush()?;
    Ok(curves)
}

fn cost(bench: &Bench, server: &Server, path: &str, cookies: &[String]) -> Result<f64> {
    Ok(load::run(bench, server, path, cookies, Duration::from_secs(1))?.cpu)
}

/// The medians of both, measured in turn.
fn interleaved(bench: &Bench, cpu: impl Fn(usize) -> Result<f64>) -> Result<(f64, f64)> {
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for _ in 0..bench.arguments.rounds {
        ours.push(cpu(0)?);
        raw.push(cpu(1)?);
    }
    let median = |numbers| Spread::of(numbers).map_or(0.0, |spread| spread.median);
    Ok((median(ours), median(raw)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_raw_handlers_own_growth_is_divided_out() {
        let curve = Curve { store: "s", operation: "o".into(), ours: vec![10.0, 22.0], raw: vec![5.0, 10.0] };
        assert_eq!(curve.ratios(), [1.0, 1.1]);
    }
}
