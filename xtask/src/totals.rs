//! Reading what `cargo test` prints.

use std::ops::AddAssign;

/// How many tests of a kind of outcome there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Ran and passed.
    pub(crate) passed: u64,
    /// Ran and failed.
    pub(crate) failed: u64,
    /// Did not run, because the source says so.
    pub(crate) ignored: u64,
}

impl Totals {
    /// Reads one line of output: `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let result = line.strip_prefix("test result: ")?;
        let (_, counts) = result.split_once(". ")?;
        Some(Self {
            passed: count(counts, "passed")?,
            failed: count(counts, "failed")?,
            ignored: count(counts, "ignored")?,
        })
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// Adds up results line by line, and notices a test program that ends without one: when it aborts,
/// cargo's status alone would not tell it from an ordinary failure beside it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counter {
    /// The results so far.
    totals: Totals,
    /// Whether a test program began and gave no result yet.
    is_open: bool,
}

impl Counter {
    /// Reads one line of output.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(result) = Totals::parse(line) {
            self.totals += result;
            self.is_open = false;
        } else if is_beginning(line) {
            *self = Self { totals: self.totals(), is_open: true };
        }
    }

    /// The totals, in which a program without a result is one failure.
    pub(crate) fn totals(&self) -> Totals {
        let mut totals = self.totals;
        totals.failed += u64::from(self.is_open);
        totals
    }
}

/// Whether a test program begins: `running 3 tests`.
fn is_beginning(line: &str) -> bool {
    let words: Vec<_> = line.split(' ').collect();
    matches!(words[..], ["running", number, "test" | "tests"] if number.parse::<u64>().is_ok())
}

/// The number in front of `word`, in a list separated by semicolons.
fn count(counts: &str, word: &str) -> Option<u64> {
    let mut pairs = counts.split(';').filter_map(|part| part.trim().split_once(' '));
    pairs.find(|(_, name)| *name == word)?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 7 filtered out; finished in 0.4s";
    const FAILED: &str = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; \
                          0 filtered out; finished in 1.20s";

    #[test]
    fn each_number_is_read_from_its_own_place() {
        let ok = Totals { passed: 12, failed: 0, ignored: 3 };
        assert_eq!(Totals::parse(OK), Some(ok));
        let failed = Totals { passed: 1, failed: 2, ignored: 0 };
        assert_eq!(Totals::parse(FAILED), Some(failed));
    }

    #[test]
    fn other_lines_are_no_result() {
        for line in [
            "",
            "test a::b ... ok",
            "running 3 tests",
            "thread said: test result: ok. 1 passed; 0 failed; 0 ignored",
            "test result: ok. many passed; 0 failed; 0 ignored",
        ] {
            assert_eq!(Totals::parse(line), None, "{line}");
        }
    }

    #[test]
    fn totals_add_up() {
        let mut sum = Totals::default();
        sum += Totals::parse(OK).unwrap();
        sum += Totals::parse(FAILED).unwrap();
        let wanted = Totals { passed: 13, failed: 2, ignored: 3 };
        assert_eq!(sum, wanted);
    }

    #[test]
    fn a_program_that_ends_without_a_result_is_a_failure() {
        let failed = |lines: &[&str]| {
            let mut counter = Counter::default();
            lines.iter().for_each(|line| counter.read(line));
            counter.totals().failed
        };
        assert_eq!(failed(&["running 12 tests", "test a ... ok", OK]), 0);
        assert_eq!(failed(&["running 1 test", "test a ... "]), 1);
        assert_eq!(failed(&["running 1 test", "running 12 tests", OK]), 1);
        assert_eq!(failed(&["running 1 test", "running 2 tests", FAILED]), 3);
        assert_eq!(failed(&["running late", "running x tests", "running 1 test again"]), 0);
    }
}
