//! An outage is an error, never a logout, and the session is there again afterwards.

use std::sync::Arc;

use session_core::{Backend, Error, Operation, SessionConfig};

use crate::suite::fixture::Fixture;
use crate::suite::visitor::{Visitor, assert_refused};
use crate::{Behaviour, Gate};

/// A visitor with a session, and the gate before its server.
async fn gated<B: Backend>(fixture: &Fixture<B>) -> (Visitor, Arc<Gate<B>>) {
    let gate = Arc::new(Gate::on(Arc::clone(&fixture.backend)));
    let mut visitor = Visitor::new(fixture.sessions_on(&gate, SessionConfig::default()));
    visitor.request(|session| session.set("username", "ada")).await;
    (visitor, gate)
}

/// While the server fails, opening is an error; afterwards the session is there.
pub async fn outage_is_no_logout<B: Backend>(fixture: &Fixture<B>) {
    let (visitor, gate) = gated(fixture).await;
    gate.otherwise(Behaviour::Fail);
    let error = visitor.sessions.open(visitor.cookie.as_deref()).await.expect_err("nothing answers");
    assert!(error.is_outage(), "expected an outage, got {error:?}");
    gate.open();
    assert_eq!(visitor.text("username").await.as_deref(), Some("ada"));
}

/// A change, a login and a logout that meet an outage are errors without a cookie; the session stays as it was.
pub async fn outage_at_the_commit_changes_nothing<B: Backend>(fixture: &Fixture<B>) {
    let (mut visitor, gate) = gated(fixture).await;
    for step in 0..3 {
        let session = visitor.open().await;
        match step {
            0 => session.set("username", "eve").expect("set"),
            1 => session.rotate(),
            _ => session.destroy(),
        }
        gate.otherwise(Behaviour::Fail);
        assert_refused(&visitor.answer(&session).await, Error::is_outage);
        gate.open();
        assert_eq!(visitor.text("username").await.as_deref(), Some("ada"), "step {step}");
    }
}

/// A touch that fails is dropped; the response stands.
pub async fn outage_of_a_touch_is_dropped<B: Backend>(fixture: &Fixture<B>) {
    let (mut visitor, gate) = gated(fixture).await;
    visitor = Visitor { sessions: fixture.sessions_on(&gate, SessionConfig::default().refresh_below(1.0)), ..visitor };
    fixture.time.pass(fixture.time.unit()).await;
    gate.script(Operation::Touch, [Behaviour::Fail, Behaviour::Fail]);
    visitor.request(|session| session.require::<String>("username").map(drop)).await;
    gate.open();
    assert!(visitor.is_live().await);
}

/// One lost answer is mended: the call is repeated, unchanged, and counts once.
pub async fn outage_of_one_answer_is_mended<B: Backend>(fixture: &Fixture<B>) {
    let (mut visitor, gate) = gated(fixture).await;
    for behaviour in [Behaviour::Fail, Behaviour::FailAfter] {
        for operation in [Operation::Get, Operation::Swap] {
            gate.script(operation, [behaviour]);
            visitor.request(|session| session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).map(drop)).await;
        }
    }
    assert_eq!(visitor.number("n").await, Some(4));

    gate.script(Operation::Rename, [Behaviour::FailAfter]);
    visitor.login().await;
    assert_eq!(visitor.number("n").await, Some(4), "the login's cookie opens the session");

    gate.script(Operation::Remove, [Behaviour::FailAfter]);
    visitor.logout().await;
    assert_eq!(visitor.cookie, None, "the removal whose answer was lost counts as ours");
}

/// An `insert` whose answer was lost is repeated under another token: both sessions can't be the visitor's.
pub async fn outage_of_an_insert_takes_another_token<B: Backend>(fixture: &Fixture<B>) {
    let gate = Arc::new(Gate::on(Arc::clone(&fixture.backend)));
    let spy = Arc::new(crate::Spy::on(Arc::clone(&gate)));
    let mut visitor = Visitor::new(fixture.sessions_on(&spy, SessionConfig::default()));
    gate.script(Operation::Insert, [Behaviour::FailAfter]);
    visitor.request(|session| session.set("n", 1_u64)).await;
    assert_eq!(spy.take(), [Operation::Insert, Operation::Insert]);
    assert_eq!(visitor.number("n").await, Some(1));
}
