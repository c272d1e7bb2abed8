//! What Redis alone can get wrong.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[cfg(feature = "cluster")]
mod cluster;
mod common;
mod cuts;
mod killed;
mod lines;
mod races;
mod refusals;
mod silence;
#[cfg(feature = "tls")]
mod tls;
mod trips;
mod values;
