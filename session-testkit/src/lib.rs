#![doc = include_str!("../README.md")]
// A check that fails panics: that is how a test fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

mod born_old;
mod clock;
mod cut;
mod forward;
mod gate;
pub mod interleave;
#[cfg(feature = "server")]
pub mod server;
mod spy;
pub mod suite;
mod test_session;
mod two_step;
pub mod wrong;

pub use born_old::BornOld;
pub use clock::MovableClock;
pub use cut::cut_after;
pub use gate::{Behaviour, Gate};
pub use spy::Spy;
pub use suite::{Fixture, Need, StoreFixture};
pub use test_session::TestSession;
pub use two_step::TwoStep;
