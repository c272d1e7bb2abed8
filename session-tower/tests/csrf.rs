//! Tokens in forms.
#![cfg(all(feature = "axum", feature = "csrf"))]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use std::collections::HashSet;

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::Method;
use proptest::prelude::*;
use session_tower::session_core::{MemoryStore, Operation, SecretKeys, SessionConfig, Sessions};
use session_tower::{Cookies, Csrf, Session, SessionError, SessionLayer};
use support::{Answer, Store, Visitor, gated};

const KEY: &str = "a key of at least thirty-two bytes";
const OLD: &str = "the key before, thirty-two bytes too";

fn csrf() -> Csrf {
    Csrf::new(&SecretKeys::new(KEY).unwrap())
}

fn routes(csrf: &Csrf) -> Router {
    forms(csrf).merge(checks(csrf)).route("/logout", post(|session: Session| async move { session.destroy() }))
}

/// Pages with a token in them.
fn forms(csrf: &Csrf) -> Router {
    let [form, own, fresh, rotated, busy] = [(); 5].map(|()| csrf.clone());
    let form = |cookies: Cookies| async move { form.stranger_token(&cookies) };
    let own = |session: Session, cookies: Cookies| async move { own.session_token(&session, &cookies).await };
    let fresh = |session: Session, cookies: Cookies| async move {
        session.set("n", 1)?;
        fresh.session_token(&session, &cookies).await
    };
    let rotated = |session: Session, cookies: Cookies| async move {
        session.rotate();
        rotated.session_token(&session, &cookies).await
    };
    let busy = |session: Session, cookies: Cookies| async move {
        session.set("before", 1)?;
        let token = busy.session_token(&session, &cookies).await;
        session.set("after", 1)?;
        token
    };
    let strangers = Router::new().route("/form", get(form)).route("/own", get(own));
    strangers.route("/fresh", get(fresh)).route("/rotated", get(rotated)).route("/busy", get(busy))
}

/// What the forms are sent to.
fn checks(csrf: &Csrf) -> Router {
    let [login, change, empty] = [(); 3].map(|()| csrf.clone());
    let login = |Path(token): Path<String>, session: Session, cookies: Cookies| async move {
        if let Err(refused) = login.verify_stranger(&cookies, &token) {
            return refused.into_response();
        }
        session.rotate();
        session.set("username", "ada").unwrap();
        "welcome".into_response()
    };
    let change = |Path(token): Path<String>, session: Session, cookies: Cookies| async move {
        let verified = change.verify_session(&session, &cookies, &token);
        verified.map_or_else(IntoResponse::into_response, |()| "changed".into_response())
    };
    let empty = |session: Session, cookies: Cookies| async move {
        [empty.verify_stranger(&cookies, "").is_err(), empty.verify_session(&session, &cookies, "").is_err()]
            .map(|refused| refused.to_string())
            .join(" ")
    };
    Router::new()
        .route("/login/{token}", post(login))
        .route("/change/{token}", post(change))
        .route("/empty", post(empty))
}

fn app() -> (Router, Store) {
    let (sessions, store) = gated(SessionConfig::default());
    (routes(&csrf()).layer(SessionLayer::new(sessions)), store)
}

async fn log_in(visitor: &mut Visitor) -> Answer {
    let token = visitor.get("/form").await.text;
    visitor.post(&format!("/login/{token}")).await
}

async fn change(visitor: &Visitor, token: &str) -> u16 {
    visitor.send(Method::POST, &format!("/change/{token}")).await.status.as_u16()
}

#[tokio::test]
async fn s65_a_login_needs_the_token_of_its_own_form() {
    let (app, _) = app();
    let (mut ada, mut eve) = (Visitor::of(&app), Visitor::of(&app));
    let foreign = eve.get("/form").await.text;
    let own = ada.get("/form").await.text;
    let wrong = own.replacen(|c: char| c != 'x', "x", 1);
    let without_cookie = Visitor::of(&app);
    for (visitor, token) in [(&ada, &foreign), (&ada, &wrong), (&ada, &"x".to_owned()), (&without_cookie, &own)] {
        let refused = visitor.send(Method::POST, &format!("/login/{token}")).await;
        assert_eq!((refused.status.as_u16(), refused.id()), (403, None));
        assert!(refused.text.contains("out of date") && !refused.text.contains(own.as_str()));
    }
    assert_eq!(ada.post("/empty").await.text, "true true", "an empty one is none");
    assert_eq!(ada.post(&format!("/login/{own}")).await.text, "welcome");
}

