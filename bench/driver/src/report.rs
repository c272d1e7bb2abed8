//! What is written into `bench/results/`.

use std::fmt::Write;
use std::process::Command;

use crate::Result;
use crate::inside::Timing;
use crate::load::CONNECTIONS;
use crate::losses::{Loss, WRITERS, WRITES};
use crate::memory::Weight;
use crate::peers::Store;
use crate::plots;
use crate::rounds::Rounds;
use crate::scale::Curve;
use crate::tables;
use crate::work::Bench;

/// Everything that was measured.
pub(crate) struct Report {
    pub(crate) losses: Vec<Loss>,
    pub(crate) memory: Vec<Weight>,
    pub(crate) inside: Vec<Timing>,
    pub(crate) scale: Vec<Curve>,
    pub(crate) rounds: Rounds,
}

impl Report {
    pub(crate) fn write(&self, bench: &Bench) -> Result<()> {
        plots::write(bench, self)?;
        let file = bench.arguments.results.join("README.md");
        std::fs::write(&file, self.markdown(bench))?;
        bench.say(format!("wrote {} and six plots beside it", file.display()));
        Ok(())
    }

    fn markdown(&self, bench: &Bench) -> String {
        let mut out = introduction(bench);
        for store in Store::ALL {
            out += &tables::store(bench, self, store);
        }
        let mut part = |title: &str, text: &str, table: String| {
            let _ = write!(out, "## {title}\n\n{text}\n\n{table}\n");
        };
        let text = format!(
            "{WRITERS} connections add one to the same number {WRITES} times each; then six requests load one session, wait 100 ms, and set \
             a key each. (Where the cookie is the session, every browser holds its own copy.)"
        );
        part("What meeting requests lose", &text, tables::losses(self));
        let text = "By how much the process grows for 100,000 live sessions of 300 B in the memory stores.";
        part("Memory", text, tables::memory(self));
        let text =
            "Without HTTP, on the memory store; one core. `decode + get` reads a stored record and one value of it.";
        part("In the process", text, tables::inside(self));
        let text = "Server CPU a request (SQLite: in the process, against plain statements on the same file) with 10³ to 10⁶ sessions.";
        part("Against the number of sessions", text, tables::scale(self));
        out
    }
}

fn introduction(bench: &Bench) -> String {
    let quick = if bench.arguments.quick { " --quick" } else { "" };
    format!(
        "# Measured beside the peers\n\n\
         Written by `cargo xtask bench{quick}` in {:.1} minutes: interleaved rounds: {}, of {} s a row, medians with their range; ratios are \
         taken within each round.\n\n\
         * Machine: {}, {} cores; {}; {}.\n\
         * Server on core 0 with one worker thread; Redis on core 1, wrk on core {}, {CONNECTIONS} connections that are kept alive.\n\
         * CPU: the server's own, user and system, from /proc. Redis's calls, bytes and CPU: its own counters; a script counts itself and \
         the commands within.\n\
         * Every server answered rightly on all routes first. Release builds, thin LTO, no logging.\n\
         * The raw handler has no session library: GET, or GET and SET EX, through the driver and the settings of session-redis. It is the \
         limit.\n\
         * ¹ axum_session answers from its process's cache, whatever another process did: beside the others, unranked.\n\
         * Versions: {}\n\n",
        bench.minutes(),
        bench.arguments.rounds,
        bench.arguments.window().as_secs(),
        processor(),
        bench.cores,
        first_words("redis-server", "--version", 3),
        first_words("rustc", "--version", 2),
        bench.load_core,
        versions(),
    )
}

fn processor() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = cpus.lines().find_map(|line| line.strip_prefix("model name"));
    line.unwrap_or("unknown processor").trim_start_matches([' ', '\t', ':']).to_owned()
}

fn first_words(program: &str, argument: &str, words: usize) -> String {
    let output = Command::new(program).arg(argument).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let words: Vec<_> = text.lines().next().unwrap_or_default().split_whitespace().take(words).collect();
    words.join(" ")
}

/// What the lock file says of the peers.
fn versions() -> String {
    const OF: [&str; 9] = [
        "actix-session",
        "actix-web",
        "axum",
        "axum_session",
        "axum_session_redispool",
        "fred",
        "redis",
        "tower-sessions",
        "tower-sessions-redis-store",
    ];
    let lock = include_str!("../../Cargo.lock");
    let entries = lock.split("[[package]]").filter_map(|entry| {
        let field = |name: &str| {
            entry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        let (name, version) = (field("name")?, field("version")?);
        OF.contains(&name).then(|| format!("{name} {version}"))
    });
    entries.collect::<Vec<_>>().join(", ")
}
