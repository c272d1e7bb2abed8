//! What MongoDB alone can get wrong.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;
mod counts;
mod documents;
mod faults;
mod index;
mod lines;
mod load;
mod majority;
