//! What the Flask modes keep of this library's promises, and what they cost.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{Request, Response};
use session_testkit::{Behaviour, Gate, MovableClock, Spy};
use session_tower::SessionLayer;
use session_tower::session_core::{
    Clock, CookieAction, Error, MemoryBackend, Operation, ServerSide, Session, SessionConfig, Sessions, StoreConfig,
};
use tower::{Layer, ServiceExt, service_fn};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Setting {
    sessions: Sessions,
    clock: MovableClock,
    gate: Arc<Gate<MemoryBackend>>,
    spy: Arc<Spy<Gate<MemoryBackend>>>,
}

fn setting(config: SessionConfig) -> Setting {
    let clock = MovableClock::default();
    let gate = Arc::new(Gate::new(MemoryBackend::default()));
    let spy = Arc::new(Spy::on(Arc::clone(&gate)));
    let store = ServerSide::on(Arc::clone(&spy), StoreConfig::default().retry_pause(Duration::ZERO)).unwrap();
    Setting { sessions: Sessions::with_clock(store, config, clock.shared()).unwrap(), clock, gate, spy }
}

impl Setting {
    async fn open(&self, id: &str) -> Session {
        self.sessions.open([id]).await.unwrap()
    }

    async fn commit(&self, session: &Session) -> CookieAction {
        let committed = self.sessions.commit(session).await;
        committed.result.unwrap();
        committed.cookie
    }

    /// A visitor with a session: the id.
    async fn begin(&self) -> String {
        let session = self.sessions.fresh();
        session.set("user", "ada").unwrap();
        let id = sent(&self.commit(&session).await).unwrap();
        self.spy.take();
        id
    }

    /// One request that does `what`: the store calls, and the cookie.
    async fn request(&self, id: &str, what: impl FnOnce(&Session)) -> (Vec<Operation>, CookieAction) {
        self.spy.take();
        let session = self.open(id).await;
        what(&session);
        let cookie = self.commit(&session).await;
        (self.spy.take(), cookie)
    }

    /// A request whose handler takes no session.
    async fn pass_by(&self, id: &str) -> Response<String> {
        let page = |_: Request<()>| async { Ok::<_, Infallible>(Response::new("plain".to_owned())) };
        let service = SessionLayer::new(self.sessions.clone()).layer(service_fn(page));
        service.oneshot(Request::get("/").header(COOKIE, format!("session={id}")).body(()).unwrap()).await.unwrap()
    }
}

fn sent(cookie: &CookieAction) -> Option<String> {
    match cookie {
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        _ => None,
    }
}

fn untouched(cookie: &CookieAction) -> bool {
    matches!(cookie, CookieAction::None)
}

#[tokio::test]
async fn the_store_calls_of_flask_session_mode() {
    use Operation::{Get, Insert, Remove, Rename, Swap, Touch};
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    let (calls, cookie) = on.request(&id, |session| drop(session.get::<String>("user"))).await;
    assert_eq!((calls, sent(&cookie)), (vec![Get, Touch], Some(id.clone())));
    let (calls, cookie) = on.request(&id, |session| session.set("n", 1).unwrap()).await;
    assert_eq!((calls, sent(&cookie)), (vec![Get, Swap], Some(id.clone())));
    let (calls, cookie) = on.request(&id, Session::rotate).await;
    assert_eq!(calls, [Get, Rename]);
    let (calls, _) = on.request(&sent(&cookie).unwrap(), Session::clear).await;
    assert_eq!(calls, [Get, Remove]);
    let (calls, _) = on.request("no id", |session| session.set("n", 1).unwrap()).await;
    assert_eq!(calls, [Insert]);
    let off = setting(SessionConfig::flask_session().refresh(false));
    let id = off.begin().await;
    let (calls, cookie) = off.request(&id, |session| drop(session.get::<String>("user"))).await;
    assert_eq!((calls, untouched(&cookie)), (vec![Get], true));
}

#[tokio::test]
async fn a_save_has_done_what_the_head_would_do() {
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    let session = on.open(&id).await;
    session.set("n", 1).unwrap();
    session.save().await.unwrap();
    assert_eq!(sent(&on.commit(&session).await), Some(id));
    assert_eq!(on.spy.take(), [Operation::Get, Operation::Swap]);
}

#[tokio::test]
async fn s72_a_refused_request_sends_no_cookie() {
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    let (changes, reads) = (on.open(&id).await, on.open(&id).await);
    let (_, login) = on.request(&id, Session::rotate).await;
    assert_ne!(sent(&login).unwrap(), id);

    changes.set("n", 1).unwrap();
    let refused = on.sessions.commit(&changes).await;
    assert!(matches!(refused.result, Err(Error::Retired)) && untouched(&refused.cookie), "{refused:?}");
    assert!(untouched(&on.commit(&reads).await), "the old id would take the new one's place");
    assert!(untouched(&on.request(&id, |_| ()).await.1), "nor where it arrives later");
}

