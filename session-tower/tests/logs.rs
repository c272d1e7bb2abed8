//! What the log says, and what it never does.
#![cfg(all(feature = "axum", feature = "csrf", feature = "tracing"))]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use session_testkit::Behaviour;
use session_tower::session_core::{Operation, SecretKeys, SessionConfig};
use session_tower::{Cookies, Csrf, Session, SessionError, SessionLayer, SetCookie};
use support::{Visitor, gated};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn app(csrf: Csrf) -> (Router, support::Store) {
    let (sessions, store) = gated(SessionConfig::default());
    let login = |session: Session, cookies: Cookies| async move {
        session.rotate();
        session.set("password", "stored value")?;
        cookies.set(SetCookie::new("remember", "cookievalue"))?;
        Ok::<_, SessionError>(([("cache-control", "public, max-age=60")], format!("{session:?} {cookies:?}")))
    };
    let form = |session: Session, cookies: Cookies| async move { csrf.session_token(&session, &cookies).await };
    let wrong = |session: Session| async move {
        session.get::<u32>("password")?;
        Ok::<_, SessionError>(())
    };
    let app = Router::new().route("/login", get(login)).route("/form", get(form)).route("/wrong", get(wrong));
    (app.layer(SessionLayer::new(sessions)), store)
}

#[tokio::test]
async fn s36_the_log_tells_what_went_wrong_and_never_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    let _guard = tracing_subscriber::util::SubscriberInitExt::set_default(
        subscriber.with_writer(move || writer.clone()).finish(),
    );

    let (app, store) = app(Csrf::new(&SecretKeys::new("a key of at least thirty-two bytes").unwrap()));
    let mut ada = Visitor::of(&app);
    let nonce = ada.get("/form").await.text;
    let shown = ada.get("/login").await.text;
    let token = ada.get("/form").await.text;
    assert_eq!(ada.get("/wrong").await.status, 500);
    store.gate.script(Operation::Rename, [Behaviour::Fail, Behaviour::Fail]);
    assert_eq!(ada.get("/login").await.status, 503);

    let text = log.text();
    for told in ["`public` or `s-maxage` taken out", "the session failed", "could not answer", "status=503"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let cookies = ada.cookies.values().cloned();
    for secret in cookies.chain([nonce, token, "stored value".to_owned(), "thirty-two".to_owned()]) {
        assert!(!text.contains(&secret) && !shown.contains(&secret), "{secret} in {text}");
    }
}
