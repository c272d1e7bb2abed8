//! Which tests, on servers from where: what the options of `cargo xtask test` mean for cargo.

use clap::{Args, ValueEnum};

/// The testkit reads here which way to a server is allowed.
pub(super) const VIA: &str = "SESSION_TEST_VIA";

/// What `cargo xtask test` is told.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Choice {
    /// Where the servers come from: `native` programs for every test; `containers` or `url` (those that the variables
    /// SESSION_TEST_…_URL name) for the conformance suites. Without it, each server the first way there is.
    #[arg(long, value_enum, value_name = "WAY")]
    pub(crate) via: Option<Via>,
    /// Only the tests of these backends, as in `--only redis,memcached`.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "BACKENDS")]
    pub(crate) only: Vec<Backend>,
    /// What takes long and needs room: a million sessions in each store that keeps as many, and visitors who go on for two minutes
    /// on each store. Prints tables; the last ones are kept in docs/measurements.
    #[arg(long)]
    pub(crate) long: bool,
    /// Handed to `cargo test`: a name to filter by, `-p session-core`, …
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) arguments: Vec<String>,
}

/// Where servers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// Programs of this machine.
    Native,
    /// Docker, or what answers as it does.
    Containers,
    /// Servers that run already.
    Url,
}

/// A backend with a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// In the process.
    Memory,
    /// SQLite; PostgreSQL and MariaDB belong to the same crate.
    Sql,
    /// Redis, and its cluster.
    Redis,
    /// Memcached.
    Memcached,
    /// MongoDB.
    Mongodb,
}

impl Backend {
    /// The crate that holds its tests.
    pub(super) fn package(self) -> &'static str {
        match self {
            Self::Memory => "session-testkit",
            Self::Sql => "session-sql",
            Self::Redis => "session-redis",
            Self::Memcached => "session-memcached",
            Self::Mongodb => "session-mongo",
        }
    }
}

impl Via {
    /// The word that the testkit reads.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Containers => "containers",
            Self::Url => "url",
        }
    }

    /// Whether every test can run this way; what kills and freezes servers needs programs.
    fn is_for_all(self) -> bool {
        self == Self::Native
    }
}

impl Choice {
    /// Whether nothing but the suites can run.
    pub(super) fn is_suites_alone(&self) -> bool {
        self.via.is_some_and(|via| !via.is_for_all())
    }

    /// The words that choose packages: the whole workspace, so that its features are those of every other run, or some.
    pub(super) fn packages(&self) -> Vec<&'static str> {
        if self.only.is_empty() {
            return vec!["--workspace"];
        }
        let mut words: Vec<_> = self.only.iter().flat_map(|backend| ["-p", backend.package()]).collect();
        if self.via == Some(Via::Containers) {
            words.extend(["--features", "session-testkit/containers"]);
        }
        words
    }
}
