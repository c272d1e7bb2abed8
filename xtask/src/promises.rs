//! The README's table of promises: which were shown on which store, and by how many checks.
//!
//! `cargo xtask promises` runs the suites, keeps what they report in `docs/promises.json` and writes the table from it;
//! `cargo xtask check` needs no server to compare the three: the list of checks, what was kept, and the table.

mod record;
mod table;

use std::fs;
use std::path::PathBuf;

use crate::process::{self, Result};
use crate::test::Via;
use record::Record;

/// What the last run showed.
const KEPT: &str = "docs/promises.json";
/// The page with the table.
const PAGE: &str = "README.md";
/// The names of all checks.
const LIST: &str = "session-testkit/src/suite/list.rs";
/// The testkit adds a line for each check to the file that this variable names.
const REPORT: &str = "SESSION_TEST_REPORT";
/// Every suite there is: the stores' own ones, and that of the memory.
const SUITES: &[&str] =
    &["test", "--workspace", "--all-features", "--no-fail-fast", "--test", "*conformance", "--test", "memory"];

/// Runs the suites on servers from `via`, and writes what they showed.
pub(crate) fn write(via: Via) -> Result<()> {
    let report = report()?;
    let mut suites = process::cargo(SUITES.iter().copied());
    process::run(suites.env(REPORT, &report).env("SESSION_TEST_VIA", via.word()))?;
    let mut record = read().unwrap_or_default();
    record.set(via.word(), &fs::read_to_string(&report)?);
    complete(&record)?;
    fs::write(KEPT, record.to_text()?)?;
    println!("{KEPT}: written");
    write_table()
}

/// Writes the table from what was kept, without a run.
pub(crate) fn write_table() -> Result<()> {
    fs::write(PAGE, filled(&fs::read_to_string(PAGE)?, &read()?)?)?;
    println!("{PAGE}: written");
    Ok(())
}

/// Compares the table, what was kept, and the list of checks.
pub(crate) fn check() -> Result<()> {
    let record = read()?;
    complete(&record)?;
    let page = fs::read_to_string(PAGE)?;
    if page != filled(&page, &record)? {
        return Err(format!("the table in {PAGE} is not that of {KEPT}: run `cargo xtask promises --kept`").into());
    }
    println!("{PAGE}: the table is that of the run, and the run had every check");
    Ok(())
}

/// An empty file for the report, in a folder that is not kept.
fn report() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("session-promises-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let report = folder.join("report.tsv");
    fs::write(&report, "")?;
    Ok(report)
}

/// What was kept of the last run.
fn read() -> Result<Record> {
    Record::of_text(&fs::read_to_string(KEPT).map_err(|error| format!("{KEPT}: {error}; run `cargo xtask promises`"))?)
}

/// Fails unless each suite had each check of the list: one that failed, or did not run, is missing.
fn complete(record: &Record) -> Result<()> {
    let (all, of_stores) = lengths(&fs::read_to_string(LIST)?);
    let wrong = record.totals().filter(|(_, total)| ![all, of_stores].contains(total));
    let wrong: Vec<_> = wrong.map(|(suite, total)| format!("{suite}: {total} checks, and there are {all}")).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{}\nrun `cargo xtask promises`", wrong.join("\n")).into()),
    }
}

/// How many checks there are for a backend, and how many of these for a store that is none.
fn lengths(list: &str) -> (u64, u64) {
    let (mut all, mut of_stores, mut is_of_stores) = (0, 0, false);
    for line in list.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("macro_rules! ") {
            is_of_stores = name.starts_with("__store") || name.starts_with("__sessions");
        }
        if line.ends_with("];") {
            all += 1;
            of_stores += u64::from(is_of_stores);
        }
    }
    (all, of_stores)
}

/// The page with the table made anew.
fn filled(page: &str, record: &Record) -> Result<String> {
    let (begin, end) = ("<!-- promises -->\n", "<!-- /promises -->");
    let parts = page.split_once(begin).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    let (before, after) =
        parts.ok_or_else(|| format!("{PAGE} has no place for the table, between {begin}and {end}"))?;
    Ok(format!("{before}{begin}\n{}\n{end}{after}", table::of(record)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_of_stores_are_counted_by_themselves() {
        let list = "macro_rules! __backend_checks {\n  p1_a [];\n p2_b [Sweep];\n}\nmacro_rules! __store_checks {\n p1_c [];\n}";
        assert_eq!(lengths(list), (3, 1));
    }

    #[test]
    fn the_table_stands_between_its_marks() {
        let mut record = Record::default();
        record.set("native", "session-redis\tone_server::backend::p1_x\tpassed\n");
        let page = filled("# A\n<!-- promises -->\nold\n<!-- /promises -->\nrest\n", &record).unwrap();
        assert!(
            page.starts_with("# A\n<!-- promises -->\n\n| store |") && page.ends_with("<!-- /promises -->\nrest\n")
        );
        assert!(page.contains("| Redis | 1 |") && !page.contains("old"), "{page}");
        assert_eq!(filled(&page, &record).unwrap(), page, "twice is once");
        assert!(filled("# no place", &record).is_err());
    }
}
