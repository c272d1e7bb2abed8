//! What [`ServerSide`](session_core::ServerSide) and [`Sessions`](session_core::Sessions) make of a backend: round trips, outages,
//! dropped requests, unreadable records.

mod corrupt;
mod cut;
mod outage;
mod round_trips;
mod secrets;

pub use corrupt::*;
pub use cut::*;
pub use outage::*;
pub use round_trips::*;
pub use secrets::*;
