//! What each kind of request costs, in calls to the server.

use std::sync::Arc;

use session_core::Operation::{Get, Insert, Remove, Rename, Swap, Touch};
use session_core::{Backend, Operation, Result, Session, SessionConfig};

use crate::Spy;
use crate::suite::fixture::Fixture;
use crate::suite::visitor::Visitor;

/// A visitor whose calls to the server are counted.
struct Counted<B> {
    visitor: Visitor,
    spy: Arc<Spy<B>>,
}

impl<B: Backend> Counted<B> {
    fn new(fixture: &Fixture<B>, config: SessionConfig) -> Self {
        let spy = Arc::new(Spy::on(Arc::clone(&fixture.backend)));
        Counted { visitor: Visitor::new(fixture.sessions_on(&spy, config)), spy }
    }

    /// A visitor with a session.
    async fn known(fixture: &Fixture<B>, config: SessionConfig) -> Self {
        let mut counted = Self::new(fixture, config);
        counted.visitor.request(|session| session.set("username", "ada")).await;
        counted.spy.take();
        counted
    }

    /// The calls of one request.
    async fn calls(&mut self, handler: impl FnOnce(&Session) -> Result<()>) -> Vec<Operation> {
        self.visitor.request(handler).await;
        self.spy.take()
    }
}

fn default() -> SessionConfig {
    SessionConfig::default()
}

/// A request that takes no session, or a visitor without a cookie who leaves nothing: 0.
pub async fn trips_untouched_is_0<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::new(fixture, default());
    assert_eq!(counted.calls(|_| Ok(())).await, []);
    assert_eq!(counted.calls(|session| session.get::<String>("username").map(drop)).await, []);
    assert_eq!(counted.calls(|session| session.set("n", 1).and_then(|()| session.remove("n").map(drop))).await, []);
}

/// A cookie that can be no token: 0.
pub async fn trips_malformed_is_0<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::new(fixture, default());
    for text in ["", "nonsense", "'; DROP TABLE sessions; --", &"x".repeat(43 * 100)] {
        counted.visitor.cookie = Some(text.to_owned());
        assert_eq!(counted.calls(|_| Ok(())).await, []);
    }
}

/// An unknown id that leaves nothing: 1.
pub async fn trips_unknown_is_1<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::new(fixture, default());
    counted.visitor.cookie = Some(session_core::Token::random().expect("random bytes").expose().to_owned());
    assert_eq!(counted.calls(|_| Ok(())).await, [Get]);
}

/// Reading: 1. So is setting what is already there.
pub async fn trips_read_is_1<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::known(fixture, default()).await;
    assert_eq!(counted.calls(|session| session.require::<String>("username").map(drop)).await, [Get]);
    assert_eq!(counted.calls(|session| session.set("username", "ada")).await, [Get]);
}

/// Reading when a touch is due: 2, and the next one is 1 again.
pub async fn trips_read_with_a_due_touch_is_2<B: Backend>(fixture: &Fixture<B>) {
    let unit = fixture.time.unit();
    let mut counted = Counted::known(fixture, default().idle(20 * unit)).await;
    assert_eq!(counted.calls(|_| Ok(())).await, [Get]);
    fixture.time.pass(5 * unit).await;
    assert_eq!(counted.calls(|_| Ok(())).await, [Get, Touch]);
    assert_eq!(counted.calls(|_| Ok(())).await, [Get]);
}

/// Changing: 2.
pub async fn trips_modified_is_2<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::known(fixture, default()).await;
    assert_eq!(counted.calls(|session| session.set("n", 1_u64)).await, [Get, Swap]);
    assert_eq!(
        counted.calls(|session| session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).map(drop)).await,
        [Get, Swap]
    );
}

/// A new session: 1.
pub async fn trips_new_is_1<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::new(fixture, default());
    assert_eq!(counted.calls(|session| session.set("n", 1_u64)).await, [Insert]);
}

/// A login: 2, or 3 where renaming takes two commands.
pub async fn trips_rotate_is_2_or_3<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::known(fixture, default()).await;
    let expected: &[Operation] = match fixture.backend.atomic_rename() {
        Some(_) => &[Get, Rename],
        None => &[Get, Insert, Swap],
    };
    let login = |session: &Session| {
        session.rotate();
        session.set("username", "grace")
    };
    assert_eq!(counted.calls(login).await, expected);
}

/// A login that meets a change is tried again on the fresher session; what it had written before is removed again.
pub async fn trips_rotate_that_meets_a_change<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::known(fixture, default()).await;
    let login = counted.visitor.open().await;
    login.rotate();
    counted.visitor.request(|session| session.set("n", 1)).await;
    counted.spy.take();
    let committed = counted.visitor.answer(&login).await;
    assert!(committed.result.is_ok(), "{committed:?}");
    let expected: &[Operation] = match fixture.backend.atomic_rename() {
        Some(_) => &[Rename, Get, Rename],
        None => &[Insert, Swap, Remove, Get, Insert, Swap],
    };
    assert_eq!(counted.spy.take(), expected);
}

/// A logout: 2.
pub async fn trips_logout_is_2<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::known(fixture, default()).await;
    counted.visitor.logout().await;
    assert_eq!(counted.spy.take(), [Get, Remove]);
    counted.visitor.logout().await;
    assert_eq!(counted.spy.take(), [], "the cookie is gone");
}

/// A logout that leaves a message for the next page: 3.
pub async fn trips_logout_with_a_flash_is_3<B: Backend>(fixture: &Fixture<B>) {
    let mut counted = Counted::known(fixture, default()).await;
    let logout = |session: &Session| {
        session.destroy();
        session.flash("see you")
    };
    assert_eq!(counted.calls(logout).await, [Get, Remove, Insert]);
}
