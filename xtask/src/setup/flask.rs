//! Real Flasks, in virtual environments of their own under the workspace's `target` folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{self, Result};

/// Where they are put, seen from the workspace's root; the testkit looks there.
const FOLDER: &str = "target/tools";
/// What each environment holds.
const REQUIREMENTS: &str = "session-testkit/flask";
/// The environments and their requirements.
const ENVIRONMENTS: &[(&str, &str)] = &[("flask", "requirements.txt"), ("flask-0.5", "requirements-0.5.txt")];
/// What an environment was made from: written last, so that half an environment counts as none.
const MARK: &str = "made-from";
/// Makes the environment `$1` from the requirements `$2`.
const MAKE: &str = include_str!("flask.sh");

/// Whether an environment is missing, or made from other requirements.
pub(super) fn is_missing() -> bool {
    ENVIRONMENTS.iter().any(|(name, file)| !is_made(&Path::new(FOLDER).join(name), file))
}

/// Whether an environment is there, whole, and made from what this file says now.
fn is_made(environment: &Path, file: &str) -> bool {
    let wanted = fs::read(Path::new(REQUIREMENTS).join(file));
    fs::read(environment.join(MARK)).is_ok_and(|made| wanted.is_ok_and(|wanted| made == wanted))
}

/// What is going to be installed, and why.
pub(super) fn explanation() -> String {
    format!("  Flask and Flask-Session (Python packages, into {FOLDER}): live sessions are shared with the real ones\n")
}

/// Makes the missing environments, or says what they need.
pub(super) fn make() -> Result<()> {
    for (name, file) in ENVIRONMENTS {
        let environment = Path::new(FOLDER).join(name);
        if !is_made(&environment, file) {
            process::run(&mut command(&environment, &Path::new(REQUIREMENTS).join(file)))
                .map_err(|error| format!("{error}, which needs python3 (3.10 or newer) with venv and pip"))?;
        }
    }
    Ok(())
}

/// The command that makes one environment.
fn command(environment: &Path, requirements: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", MAKE, "flask.sh"]).arg(environment).arg(requirements);
    command
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Plays `python3 -m venv`: the pip of the new environment ends with `$STATUS`.
    const FAKE_PYTHON: &str = r#"#!/bin/sh
for last; do :; done
mkdir -p "$last/bin"
printf '#!/bin/sh\nexit %s\n' "$STATUS" >"$last/bin/python"
chmod +x "$last/bin/python"
"#;

    /// Makes an environment with the fake; says whether it then counts as made.
    fn made(status: &str) -> bool {
        let folder = std::env::temp_dir().join(format!("xtask-flask-{status}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let python = folder.join("python3");
        fs::write(&python, FAKE_PYTHON).unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.join("wanted"), "Flask==3.1.3\n").unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let environment = folder.join("flask");
        let ran = process::run(command(&environment, &folder.join("wanted")).env("PATH", path).env("STATUS", status));
        let mark = fs::read_to_string(environment.join(MARK)).is_ok_and(|made| made == "Flask==3.1.3\n");
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(ran.is_ok(), mark);
        mark
    }

    #[test]
    fn an_environment_counts_once_everything_is_in_it() {
        assert!(made("0"));
        assert!(!made("1"));
    }
}
