//! P9 at the level of requests: a connection that breaks leaves the session as it was or as it was to be.

use std::sync::Arc;

use session_core::{Backend, CookieAction, Session, SessionConfig, Sessions};

use crate::suite::fixture::Fixture;
use crate::suite::visitor::Visitor;
use crate::{Gate, cut_after};

/// More awaits than any request has.
const MOST_AWAITS: usize = 256;

/// A change that is cut at any await is stored or not; the session stays usable.
pub async fn p9_a_cut_change_is_all_or_nothing<B: Backend>(fixture: &Fixture<B>) {
    cut_everywhere(fixture, "a change", |session| {
        session.set("name", "new").expect("set");
        session.set("copy", "new").expect("set");
    })
    .await;
}

/// A login that is cut at any await has retired the old id or left it whole; never is there a second live session behind it.
pub async fn p9_a_cut_login_is_all_or_nothing<B: Backend>(fixture: &Fixture<B>) {
    cut_everywhere(fixture, "a login", |session| {
        session.rotate();
        session.set("name", "new").expect("set");
        session.set("copy", "new").expect("set");
    })
    .await;
}

/// A logout that is cut at any await has ended the session or left it whole.
pub async fn p9_a_cut_logout_is_all_or_nothing<B: Backend>(fixture: &Fixture<B>) {
    cut_everywhere(fixture, "a logout", Session::destroy).await;
}

/// Cuts the commit of `handler` at its first await, at its second, …, until it runs to its end.
async fn cut_everywhere<B: Backend>(fixture: &Fixture<B>, what: &str, handler: impl Fn(&Session)) {
    let gate = Arc::new(Gate::on(Arc::clone(&fixture.backend)));
    let sessions = fixture.sessions_on(&gate, SessionConfig::default());
    for awaits in 1..=MOST_AWAITS {
        let mut visitor = Visitor::new(sessions.clone());
        visitor.request(|session| session.set("name", "old").and_then(|()| session.set("copy", "old"))).await;
        let session = visitor.open().await;
        handler(&session);
        gate.stepwise(true);
        let committed = cut_after(awaits, sessions.commit(&session)).await;
        gate.stepwise(false);
        assert_whole(&sessions, &visitor).await;
        if committed.is_none() {
            assert_refuses(&sessions, &session).await;
        }
        assert_usable(&visitor).await;
        if let Some(committed) = committed {
            assert!(committed.result.is_ok(), "{what}: {:?}", committed.result);
            return;
        }
    }
    panic!("{what} with more than {MOST_AWAITS} awaits");
}

/// What the old cookie opens is the session as it was, as it was to be, or none.
async fn assert_whole(sessions: &Sessions, visitor: &Visitor) {
    let found = sessions.open(visitor.cookie.as_deref()).await.expect("the session opens");
    let (name, copy) = (found.get::<String>("name").expect("a text"), found.get::<String>("copy").expect("a text"));
    assert!(name == copy, "a half of the change is stored");
    assert_eq!(name.is_none(), found.is_new(), "a session is whole or none");
}

/// Whether a cut commit was carried out is unknown, so its handle stores nothing more.
async fn assert_refuses(sessions: &Sessions, session: &Session) {
    let committed = sessions.commit(session).await;
    assert!(committed.result.is_err_and(|error| error.is_outage()), "a cut commit must not be repeated");
    assert!(matches!(committed.cookie, CookieAction::None));
}

/// The visitor's next request works, whatever it finds; where what was cut off arrives between its read and its write, the one
/// after it.
async fn assert_usable(visitor: &Visitor) {
    let mut refused = false;
    loop {
        let session = visitor.open().await;
        let was_retired = session.is_new();
        session.set("next", 1).expect("set");
        let result = visitor.sessions.commit(&session).await.result;
        if result.is_ok() || was_retired {
            return;
        }
        let arrived_late = result.as_ref().is_err_and(session_core::Error::is_refused) && !refused;
        assert!(arrived_late, "the next request: {result:?}");
        refused = true;
    }
}
