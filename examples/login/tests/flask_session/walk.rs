//! The script of the guide.

use std::process::Command;

/// What it prints where everything is as the guide says, in this order.
const SAID: [&str; 22] = [
    "== Log in at Flask",
    "Rust: Logged in as ada",
    "== Count on both sides",
    "Flask: visits 1",
    "Rust: visits 2",
    "Flask: visits 3",
    "still has the id that Flask gave",
    "== Log out at Rust",
    "Flask: not logged in",
    "== Log in at Flask again",
    "Flask: visits 1",
    "records in Flask's store: 2, in Rust's own: 0",
    "Rust: Logged in as ada",
    "records in Flask's store: 2, in Rust's own: 0   (reading has moved nothing)",
    "Rust: visits 2",
    "records in Flask's store: 1, in Rust's own: 1   (the change has moved one)",
    "Rust: Logged in as eve",
    "records in Flask's store: 0, in Rust's own: 2",
    "== Nothing is left",
    "Rust: Logged in as ada",
    "still has the id that Flask gave",
    "== Done",
];

#[test]
fn flask_migration_script_walks_through_the_guide() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/flask-migration/walk.sh");
    let walked = Command::new(script).env("LOGIN", env!("CARGO_BIN_EXE_login")).output().unwrap();
    let (said, complained) = (String::from_utf8_lossy(&walked.stdout), String::from_utf8_lossy(&walked.stderr));
    assert!(walked.status.success(), "{said}\n{complained}");
    let mut rest = &*said;
    for line in SAID {
        let at = rest.find(line).unwrap_or_else(|| panic!("{line:?} is missing:\n{said}\n{complained}"));
        rest = &rest[at + line.len()..];
    }
}
