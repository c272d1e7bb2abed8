//! What a run showed, for the table of promises.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;

/// Names a file to which each check adds a line. Read at run time.
const REPORT: &str = "SESSION_TEST_REPORT";

/// Notes a check that passed, or why it was excluded; nothing where no file is named.
pub(super) fn note(outcome: &str) {
    let Some(file) = env::var_os(REPORT) else { return };
    // Cargo tells the package; the test harness names its threads after the tests.
    let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let thread = std::thread::current();
    let line = format!("{package}\t{}\t{outcome}\n", thread.name().unwrap_or_default());
    // One write, so that lines of programs that run side by side do not mix.
    let written =
        OpenOptions::new().create(true).append(true).open(file).and_then(|mut file| file.write_all(line.as_bytes()));
    written.expect("the report can be written");
}
