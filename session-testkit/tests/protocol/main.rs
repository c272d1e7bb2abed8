//! The commit protocol's promises, one race each, on real threads and in memory. Every order of small sets of requests is in
//! `interleaving.rs`; here are the many, and the sentences of the documentation one by one.

// Whatever goes wrong here is a failed test.
#![allow(clippy::unwrap_used)]

mod logout;
mod merging;
mod rotation;
mod support;
