//! The container engine: whether it is there, and whether the tests left anything behind.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{self, Result};

/// The testkit labels its containers with this variable's name and value.
pub(super) const RUN: &str = "SESSION_TEST_RUN";

/// How long a container may take to go, after its test has ended.
const PATIENCE: Duration = Duration::from_secs(20);

/// This run's label.
pub(super) fn label() -> String {
    std::process::id().to_string()
}

/// Fails where no engine answers.
pub(super) fn answers() -> Result<()> {
    let mut docker = Command::new("docker");
    docker.args(["version", "--format", "Docker {{.Server.Version}}"]);
    let version = process::capture(&mut docker).map_err(|error| {
        format!(
            "no container engine answers ({error}): install Docker and start it; `docker version` must name a server"
        )
    })?;
    print!("{version}");
    Ok(())
}

/// Fails if a container of this run is still there.
pub(super) fn is_clean() -> Result<()> {
    let begun = Instant::now();
    loop {
        let filter = format!("label={RUN}={}", label());
        let left = process::capture(Command::new("docker").args(["ps", "-aq", "--filter", &filter]))?;
        match left.split_whitespace().count() {
            0 => return Ok(()),
            count if begun.elapsed() > PATIENCE => {
                return Err(format!("{count} containers were left behind: {left}").into());
            }
            _ => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}
