//! The same misfortunes for every store, and what visitors of the real program see of them.
//!
//! Each is lived through under load. Expected every time: an answer within [`LONGEST`]; 200, or 503 without a cookie; well again
//! within [`RECOVERY`] and without a restart of the program; every visit that was answered 200 is counted, where the store
//! persists, and no more than were tried. `cargo xtask faults` writes what was seen into docs/faults.md.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod load;
mod servers;
mod sqlite;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

/// The most that a request may take.
const LONGEST: Duration = Duration::from_secs(5);
/// The most that it may take until all is well: twice what is promised, for a machine that is busy. `cargo xtask faults` holds to the promise.
const RECOVERY: Duration = Duration::from_secs(4);
