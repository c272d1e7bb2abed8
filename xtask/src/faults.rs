//! `docs/faults.md`: what visitors saw of every misfortune, from a run.

use std::collections::BTreeSet;
use std::fs;

use crate::process::{self, Result};

/// The page.
const PAGE: &str = "docs/faults.md";
/// The run.
const RUN: &[&str] = &["test", "-p", "login", "--all-features", "--no-fail-fast", "--test", "faults"];
/// The tests add a line for each misfortune to the file that this variable names.
const REPORT: &str = "SESSION_TEST_FAULTS";

/// The most that it may take until all is well, in milliseconds. The tests themselves allow twice as much, on a machine that is busy.
const PROMISED: u32 = 2000;

/// What stands above the table.
const HEAD: &str = "\
# Faults

What four visitors of the login program, who count their visits in one session, see while its store suffers. Written by
`cargo xtask faults` from a run of `examples/login/tests/faults`, which fails unless

* each request is answered within 5 s, with 200, or with 503 and no `Set-Cookie` (409 where the store itself forgot the session);
* the first request succeeds within 2 s after the fault is over, and nothing is restarted but what was killed;
* every visit answered 200 is counted, on the stores that persist, and none that nobody made.

Times are of one run on a machine with two cores that had other work to do. \"Back\" is the time from the end of the fault to the first
answer of 200. Where all answers are 200, nobody noticed.

| fault | store | answers | longest | back |
|---|---|---|--:|--:|
";

/// What is shown elsewhere.
const TAIL: &str = "
Redis persists here with `--appendfsync always`; Memcached keeps nothing over a restart, and a read-only Redis takes over what its
primary has. The nodes of a Redis Cluster send their clients to each other, past the proxy that cuts and refuses; what one dead node
of three does is in `session-redis/tests/redis/cluster.rs`. \"Back\" counts there from when the cluster itself says that it is whole. A
killed process on SQLite is `examples/login/tests/durability.rs`; a file that is read-only or no database, `session-sql/tests/sqlite`.
The memory store can suffer none of this.
";

/// Runs the misfortunes and writes the page.
pub(crate) fn write() -> Result<()> {
    let report = std::env::temp_dir().join(format!("session-faults-{}.tsv", std::process::id()));
    fs::write(&report, "")?;
    let ran = process::run(process::cargo(RUN.iter().copied()).env(REPORT, &report));
    let lines = fs::read_to_string(&report)?;
    fs::remove_file(&report)?;
    ran?;
    if let Some(late) = lines.lines().find(|line| is_late(line)) {
        return Err(format!("longer than {PROMISED} ms until all was well: {late}").into());
    }
    fs::write(PAGE, format!("{HEAD}{}{TAIL}", rows(&lines)))?;
    println!("{PAGE}: written");
    Ok(())
}

/// Whether the last field of a line, the time until the first answer of 200, is longer than promised.
fn is_late(line: &str) -> bool {
    line.rsplit('\t').next().and_then(|back| back.parse::<u32>().ok()).is_some_and(|back| back > PROMISED)
}

/// One row a line, by fault and store: the order of a run is that of its threads.
fn rows(report: &str) -> String {
    let lines: BTreeSet<_> = report.lines().collect();
    lines.into_iter().filter_map(row).collect()
}

/// One row of the table.
fn row(line: &str) -> Option<String> {
    let mut fields = line.split('\t');
    let [fault, store, answers, longest, back] = std::array::from_fn(|_| fields.next());
    let [longest, back] = [longest?, back?].map(|time| format!("{time} ms"));
    Some(format!("| {} | {} | {} | {longest} | {back} |\n", fault?, store?, answers?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_that_took_longer_than_promised_is_refused() {
        assert!(is_late("killed\tRedis\t3 × 200\t12\t2001") && !is_late("killed\tRedis\t3 × 200\t12\t2000"));
    }

    #[test]
    fn rows_are_sorted_and_what_is_no_line_is_left_out() {
        let report = "killed\tRedis\t3 × 200\t12\t5\nnonsense\nfrozen\tRedis\t1 × 503\t4000\t9\n";
        let wanted = "| frozen | Redis | 1 × 503 | 4000 ms | 9 ms |\n| killed | Redis | 3 × 200 | 12 ms | 5 ms |\n";
        assert_eq!(rows(report), wanted);
    }
}
