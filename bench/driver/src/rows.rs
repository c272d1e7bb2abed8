//! The rows of the table.

use crate::peers::{Peer, Store};

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    /// How many sessions take turns; none: no cookie is sent.
    pub(crate) sessions: usize,
    /// How much each holds beside its number.
    pub(crate) bytes: usize,
}

const fn row(name: &'static str, path: &'static str, sessions: usize, bytes: usize) -> Row {
    Row { name, path, sessions, bytes }
}

pub(crate) const PLAIN: &str = "/plain";
pub(crate) const BARE: &str = "/bare, with a cookie";
pub(crate) const READ: &str = "/read, 256 sessions, 300 B";
pub(crate) const WRITE: &str = "/write, 256 sessions, 300 B";
pub(crate) const NEW: &str = "/new, 300 B";

const ROWS: &[Row] = &[
    row(PLAIN, "/plain", 256, 300),
    row("/bare, no cookie", "/bare", 0, 0),
    row(BARE, "/bare", 256, 300),
    row(READ, "/read", 256, 300),
    row("/read, 256 sessions, 4 KB", "/read", 256, 4096),
    row("/read, 1 session, 300 B", "/read", 1, 300),
    row(WRITE, "/write", 256, 300),
    row("/write, 256 sessions, 4 KB", "/write", 256, 4096),
    row("/write, 1 session, 300 B", "/write", 1, 300),
    // The last: it leaves sessions behind.
    row(NEW, "/new?bytes=300", 0, 0),
];

/// What is measured of a peer. A cookie holds no 4 KB, and `/plain` is the same on every store.
pub(crate) fn of(peer: &Peer) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(|row| match peer.store {
        Store::Redis => true,
        Store::Memory => row.name != PLAIN,
        Store::Cookie => row.name != PLAIN && row.bytes < 4096 && row.sessions != 1,
    })
}

/// All rows of a store, in their order.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
}