#[tokio::test]
async fn s60_a_strangers_token_costs_no_store_call() {
    let (app, store) = app();
    let mut ada = Visitor::of(&app);
    let form = ada.get("/form").await;
    let own = ada.get("/own").await;
    assert_eq!(change(&ada, &form.text).await, 200);
    assert_eq!(change(&ada, &own.text).await, 200, "a visitor without a session gets a stranger's");
    assert_eq!((store.spy.calls().len(), ada.id()), (0, None));
}

#[tokio::test]
async fn s65_the_nonces_cookie_has_the_safe_attributes_and_no_cache_keeps_it() {
    let (app, _) = app();
    let form = Visitor::of(&app).get("/form").await;
    let [line] = form.set_cookies()[..] else { panic!("one cookie: {form:?}") };
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600");
    assert_eq!((pair.starts_with("__Host-csrf="), pair.len()), (true, "__Host-csrf=".len() + 22));
    assert!(form.has_directive("private") && form.has_directive(r#"no-cache="Set-Cookie""#));
    assert_eq!(form.header("vary").as_deref(), Some("Cookie"));

    let sessions = Sessions::new(MemoryStore::default(), SessionConfig::development()).unwrap();
    let form = Visitor::of(&routes(&csrf()).layer(SessionLayer::new(sessions))).get("/form").await;
    assert!(form.set_cookies()[0].starts_with("csrf=") && !form.set_cookies()[0].contains("Secure"));
}

#[tokio::test]
async fn s60_two_tabs_share_a_nonce_and_each_token_looks_different() {
    let (app, _) = app();
    let mut ada = Visitor::of(&app);
    let first = ada.get("/form").await;
    let second = ada.get("/form").await;
    assert_eq!(first.cookie("__Host-csrf"), second.cookie("__Host-csrf"), "sent again, for another hour");
    assert_eq!((first.text.len(), second.text.len()), (64, 64));
    assert!(first.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_ne!(first.text[..32], second.text[..32]);
    for token in [first.text, second.text] {
        assert_eq!(ada.send(Method::POST, &format!("/login/{token}")).await.text, "welcome");
    }
}

#[tokio::test]
async fn s60_several_tokens_of_one_response_share_a_nonce() {
    let csrf = csrf();
    let twice = move |cookies: Cookies| async move {
        Ok::<_, SessionError>(format!("{} {}", csrf.stranger_token(&cookies)?, csrf.stranger_token(&cookies)?))
    };
    let (sessions, _) = gated(SessionConfig::default());
    let app = routes(&self::csrf()).route("/twice", get(twice)).layer(SessionLayer::new(sessions));
    let mut ada = Visitor::of(&app);
    let tokens = ada.get("/twice").await.text;
    for token in tokens.split(' ') {
        assert_eq!(change(&ada, token).await, 200);
    }
}

#[tokio::test]
async fn s60_a_doubled_login_passes() {
    let (app, _) = app();
    let mut ada = Visitor::of(&app);
    let path = format!("/login/{}", ada.get("/form").await.text);
    let (first, second) = tokio::join!(ada.send(Method::POST, &path), ada.send(Method::POST, &path));
    assert_eq!((first.text.as_str(), second.text.as_str()), ("welcome", "welcome"));
    ada.keep(&first);
    assert_eq!(ada.post(&path).await.text, "welcome", "and so does a third, after the first answer");
}

#[tokio::test]
async fn s65_a_sessions_token_is_bound_to_it_and_dies_at_login_and_logout() {
    let (app, store) = app();
    let (mut ada, mut eve) = (Visitor::of(&app), Visitor::of(&app));
    let strangers = ada.get("/form").await.text;
    log_in(&mut ada).await;
    log_in(&mut eve).await;
    store.spy.take();
    let token = ada.get("/own").await.text;
    assert_eq!(store.spy.take(), [Operation::Get], "it costs no write");
    assert_eq!(change(&ada, &token).await, 200);
    assert_eq!(change(&ada, &eve.get("/own").await.text).await, 403, "another visitor's");
    assert_eq!(change(&ada, &strangers).await, 403, "a stranger's");
    assert_eq!(change(&eve, &token).await, 403);
    let before = ada.clone();
    log_in(&mut ada).await;
    assert_eq!(change(&ada, &token).await, 403, "a login has come between");
    assert_eq!(change(&before, &token).await, 200, "a logout sent before the login's answer came is still one");
    assert_eq!(before.send(Method::GET, "/fresh").await.status, 409, "though nothing can be changed under the old id");
    let token = ada.get("/own").await.text;
    ada.post("/logout").await;
    assert_eq!(change(&ada, &token).await, 403, "a logout has come between");
}

#[tokio::test]
async fn s65_a_token_fits_the_id_that_comes_back_with_the_form() {
    let (app, store) = app();
    let mut ada = Visitor::of(&app);
    let fresh = ada.get("/fresh").await;
    assert_eq!(store.spy.take(), [Operation::Insert], "a new session is stored once");
    assert_eq!(change(&ada, &fresh.text).await, 200);
    store.spy.take();
    let (before, rotated) = (ada.id(), ada.get("/rotated").await);
    assert_eq!(store.spy.take(), [Operation::Get, Operation::Rename]);
    assert_ne!(before, ada.id());
    assert_eq!((change(&ada, &rotated.text).await, change(&ada, &fresh.text).await), (200, 403));
    assert_eq!(rotated.set_cookies().len(), 1, "no nonce where there is a session");
    store.spy.take();
    assert_eq!(change(&ada, &ada.clone().get("/busy").await.text).await, 200);
    assert_eq!(
        store.spy.take(),
        [Operation::Get, Operation::Swap, Operation::Get],
        "nothing is stored early where the id stays"
    );
}

#[tokio::test]
async fn s24_the_first_key_signs_and_all_verify() {
    let keys = |key: &str, fallbacks: &[&str]| Csrf::new(&SecretKeys::with_fallbacks(key, fallbacks).unwrap());
    let store = MemoryStore::default();
    let site = |csrf: Csrf| {
        let sessions = Sessions::new(store.clone(), SessionConfig::default()).unwrap();
        routes(&csrf).layer(SessionLayer::new(sessions))
    };
    let (old, both, new) = (site(keys(OLD, &[])), site(keys(KEY, &[OLD])), site(keys(KEY, &[])));
    let mut ada = Visitor::of(&old);
    log_in(&mut ada).await;
    let at = |app: &Router| Visitor { cookies: ada.cookies.clone(), ..Visitor::of(app) };
    let before = at(&old).get("/own").await.text;
    let after = at(&both).get("/own").await.text;
    assert_eq!((change(&at(&both), &before).await, change(&at(&new), &before).await), (200, 403));
    assert_eq!((change(&at(&new), &after).await, change(&at(&old), &after).await), (200, 403));
}

#[tokio::test]
async fn a_mangled_nonce_is_replaced() {
    let (app, _) = app();
    for mangled in ["", "x", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAA=", "ÄAAAAAAAAAAAAAAAAAAAA"] {
        let mut ada = Visitor::of(&app);
        ada.cookies.insert("__Host-csrf".to_owned(), mangled.to_owned());
        let token = ada.get("/form").await.text;
        assert_ne!(ada.cookies["__Host-csrf"], mangled);
        assert_eq!(change(&ada, &token).await, 200);
    }
}

#[test]
fn s36_keys_do_not_print() {
    assert_eq!(format!("{:?}", csrf()), "Csrf(Signer(1 keys, redacted))");
}

#[test]
fn s65_no_mutation_of_a_token_is_accepted() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (app, _) = app();
    let mut ada = Visitor::of(&app);
    let token = runtime.block_on(ada.get("/form")).text;
    let config = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    let mutations = (0..64_usize, "[A-Za-z0-9_-]", 0..4_u8);
    let mut runner = prop::test_runner::TestRunner::new(config);
    let outcome = runner.run(&mutations, |(at, letter, kind)| {
        let mutated = match kind {
            0 => token[..at].to_owned(),
            1 => format!("{token}{letter}"),
            2 => format!("{}{letter}{}", &token[..at], &token[at..]),
            _ => format!("{}{letter}{}", &token[..at], &token[at + 1..]),
        };
        prop_assume!(mutated != token && !mutated.is_empty());
        prop_assert_eq!(runtime.block_on(change(&ada, &mutated)), 403);
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test]
async fn tokens_are_distinct() {
    let (app, _) = app();
    let mut seen = HashSet::new();
    for _ in 0..500 {
        let mut stranger = Visitor::of(&app);
        let form = stranger.get("/form").await;
        assert!(seen.insert(form.text.clone()) && seen.insert(form.cookie("__Host-csrf").unwrap().to_owned()));
    }
}
