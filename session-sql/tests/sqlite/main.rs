//! What SQLite alone can get wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod dump;
mod faults;
mod killed;
mod lines;
mod logs;
mod migrations;
mod processes;
mod rows;
mod sweeps;
