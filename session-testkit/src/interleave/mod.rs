//! Every order of a few requests, driven through the real code.
//!
//! Two or three little programs ([`Kind`]) run over [`Sessions`](session_core::Sessions) in a store whose every call waits to be
//! let through. Between two calls a request runs by itself, so that an order of calls, answers and faults (a *schedule*) decides
//! everything: tokens and versions have names instead of random bits, the clock stands still. All schedules are run, one after the
//! other from the start; where a run comes to a state that was seen before, it stops. At the end of each, the properties of the
//! model (`protocol.py`, `model.py`) are judged, with the limits that the documentation states.
//!
//! One browser with one cookie takes part: a request is sent with the cookie of that moment, an answer is heard at any later time.

mod choice;
mod ending;
mod explore;
mod gated;
mod judge;
mod kind;
mod late;
mod limit;
mod play;
mod property;
mod request;
mod setting;
mod stage;
mod world;

pub use explore::{Explored, Finding, explore, explore_all};
pub use kind::{Kind, TRIPLES};
pub use property::{Limit, Property};
pub use setting::Setting;
