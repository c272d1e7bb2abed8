//! Requests of one session that overtake each other, through HTTP: nothing is lost, nothing comes back.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]
#![allow(unreachable_pub, reason = "modules of one test")]

mod app;
mod logins;
mod logouts;
mod merging;
#[path = "../support/mod.rs"]
mod support;
