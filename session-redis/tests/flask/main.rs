//! Sessions that Flask-Session shares, on real servers: its records byte for byte, and a writer that never looks.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod adopting;
mod calls;
mod common;
mod cuts;
mod live;
mod retired;
mod trips;
mod vectors;
mod writes;
