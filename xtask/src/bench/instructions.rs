//! Instructions a request, counted by callgrind: the same number on every run, whatever else the machine does.
//!
//! Each case runs N times and 3 N times; the difference, divided by 2 N, is free of what starting costs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use super::{MANIFEST, VALGRIND, installed, programs};
use crate::process::{self, Result};

/// Where the counts are kept.
const FILE: &str = "bench/instructions.toml";

/// How often a case runs, at first.
const TIMES: u64 = 400;

/// More than this share above what is kept fails.
const TOLERANCE: f64 = 0.05;

/// Counts by case.
type Counts = BTreeMap<String, u64>;

/// Builds, counts, and compares, or writes.
pub(super) fn run(update: bool) -> Result<()> {
    installed(VALGRIND)?;
    let build = ["build", "--release", "--manifest-path", MANIFEST, "-p", "bench-inprocess", "--no-default-features"];
    process::run(&mut process::cargo(build))?;
    let counts = count()?;
    if update {
        std::fs::write(FILE, written(&counts, &compiler()?))?;
        println!("wrote {FILE}");
        return Ok(());
    }
    compare(&kept(&std::fs::read_to_string(FILE)?), &counts)
}

/// Counts every case.
fn count() -> Result<Counts> {
    let program = programs()?.join("bench-inprocess");
    let cases = process::capture(Command::new(&program).arg("cases"))?;
    let mut counts = Counts::new();
    for case in cases.lines() {
        let difference = total(&program, case, 3 * TIMES)?.saturating_sub(total(&program, case, TIMES)?);
        let each = difference / (2 * TIMES);
        println!("{each:>9} instructions  {case}");
        counts.insert(case.to_owned(), each);
    }
    Ok(counts)
}

/// All instructions of one run.
fn total(program: &Path, case: &str, times: u64) -> Result<u64> {
    let file = std::env::temp_dir().join(format!("bench-callgrind-{}", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["-q", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", file.display()));
    valgrind.arg(program).args(["count", case, &times.to_string()]);
    let ran = process::capture(&mut valgrind);
    let text = std::fs::read_to_string(&file);
    let _ = std::fs::remove_file(&file);
    ran?;
    let text = text?;
    let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    Ok(line.ok_or("callgrind wrote no total")?.trim().parse()?)
}

/// The compiler, on which the counts depend.
fn compiler() -> Result<String> {
    Ok(process::capture(Command::new("rustc").arg("--version"))?.trim().to_owned())
}

/// The file's text.
fn written(counts: &Counts, compiler: &str) -> String {
    let mut text = format!(
        "# Instructions a time, by callgrind. `cargo xtask bench --instructions` counts again and fails where one rose by more than\n\
         # 5 %; with --update it writes this file. `service` calls axum's router, `http` goes through hyper over a pipe in memory.\n\
         compiler = \"{compiler}\"\n\n[instructions]\n"
    );
    for (case, count) in counts {
        let _ = writeln!(text, "\"{case}\" = {count}");
    }
    text
}

/// The counts in such a text.
fn kept(text: &str) -> Counts {
    let pairs = text.lines().filter_map(|line| {
        let (case, count) = line.strip_prefix('"')?.split_once("\" = ")?;
        Some((case.to_owned(), count.trim().parse().ok()?))
    });
    pairs.collect()
}

/// Fails where a count rose too much, or where one side lacks a case.
fn compare(kept: &Counts, counted: &Counts) -> Result<()> {
    let mut wrong = Vec::new();
    for (case, now) in counted {
        match kept.get(case) {
            Some(before) if rose(*before, *now) => wrong.push(format!("{case}: {now} instructions, kept are {before}")),
            Some(_) => {}
            None => wrong.push(format!("{case}: not in {FILE}")),
        }
    }
    wrong.extend(kept.keys().filter(|case| !counted.contains_key(*case)).map(|case| format!("{case}: not counted")));
    if wrong.is_empty() {
        println!("no count rose by more than 5 %");
        return Ok(());
    }
    let hint = "if that is meant, or the compiler is another one: cargo xtask bench --instructions --update";
    Err(format!("{}\n{hint}", wrong.join("\n")).into())
}

/// Whether this is more than the tolerance.
fn rose(before: u64, now: u64) -> bool {
    now as f64 > before as f64 * (1.0 + TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Counts {
        pairs.iter().map(|(case, count)| ((*case).to_owned(), *count)).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let counts = counts(&[("http /bare cookie", 9_000), ("open+get+commit", 1_234)]);
        assert_eq!(kept(&written(&counts, "rustc 1.0.0")), counts);
    }

    #[test]
    fn only_a_rise_of_more_than_five_percent_fails() {
        let kept = counts(&[("a", 1_000)]);
        for (now, stands) in [(1_050, true), (1_051, false), (10, true)] {
            assert_eq!(compare(&kept, &counts(&[("a", now)])).is_ok(), stands, "{now}");
        }
    }

    #[test]
    fn a_case_that_one_side_lacks_fails() {
        assert!(compare(&counts(&[]), &counts(&[("a", 1)])).is_err());
        assert!(compare(&counts(&[("a", 1)]), &counts(&[])).is_err());
    }
}
