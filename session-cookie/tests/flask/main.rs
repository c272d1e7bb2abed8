//! Flask's own cookie as a store: as Flask writes it, beside a real Flask, and what Flask does badly.
#![allow(clippy::unwrap_used)] // Tests.

mod exact;
mod live;
mod support;
mod vectors;
