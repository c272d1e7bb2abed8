//! Who takes part.

/// A library on one of its stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The library's name.
    pub(crate) name: &'static str,
    /// The server's package and program.
    pub(crate) program: &'static str,
    /// What the server's `--store` is told.
    pub(crate) store: Store,
    /// Whether each request sees what the store holds now. If not, it stands beside the others, unranked.
    pub(crate) reads_its_store: bool,
}

/// Where sessions lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Store {
    Redis,
    Memory,
    Cookie,
}

impl Store {
    pub(crate) const ALL: [Store; 3] = [Store::Redis, Store::Memory, Store::Cookie];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Store::Redis => "Redis",
            Store::Memory => "memory",
            Store::Cookie => "cookie",
        }
    }
}

/// Ours comes first in each store, the raw handler, which is the limit, next.
pub(crate) const PEERS: &[Peer] = &[
    Peer { name: OURS, program: "bench-server", store: Store::Redis, reads_its_store: true },
    Peer { name: RAW, program: "bench-raw", store: Store::Redis, reads_its_store: true },
    Peer { name: "tower-sessions", program: "bench-tower-sessions", store: Store::Redis, reads_its_store: true },
    Peer { name: "actix-session", program: "bench-actix-session", store: Store::Redis, reads_its_store: true },
    Peer { name: "axum_session", program: "bench-axum_session", store: Store::Redis, reads_its_store: false },
    Peer { name: OURS, program: "bench-server", store: Store::Memory, reads_its_store: true },
    Peer { name: "tower-sessions", program: "bench-tower-sessions", store: Store::Memory, reads_its_store: true },
    Peer { name: "axum_session", program: "bench-axum_session", store: Store::Memory, reads_its_store: true },
    Peer { name: OURS, program: "bench-server", store: Store::Cookie, reads_its_store: true },
    Peer { name: "actix-session", program: "bench-actix-session", store: Store::Cookie, reads_its_store: true },
];

pub(crate) const OURS: &str = "session (ours)";
pub(crate) const RAW: &str = "raw handler";

impl Peer {
    pub(crate) fn is_ours(&self) -> bool {
        self.name == OURS
    }

    pub(crate) fn is_raw(&self) -> bool {
        self.name == RAW
    }

    /// What `--store` is told.
    pub(crate) fn store_argument(&self) -> &'static str {
        match self.store {
            Store::Redis => "redis",
            Store::Memory if self.is_ours() => "memory:",
            Store::Memory => "memory",
            Store::Cookie if self.is_ours() => "cookie:",
            Store::Cookie => "cookie",
        }
    }

    /// The name in messages.
    pub(crate) fn label(&self) -> String {
        format!("{} on {}", self.name, self.store.name())
    }
}
