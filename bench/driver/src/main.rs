//! Measures this library beside its peers: `cargo xtask bench` builds the servers and runs this.
//!
//! - [`peers`] says who takes part; [`check`] sees that each answers rightly, before anything is measured.
//! - [`rounds`] runs the [`rows`] of the table by [`load`], on servers that [`server`] starts and watches.
//! - [`losses`], [`memory`], [`scale`] and [`inside`] measure what no load test shows.
//! - [`report`] writes the tables, [`plots`] the pictures, with [`svg`].

mod arguments;
mod check;
mod http;
mod inside;
mod load;
mod losses;
mod memory;
mod peers;
mod plots;
mod redis;
mod report;
mod rounds;
mod rows;
mod scale;
mod server;
mod stats;
mod svg;
mod tables;
mod work;

use std::process::ExitCode;

use arguments::Arguments;
use report::Report;
use work::Bench;

/// What goes wrong; for a person to read.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    match Arguments::parse().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let bench = Bench::start(arguments)?;
    check::all(&bench)?;
    let report = Report {
        losses: losses::all(&bench)?,
        memory: memory::all(&bench)?,
        inside: inside::all(&bench)?,
        scale: scale::all(&bench)?,
        rounds: rounds::all(&bench)?,
    };
    report.write(&bench)
}