#[tokio::test]
async fn s43_neither_a_change_nor_a_refresh_brings_a_session_back() {
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    let (changes, reads, clears) = (on.open(&id).await, on.open(&id).await, on.open(&id).await);
    let (_, logout) = on.request(&id, Session::destroy).await;
    assert!(matches!(logout, CookieAction::Remove));

    changes.set("n", 1).unwrap();
    let refused = on.sessions.commit(&changes).await;
    assert!(matches!(refused.result, Err(Error::Gone)) && untouched(&refused.cookie), "{refused:?}");
    assert!(untouched(&on.commit(&reads).await));
    clears.clear();
    assert!(untouched(&on.commit(&clears).await), "another session's cookie may be there by now");
    assert!(on.open(&id).await.is_new());
}

#[tokio::test]
async fn concurrent_changes_merge_and_each_sends_the_id() {
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    let (one, two) = (on.open(&id).await, on.open(&id).await);
    one.set("one", 1).unwrap();
    two.set("two", 2).unwrap();
    assert_eq!(sent(&on.commit(&one).await), Some(id.clone()));
    assert_eq!(sent(&on.commit(&two).await), Some(id.clone()));
    assert_eq!(on.open(&id).await.keys(), ["user", "one", "two"]);
}

#[tokio::test]
async fn permanent_is_switched_under_the_same_id() {
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    let (_, cookie) = on.request(&id, |session| session.set_permanent(false)).await;
    assert!(
        matches!(&cookie, CookieAction::Set { expires: None, max_age: None, .. }) && sent(&cookie) == Some(id.clone())
    );
    let (_, cookie) = on.request(&id, |session| session.set_permanent(true)).await;
    assert!(matches!(&cookie, CookieAction::Set { expires: Some(_), max_age: None, .. }) && sent(&cookie) == Some(id));
}

#[tokio::test]
async fn a_session_in_use_has_no_end_and_an_unused_one_lives_31_days() {
    for config in [SessionConfig::flask_session(), SessionConfig::flask_session().permanent(false)] {
        let on = setting(config);
        let id = on.begin().await;
        for _ in 0..30 {
            on.clock.advance(30 * DAY);
            on.request(&id, |session| assert!(!session.is_new())).await;
        }
        on.clock.advance(31 * DAY);
        on.request(&id, |session| assert!(session.is_new())).await;
    }
}

#[tokio::test]
async fn an_absolute_end_that_is_configured_holds() {
    let on = setting(SessionConfig::flask_session().absolute(40 * DAY));
    let id = on.begin().await;
    on.clock.advance(30 * DAY);
    let (_, cookie) = on.request(&id, |_| ()).await;
    let CookieAction::Set { expires: Some(expires), .. } = cookie else { panic!("{cookie:?}") };
    assert_eq!(expires, on.clock.now().plus(10 * DAY));
    on.clock.advance(10 * DAY);
    assert!(on.open(&id).await.is_new());
}

#[tokio::test]
async fn a_page_without_session_is_refreshed_and_kept_from_shared_caches() {
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    let answer = on.pass_by(&id).await;
    assert!(answer.headers()[SET_COOKIE].to_str().unwrap().starts_with(&format!("session={id}; Expires=")));
    assert_eq!(answer.headers()[VARY], "Cookie");
    assert_eq!(answer.headers()[CACHE_CONTROL], "private, no-cache=\"Set-Cookie\"");
}

#[tokio::test]
async fn s41_a_page_without_session_changes_no_header_where_no_cookie_is_sent() {
    let browser = setting(SessionConfig::flask_session().permanent(false));
    let id = browser.begin().await;
    browser.clock.advance(30 * DAY);
    let answer = browser.pass_by(&id).await;
    assert!(answer.headers().is_empty(), "{answer:?}");
    browser.clock.advance(30 * DAY);
    assert!(!browser.open(&id).await.is_new(), "but its deadline has moved");

    let off = setting(SessionConfig::flask_session().refresh(false));
    let id = off.begin().await;
    assert!(off.pass_by(&id).await.headers().is_empty());
    assert_eq!(off.spy.take(), [], "and costs no store call");
}

#[tokio::test]
async fn s49_a_page_without_session_stands_in_an_outage() {
    let on = setting(SessionConfig::flask_session());
    let id = on.begin().await;
    on.gate.otherwise(Behaviour::Fail);
    let answer = on.pass_by(&id).await;
    assert!(answer.status().is_success() && answer.headers().is_empty() && answer.body() == "plain", "{answer:?}");
}
