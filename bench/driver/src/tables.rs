//! The tables of the report, in Markdown.

use std::fmt::Write;

use crate::load::Sample;
use crate::peers::{Peer, Store};
use crate::report::Report;
use crate::rows::{self, Row};
use crate::stats::Spread;
use crate::work::Bench;

/// All rows of one store, a table each.
pub(crate) fn store(bench: &Bench, report: &Report, store: Store) -> String {
    let mut out = format!("## On {}\n\n", store.name());
    for row in rows::all() {
        let peers: Vec<_> = bench.peers().filter(|peer| peer.store == store).collect();
        if peers.iter().any(|peer| !report.rounds.of(peer, row).is_empty()) {
            out += &one(report, row, &peers);
        }
    }
    out
}

fn one(report: &Report, row: &Row, peers: &[&Peer]) -> String {
    let mut out = format!(
        "### {}\n\n| | requests/s | ours ÷ it | CPU µs a request | ours ÷ it | p50 ms | p99 ms | Redis calls a request | Redis bytes | \
         Redis CPU µs |\n|---|---|---|---|---|---|---|---|---|---|\n",
        row.name
    );
    let ours = peers.iter().find(|peer| peer.is_ours()).map_or(&[][..], |peer| report.rounds.of(peer, row));
    for peer in peers {
        let samples = report.rounds.of(peer, row);
        if !samples.is_empty() {
            out += &line(peer, samples, ours);
        }
    }
    out + "\n"
}

fn line(peer: &Peer, samples: &[Sample], ours: &[Sample]) -> String {
    let mark = if peer.reads_its_store { "" } else { " ¹" };
    let spread = |value: fn(&Sample) -> f64, digits: usize| {
        let spread = Spread::of(samples.iter().map(value));
        spread.map_or(String::new(), |s| format!("{:.digits$} ({:.digits$}–{:.digits$})", s.median, s.least, s.most))
    };
    let ratio = |value: fn(&Sample) -> f64| match peer.is_ours() {
        true => "1".to_owned(),
        false => ratio(ours, samples, value),
    };
    let median = |value: &dyn Fn(&Sample) -> f64| Spread::of(samples.iter().map(value)).map_or(0.0, |s| s.median);
    format!(
        "| {}{mark} | {} | {} | {} | {} | {:.2} | {:.2} | {} | {:.0} | {:.1} |\n",
        peer.name,
        spread(|sample| sample.rate, 0),
        ratio(|sample| sample.rate),
        spread(|sample| sample.cpu, 1),
        ratio(|sample| sample.cpu),
        median(&|sample| sample.latency[0]),
        median(&|sample| sample.latency[3]),
        commands(samples),
        median(&|sample| sample.bytes),
        median(&|sample| sample.redis_cpu),
    )
}

/// Ours over another's, round by round.
fn ratio(ours: &[Sample], other: &[Sample], value: fn(&Sample) -> f64) -> String {
    let of = |samples: &[Sample]| samples.iter().map(value).collect::<Vec<_>>();
    let spread = Spread::of_ratios(&of(ours), &of(other));
    spread.map_or(String::new(), |s| format!("**{:.2}** ({:.2}–{:.2})", s.median, s.least, s.most))
}

fn commands(samples: &[Sample]) -> String {
    let Some(last) = samples.last().filter(|sample| !sample.commands.is_empty()) else { return "0".into() };
    let each: Vec<_> =
        last.commands.iter().map(|(name, calls)| format!("{} {calls:.2}", name.to_uppercase())).collect();
    each.join(", ")
}

pub(crate) fn losses(report: &Report) -> String {
    let mut out = String::from(
        "| | increments answered | counted | lost | six keys set at once: kept |\n|---|---|---|---|---|\n",
    );
    for loss in &report.losses {
        let lost = loss.answered.saturating_sub(loss.counted);
        let _ =
            writeln!(out, "| {} | {} | {} | {lost} | {} |", loss.peer.label(), loss.answered, loss.counted, loss.keys);
    }
    out
}

pub(crate) fn memory(report: &Report) -> String {
    let mut out = String::from("| | MB | measured with |\n|---|---|---|\n");
    for weight in &report.memory {
        let _ = writeln!(out, "| {} | {:.0} | {} sessions |", weight.peer.label(), weight.megabytes(), weight.sessions);
    }
    out
}

pub(crate) fn inside(report: &Report) -> String {
    let mut out = String::from("| | bytes | µs |\n|---|---|---|\n");
    for timing in &report.inside {
        let _ = writeln!(out, "| {} | {} | {:.2} |", timing.name, timing.size, timing.nanoseconds / 1e3);
    }
    out
}

pub(crate) fn scale(report: &Report) -> String {
    let mut out = String::from(
        "| store | request | 10³: µs | 10⁴ | 10⁵ | 10⁶ | raw 10³: µs | raw 10⁶ | 10⁶ ÷ 10³ | ÷ raw's own |\n",
    );
    out += "|---|---|---|---|---|---|---|---|---|---|\n";
    for curve in &report.scale {
        let ours: Vec<_> = curve.ours.iter().map(|cost| format!("{cost:.1}")).collect();
        let [first, .., last] = &curve.raw[..] else { continue };
        let own = curve.ours.last().unwrap_or(&f64::NAN) / curve.ours.first().unwrap_or(&f64::NAN);
        let divided = curve.ratios().last().copied().unwrap_or(f64::NAN);
        let (store, operation, ours) = (curve.store, &curve.operation, ours.join(" | "));
        let _ =
            writeln!(out, "| {store} | {operation} | {ours} | {first:.1} | {last:.1} | {own:.2} | **{divided:.2}** |");
    }
    out + "| PostgreSQL | | not measured yet | | | | | | | |\n"
}
