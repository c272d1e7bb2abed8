//! The pictures in `bench/results/`.

use crate::Result;
use crate::load::PERCENTILES;
use crate::peers::{Peer, Store};
use crate::report::Report;
use crate::rows::{self, Row};
use crate::scale::SIZES;
use crate::stats::Spread;
use crate::svg::{self, Labels, Series};
use crate::work::Bench;

pub(crate) fn write(bench: &Bench, report: &Report) -> Result<()> {
    let plots = [
        ("throughput.svg", rates(bench, report, Store::Redis)),
        ("throughput-memory.svg", rates(bench, report, Store::Memory)),
        ("cpu.svg", cpu(bench, report)),
        ("latency.svg", latency(bench, report)),
        ("payload.svg", payload(report)),
        ("sessions.svg", sessions(report)),
    ];
    for (name, plot) in plots {
        std::fs::write(bench.arguments.results.join(name), plot)?;
    }
    Ok(())
}

/// The rows that the pictures show.
fn shown() -> Vec<&'static Row> {
    rows::all().filter(|row| [rows::BARE, rows::READ, rows::WRITE, rows::NEW].contains(&row.name)).collect()
}

fn rates(bench: &Bench, report: &Report, store: Store) -> String {
    let title = format!("Requests a second, {}, one core, {} connections", store.name(), crate::load::CONNECTIONS);
    let labels = Labels { title: &title, values: "requests/s, more is better", points: "" };
    by_peer(bench, report, store, labels, |sample| sample.rate)
}

fn cpu(bench: &Bench, report: &Report) -> String {
    let title = "Server CPU a request, Redis";
    let labels = Labels { title, values: "µs, user and system, less is better", points: "" };
    by_peer(bench, report, Store::Redis, labels, |sample| sample.cpu)
}

fn by_peer(
    bench: &Bench,
    report: &Report,
    store: Store,
    labels: Labels<'_>,
    value: fn(&crate::load::Sample) -> f64,
) -> String {
    let rows = shown();
    let groups: Vec<String> = rows.iter().map(|row| row.name.to_owned()).collect();
    let median = |peer: &Peer, row: &Row| {
        let spread = Spread::of(report.rounds.of(peer, row).iter().map(value));
        spread.map_or(f64::NAN, |spread| spread.median)
    };
    let series = |peer: &Peer| Series { name: name(peer), values: rows.iter().map(|row| median(peer, row)).collect() };
    let series: Vec<_> = bench.peers().filter(|peer| peer.store == store).map(series).collect();
    svg::bars(labels, &groups, &series)
}

fn name(peer: &Peer) -> String {
    let beside = if peer.reads_its_store { "" } else { " (process cache)" };
    format!("{}{beside}", peer.name)
}

fn latency(bench: &Bench, report: &Report) -> String {
    let title = format!("Latency of {} on Redis, {} connections", rows::READ, crate::load::CONNECTIONS);
    let labels = Labels { title: &title, values: "ms, less is better", points: "percentile of the requests" };
    let Some(row) = rows::all().find(|row| row.name == rows::READ) else { return String::new() };
    let at = |peer: &Peer, which: usize| {
        let spread = Spread::of(report.rounds.of(peer, row).iter().map(|sample| sample.latency[which]));
        spread.map_or(f64::NAN, |spread| spread.median)
    };
    let series = |peer: &Peer| Series {
        name: name(peer),
        values: (0..PERCENTILES.len()).map(|which| at(peer, which)).collect(),
    };
    let series: Vec<_> = bench.peers().filter(|peer| peer.store == Store::Redis).map(series).collect();
    svg::lines(labels, &PERCENTILES.map(|percentile| percentile.to_string()), &series, true)
}

fn payload(report: &Report) -> String {
    let labels = Labels {
        title: "Cost against the size of a session, in the process, without HTTP",
        values: "µs, less is better",
        points: "bytes of the session's data",
    };
    let names = ["decode + get", "open + get + commit", "open + set + commit"];
    let sizes: Vec<usize> =
        report.inside.iter().filter(|timing| timing.name == names[0]).map(|timing| timing.size).collect();
    let cost = |name: &str, size: usize| {
        let timing = report.inside.iter().find(|timing| timing.name == name && timing.size == size);
        timing.map_or(f64::NAN, |timing| timing.nanoseconds / 1e3)
    };
    let series =
        |name: &&str| Series { name: (*name).to_owned(), values: sizes.iter().map(|size| cost(name, *size)).collect() };
    let points: Vec<String> = sizes.iter().map(usize::to_string).collect();
    svg::lines(labels, &points, &names.iter().map(series).collect::<Vec<_>>(), true)
}

fn sessions(report: &Report) -> String {
    let labels = Labels {
        title: "Cost against the number of sessions in the store",
        values: "CPU a request ÷ that with 1000 sessions ÷ the raw handler's own ratio",
        points: "sessions in the store",
    };
    let series = |curve: &crate::scale::Curve| Series {
        name: format!("{} {}", curve.store, curve.operation),
        values: curve.ratios(),
    };
    svg::lines(labels, &SIZES.map(|size| size.to_string()), &report.scale.iter().map(series).collect::<Vec<_>>(), false)
}
