//! P10 at the level of sessions: what prints tells nothing.

use session_core::{Backend, SessionConfig, StoreConfig};

use crate::suite::fixture::{Fixture, server_side};
use crate::suite::visitor::{Visitor, new_cookie};

const SECRET: &str = "s3cret-value-that-never-prints";

/// Store, sessions, session and commit print neither token nor key nor value.
pub async fn p10_a_session_prints_no_secret<B: Backend>(fixture: &Fixture<B>) {
    let store = server_side(&fixture.backend, StoreConfig::default());
    let mut visitor = Visitor::new(fixture.sessions_on(&fixture.backend, SessionConfig::default()));
    let committed = visitor.request(|session| session.set("card", SECRET)).await;
    let token = new_cookie(&committed);
    let session = visitor.open().await;
    let printed = format!("{store:?} {:?} {session:?} {committed:?} {:?}", visitor.sessions, session.log_id());
    assert!(!printed.contains(SECRET), "a value was printed");
    assert!(!printed.contains(&token), "a token was printed");
}
