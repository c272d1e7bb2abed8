//! `cargo xtask check`: all that is not a test.

use std::process::ExitCode;

use clap::ValueEnum;

use crate::process::{self, Result};
use crate::steps::{Progress, Report, seconds};
use crate::{arrows, bench, features, lints, promises, security, tree};

/// The steps, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// The code is formatted.
    Fmt,
    /// Clippy has nothing to say.
    Clippy,
    /// The documentation builds without a warning.
    Doc,
    /// The crates depend on each other as designed.
    Arrows,
    /// Each feature compiles alone.
    Features,
    /// Core pulls few crates in.
    Tree,
    /// No secret is compared with `==`.
    Secrets,
    /// No file of a library is too long.
    Lines,
    /// Nothing is ignored, unfinished or tied to one machine.
    Ignored,
    /// Each requirement of docs/security.md is shown by a test.
    Security,
    /// The README's table of promises is that of the last run, and has every check.
    Promises,
    /// No request takes more instructions than it did.
    Instructions,
}

/// The arguments of clippy: all there is, and no warning stands.
const CLIPPY: &[&str] = &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];

impl Step {
    /// Carries out the step.
    fn run(self) -> Result<()> {
        match self {
            Self::Fmt => cargo(&["fmt", "--all", "--check"]),
            Self::Clippy => cargo(CLIPPY),
            Self::Doc => documentation(),
            Self::Arrows => arrows::run(),
            Self::Features => features::run(),
            Self::Tree => tree::run(),
            Self::Secrets => lints::secrets(),
            Self::Lines => lints::lines(),
            Self::Ignored => lints::unfinished(),
            Self::Security => security::check(),
            Self::Promises => promises::check(),
            Self::Instructions => bench::check_instructions(),
        }
    }

    /// The word by which it is chosen.
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Runs the steps, all unless some are chosen, and goes on after a failure.
pub(crate) fn run(only: &[Step]) -> ExitCode {
    let steps = if only.is_empty() { Step::value_variants() } else { only };
    let mut progress = Progress::new(steps.len());
    let reports: Vec<_> = steps.iter().map(|step| progress.step(&step.name(), || step.run())).collect();
    println!("\n{}total time {}", table(&reports), seconds(progress.elapsed()));
    let failed = failed(&reports);
    if failed.is_empty() {
        println!("check: passed");
        return ExitCode::SUCCESS;
    }
    println!("check: FAILED: {}", failed.join(", "));
    ExitCode::FAILURE
}

/// Runs one command of cargo.
fn cargo(arguments: &[&str]) -> Result<()> {
    process::run(&mut process::cargo(arguments.iter().copied()))
}

/// Builds the documentation; a broken link is an error.
fn documentation() -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--all-features"];
    process::run(process::cargo(arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

/// One line a step.
fn table(reports: &[Report<()>]) -> String {
    let lines = reports.iter().map(|Report { name, elapsed, outcome }| {
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        format!("{name:<14}{word:<8}{:>12}\n", seconds(*elapsed))
    });
    lines.collect()
}

/// The names of the steps that failed.
fn failed(reports: &[Report<()>]) -> Vec<&str> {
    let failed = reports.iter().filter(|report| report.outcome.is_err());
    failed.map(|report| report.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn report(name: &str, outcome: Result<()>) -> Report<()> {
        Report { name: name.to_owned(), elapsed: Duration::ZERO, outcome }
    }

    #[test]
    fn the_failed_steps_are_named() {
        let reports = [report("fmt", Ok(())), report("doc", Err("broken link".into()))];
        assert_eq!(failed(&reports), ["doc"]);
        assert!(table(&reports).contains("doc           FAILED"));
    }

    #[test]
    fn steps_are_chosen_by_their_names() {
        for step in Step::value_variants() {
            assert_eq!(Step::from_str(&step.name(), false).as_ref(), Ok(step));
        }
    }
}
