//! What every part of the run works with.

use std::path::PathBuf;
use std::time::Instant;

use crate::Result;
use crate::arguments::Arguments;
use crate::peers::{PEERS, Peer};
use crate::redis::Redis;

/// The run: what was asked for, the Redis server, a folder for files.
pub(crate) struct Bench {
    pub(crate) arguments: Arguments,
    pub(crate) redis: Redis,
    pub(crate) folder: PathBuf,
    /// Where the load generator runs; servers have core 0, Redis core 1.
    pub(crate) load_core: usize,
    pub(crate) cores: usize,
    start: Instant,
}

impl Bench {
    pub(crate) fn start(arguments: Arguments) -> Result<Self> {
        // Not `available_parallelism`: this process may be pinned itself.
        let cpus = std::fs::read_to_string("/proc/cpuinfo")?;
        let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
        if cores < 2 {
            return Err("two cores are needed: one for the server, one for Redis and the load generator".into());
        }
        std::fs::create_dir_all(&arguments.results)?;
        let folder = std::env::temp_dir().join(format!("bench-driver-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let load_core = if cores > 2 { 2 } else { 1 };
        Ok(Bench { arguments, redis: Redis::start(1)?, folder, load_core, cores, start: Instant::now() })
    }

    /// Who takes part in this run.
    pub(crate) fn peers(&self) -> impl Iterator<Item = &'static Peer> {
        let only = self.arguments.only.clone();
        PEERS.iter().filter(move |peer| match &only {
            Some(word) => peer.is_ours() || peer.is_raw() || peer.name.contains(word.as_str()),
            None => true,
        })
    }

    /// Says what is being done, and when.
    pub(crate) fn say(&self, what: impl std::fmt::Display) {
        println!("[{:>4} s] {what}", self.start.elapsed().as_secs());
    }

    pub(crate) fn minutes(&self) -> f64 {
        self.start.elapsed().as_secs_f64() / 60.0
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
