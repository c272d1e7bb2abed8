//! Core stays small: what it pulls into a build is counted.

use std::collections::BTreeSet;

use crate::process::{self, Result};

/// Fewer crates than this, core included.
const LIMIT: usize = 40;

/// Counts the crates that `session-core` brings without features.
pub(crate) fn run() -> Result<()> {
    let arguments = ["tree", "-e", "normal", "-p", "session-core", "--prefix", "none"];
    let output = process::capture(&mut process::cargo(arguments))?;
    let crates = unique(&output);
    let names = crates.iter().copied().collect::<Vec<_>>().join(", ");
    println!("session-core: {} crates: {names}", crates.len());
    within(crates.len())
}

/// The distinct `name version` pairs of a tree without indentation.
fn unique(tree: &str) -> BTreeSet<&str> {
    let lines = tree.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(name_and_version).collect()
}

/// What stands before `(proc-macro)`, `(*)` or a path.
fn name_and_version(line: &str) -> &str {
    line.split(" (").next().unwrap_or(line)
}

/// Whether the number is acceptable.
fn within(count: usize) -> Result<()> {
    match count {
        0 => Err("cargo tree shows no crates".into()),
        1..LIMIT => Ok(()),
        _ => Err(format!("session-core pulls in {count} crates; fewer than {LIMIT} wanted").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_counts_once_and_two_versions_twice() {
        let tree = "session-core v0.1.0 (/w/session-core)\nserde v1.0.1\n\
                    serde_derive v1.0.1 (proc-macro)\nserde v1.0.1 (*)\nserde v2.0.0\n\n";
        let found: Vec<_> = unique(tree).into_iter().collect();
        let wanted = ["serde v1.0.1", "serde v2.0.0", "serde_derive v1.0.1", "session-core v0.1.0"];
        assert_eq!(found, wanted);
    }

    #[test]
    fn the_limit_itself_is_too_many() {
        assert!(within(LIMIT - 1).is_ok());
        assert!(within(LIMIT).is_err());
        assert!(within(0).is_err());
    }
}
