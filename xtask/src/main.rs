//! `cargo xtask`: one command line for setting up, testing and checking the workspace.
//!
//! - [`setup`] installs what the tests need, from the table in [`tools`].
//! - [`mod@test`] runs every test and says what ran; [`totals`] reads what `cargo test` prints.
//! - [`check`] runs what is not a test: formatting, clippy, documentation, and our own rules in
//!   [`arrows`], [`features`], [`tree`] and [`lints`].
//! - [`promises`], [`faults`] and [`security`] write the tables that are made from tests.
//! - [`mod@bench`] measures the library beside its peers.
//! - [`metadata`], [`process`] and [`steps`] are what these are made of.
#![warn(clippy::missing_docs_in_private_items)]

mod arrows;
mod bench;
mod check;
mod faults;
mod features;
mod lints;
mod metadata;
mod process;
mod promises;
mod security;
mod setup;
mod steps;
mod test;
mod tools;
mod totals;
mod tree;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::process::Result;

/// Set up, test and check the workspace.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Arguments {
    /// What to do; nothing at all prints the help.
    #[command(subcommand)]
    task: Option<Task>,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Task {
    /// Install what the tests need beyond cargo.
    Setup {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Run all tests and doc tests, and say how many passed; or the suites on other servers.
    Test(test::Choice),
    /// Run formatting, lints, documentation and the workspace's own rules.
    Check {
        /// Only these steps.
        #[arg(value_enum, value_name = "STEP")]
        only: Vec<check::Step>,
    },
    /// Measure the library beside its peers; writes bench/results/.
    Bench(bench::Arguments),
    /// Check that the workspace's crates depend on each other as designed.
    Arrows,
    /// Kill, freeze, cut and fill every store under the login program, and write docs/faults.md from what visitors saw.
    Faults,
    /// Run the suites and write the README's table of promises from what they showed.
    Promises {
        /// Where the servers come from; `containers` fills that column.
        #[arg(long, value_enum, value_name = "WAY", default_value = "native")]
        via: test::Via,
        /// Only write the table again, from what the last run showed.
        #[arg(long)]
        kept: bool,
    },
    /// Write the column of tests into docs/security.md.
    Security,
}

/// Runs one command; an error goes to stderr and to the exit code.
fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Carries out `task` from the workspace's root, wherever the command was given.
fn run(task: Option<Task>) -> Result<ExitCode> {
    let Some(task) = task else {
        Arguments::command().print_help()?;
        return Ok(ExitCode::SUCCESS);
    };
    process::enter_workspace()?;
    match task {
        Task::Setup { yes } => setup::run(yes).map(|()| ExitCode::SUCCESS),
        Task::Test(choice) => Ok(test::run(&choice)),
        Task::Check { only } => Ok(check::run(&only)),
        Task::Bench(arguments) => bench::run(&arguments).map(|()| ExitCode::SUCCESS),
        Task::Arrows => arrows::run().map(|()| ExitCode::SUCCESS),
        Task::Faults => faults::write().map(|()| ExitCode::SUCCESS),
        Task::Promises { kept: true, .. } => promises::write_table().map(|()| ExitCode::SUCCESS),
        Task::Promises { via, .. } => promises::write(via).map(|()| ExitCode::SUCCESS),
        Task::Security => security::write().map(|()| ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_follows_the_dashes_is_kept_as_it_is() {
        let words = "xtask test -- -p session-core -- --nocapture".split(' ');
        let Some(Task::Test(choice)) = Arguments::parse_from(words).task else {
            panic!("not the test command");
        };
        assert_eq!(choice.arguments, ["-p", "session-core", "--", "--nocapture"]);
    }

    #[test]
    fn nothing_at_all_is_no_error() {
        assert!(Arguments::parse_from(["xtask"]).task.is_none());
    }
}
