//! What SQLite alone can get wrong.
#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;
mod dump;
mod faults;
mod killed;
mod lines;
mod migrations;
mod processes;
mod rows;
mod sweeps;
