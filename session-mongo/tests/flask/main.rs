//! Flask-Session's collection: the promises, what Flask wrote, and Flask writing at the same time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod beside;
mod common;
mod counts;
mod documents;
mod indexes;
mod real;
mod retired;
mod vectors;
