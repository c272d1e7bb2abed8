//! What all servers of the comparison share: their command line and the routes' parameters.

use std::error::Error;

use serde::Deserialize;

/// What goes wrong while a server starts.
pub type Failure = Box<dyn Error + Send + Sync>;

/// `--listen ADDR --redis URL --store WORD`.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// The address to listen on.
    pub listen: String,
    /// The Redis server.
    pub redis: String,
    /// Where sessions lie; each server says what it knows.
    pub store: String,
}

impl Arguments {
    /// From the process's command line.
    pub fn parse() -> Result<Self, Failure> {
        let mut found =
            Arguments { listen: "127.0.0.1:0".into(), redis: "redis://127.0.0.1:6379/".into(), store: "redis".into() };
        let mut words = std::env::args().skip(1);
        while let Some(flag) = words.next() {
            let value = words.next().ok_or_else(|| format!("{flag} wants a value"))?;
            match flag.as_str() {
                "--listen" => found.listen = value,
                "--redis" => found.redis = value,
                "--store" => found.store = value,
                other => return Err(format!("unknown argument {other}; known: --listen, --redis, --store").into()),
            }
        }
        Ok(found)
    }

    /// The answer to a store that this server does not know.
    pub fn unknown_store<T>(&self, known: &str) -> Result<T, Failure> {
        Err(format!("--store {}: this server knows {known}", self.store).into())
    }
}

/// `?bytes=B`.
#[derive(Debug, Deserialize)]
pub struct Size {
    /// How many bytes.
    pub bytes: usize,
}

impl Size {
    /// As many letters.
    pub fn fill(&self) -> String {
        "x".repeat(self.bytes)
    }
}

/// `?k=&v=&sleep_ms=`.
#[derive(Debug, Deserialize)]
pub struct SetKey {
    /// The key.
    pub k: String,
    /// Its value.
    pub v: String,
    /// How long to wait between the load and the change.
    #[serde(default)]
    pub sleep_ms: u64,
}

/// `?names=a,b`.
#[derive(Debug, Deserialize)]
pub struct Names {
    /// Joined by commas.
    pub names: String,
}

impl Names {
    /// Those that are there, joined by commas.
    pub fn present(&self, is_there: impl Fn(&str) -> bool) -> String {
        self.names.split(',').filter(|name| is_there(name)).collect::<Vec<_>>().join(",")
    }
}

/// `?user=`.
#[derive(Debug, Deserialize)]
pub struct Login {
    /// The user's name.
    pub user: String,
}
