//! Sessions that move from one store into another: the suite, one test for each race, and many schedules drawn at random.
#![allow(clippy::unwrap_used)] // Tests.

mod conformance;
mod cut;
mod moving;
mod races;
mod schedules;
mod successors;
mod support;
