//! Every order of a few requests, driven through the real code.
//!
//! Two or three little programs ([`Kind`]) run over [`Sessions`](session_core::Sessions) in a store whose every call waits to
//! be let through. Between two calls a request runs by itself, so that an order of calls, answers and faults (a *schedule*)
//! decides everything: tokens and versions have names instead of random bits, the clock stands still. All schedules are run,
//! each from the start; a run that comes to a state which was seen before stops there. At the end of each, the properties of
//! the design's model are judged ([`Property`]), with the limits that the documentation states ([`Limit`]).
//!
//! One browser with one cookie takes part: a request is sent with the cookie of that moment and arrives at any later one, its
//! answer is heard at any later one, or never. So does an attacker who holds the id that was live at the start.
//!
//! ```
//! use session_testkit::interleave::{Kind, Setting, explore};
//!
//! let explored = explore(&Setting::new(&[Kind::Count, Kind::Login]).faults(true));
//! assert!(explored.ends > 10);
//! assert_eq!(explored.violations().count(), 0);
//! ```

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
