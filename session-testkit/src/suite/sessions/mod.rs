//! What the design promises about storing, asked of [`Sessions`](session_core::Sessions) as an application uses them.

mod cookies;
mod deadlines;
mod destroy;
mod flashes;
mod merge;
mod rotate;
mod rotate_races;
mod save;
mod storing;
mod take_once;

pub use cookies::*;
pub use deadlines::*;
pub use destroy::*;
pub use flashes::*;
pub use merge::*;
pub use rotate::*;
pub use rotate_races::*;
pub use save::*;
pub use storing::*;
pub use take_once::*;

use session_core::{Session, SessionConfig};

use super::store_fixture::StoreFixture;
use super::visitor::Visitor;

/// A visitor whose session holds `username` = `ada`.
async fn ada(fixture: &StoreFixture) -> Visitor {
    ada_with(fixture, SessionConfig::default()).await
}

async fn ada_with(fixture: &StoreFixture, config: SessionConfig) -> Visitor {
    let mut visitor = Visitor::new(fixture.sessions(config));
    visitor.request(|session| session.set("username", "ada")).await;
    visitor
}

fn count_on(session: &Session) -> session_core::Result<()> {
    session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).map(drop)
}
