//! `cargo xtask bench`: builds the servers of the comparison in `bench/`, a workspace of its own, and measures them.
//!
//! What is measured, and how, is in `bench/driver`; [`instructions`] are counted apart.

mod instructions;

use std::path::PathBuf;

use serde_json::Value;

use crate::process::{self, Result};
use crate::steps::Progress;
use crate::tools::{self, Tool};

/// The manifest of the workspace.
const MANIFEST: &str = "bench/Cargo.toml";

/// Built in this order, each by a call of its own: one call for all would unify the features of what they share.
const PACKAGES: &[&str] = &[
    "bench-driver",
    "bench-inprocess",
    "bench-server",
    "bench-raw",
    "bench-tower-sessions",
    "bench-axum_session",
    "bench-actix-session",
];

/// What only the comparison needs.
const TOOLS: &[Tool] = &[
    Tool { name: "wrk", why: "it sends the requests", programs: &["wrk"], package: "wrk" },
    Tool { name: "redis", why: "sessions lie there", programs: &["redis-server"], package: "redis-server" },
    Tool { name: "taskset", why: "it keeps server and load apart", programs: &["taskset"], package: "util-linux" },
];

/// What counting instructions needs.
const VALGRIND: &[Tool] =
    &[Tool { name: "valgrind", why: "it counts instructions", programs: &["valgrind"], package: "valgrind" }];

/// The command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Fewer and shorter rounds.
    #[arg(long)]
    quick: bool,
    /// Count instructions only, and compare them with bench/instructions.toml.
    #[arg(long, conflicts_with = "quick")]
    instructions: bool,
    /// Write bench/instructions.toml anew.
    #[arg(long, requires = "instructions")]
    update: bool,
    /// Handed to the driver: `--rounds 9`, `--only tower`.
    #[arg(last = true, value_name = "ARGS")]
    rest: Vec<String>,
}

/// Builds, measures, writes `bench/results/`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.instructions {
        return instructions::run(arguments.update);
    }
    installed(TOOLS)?;
    let mut progress = Progress::new(PACKAGES.len() + 1);
    for package in PACKAGES {
        let build = ["build", "--release", "--manifest-path", MANIFEST, "-p", package];
        progress.step(&format!("build {package}"), || process::run(&mut process::cargo(build))).outcome?;
    }
    progress.step("measure", || measure(arguments)).outcome
}

/// Counts the instructions, as a step of the check.
pub(crate) fn check_instructions() -> Result<()> {
    instructions::run(false)
}

/// Runs the driver.
fn measure(arguments: &Arguments) -> Result<()> {
    let programs = programs()?;
    let mut driver = std::process::Command::new(programs.join("bench-driver"));
    driver.arg("--programs").arg(&programs).args(["--results", "bench/results"]);
    if arguments.quick {
        driver.arg("--quick");
    }
    process::run(driver.args(&arguments.rest))
}

/// Says what is missing, and how to get it.
fn installed(tools: &[Tool]) -> Result<()> {
    let missing = tools::missing(tools);
    if missing.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = missing.iter().map(|tool| format!("{} is missing ({})", tool.name, tool.why)).collect();
    let packages: Vec<_> = missing.iter().map(|tool| tool.package).collect();
    Err(format!("{}; on Debian: apt-get install {}", lines.join(", "), packages.join(" ")).into())
}

/// Where cargo puts the programs of the workspace.
fn programs() -> Result<PathBuf> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--manifest-path", MANIFEST];
    let metadata: Value = serde_json::from_str(&process::capture(&mut process::cargo(arguments))?)?;
    let target = metadata["target_directory"].as_str().ok_or("cargo names no target directory")?;
    Ok(PathBuf::from(target).join("release"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let tool = Tool { name: "loader", why: "it loads", programs: &["no-such-program"], package: "loader-tools" };
        let error = installed(&[tool]).unwrap_err().to_string();
        assert!(error.contains("loader is missing (it loads)") && error.ends_with("loader-tools"), "{error}");
        assert!(installed(&[]).is_ok());
    }
}
