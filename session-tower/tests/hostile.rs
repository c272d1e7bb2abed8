//! Whatever stands in the `Cookie` header: no panic, no server error, nothing adopted, no quadratic time.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::header::COOKIE;
use http::{HeaderValue, Method};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use session_testkit::MovableClock;
use session_tower::session_core::{MemoryStore, Operation, SessionConfig, Sessions};
use session_tower::{Cookies, Session, SessionLayer};
use support::{NAME, Store, Visitor, gated, get_with};

fn routes() -> Router {
    let count = |session: Session, cookies: Cookies| async move {
        let theme = cookies.get("theme");
        assert!(cookies.names().iter().all(|name| name != NAME));
        session
            .update("n", move |n: Option<usize>| n.unwrap_or(0) + theme.as_ref().map_or(1, |_| 1))
            .unwrap()
            .to_string()
    };
    let name = |session: Session| async move { session.get::<String>("name").unwrap().unwrap_or_default() };
    let login = |session: Session| async move {
        session.rotate();
        session.set("name", "ada").unwrap();
    };
    let clear = |cookies: Cookies| async move { cookies.clear().unwrap() };
    Router::new()
        .route("/count", get(count))
        .route("/name", get(name))
        .route("/login", get(login))
        .route("/clear", get(clear))
}

fn app() -> (Router, Store) {
    let (sessions, store) = gated(SessionConfig::default());
    (routes().layer(SessionLayer::new(sessions)), store)
}

/// Any bytes that a header can hold, but for the one that ends a pair.
fn junk() -> impl Strategy<Value = Vec<u8>> {
    let legal = |byte: u8| if matches!(byte, b' '..=b'~' | 0x80.. | b'\t') && byte != b';' { byte } else { b'=' };
    prop::collection::vec(any::<u8>(), 0..24).prop_map(move |bytes| bytes.into_iter().map(legal).collect())
}

/// A piece of a header: junk, almost our cookie, or a well-formed id that nobody has.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    const NAMES: [&[u8]; 8] = [
        b"__Host-id",
        b"__Host-id",
        b"\xa0__Host-id",
        b"\xe2\x80\x80__Host-id",
        b"__host-id",
        b"=__Host-id",
        b"theme",
        b"$Version",
    ];
    let value = (any::<u128>(), 0..4_u8).prop_map(|(n, shape)| match shape {
        0 => format!("{n:_>43X}A"),
        1 => format!("\"{n:A>42X}A\""),
        _ => format!("{n:A>42X}A"),
    });
    let pair = (0..NAMES.len(), value).prop_map(|(name, value)| [NAMES[name], b"=", value.as_bytes()].concat());
    prop_oneof![junk(), pair.clone(), pair]
}

fn separated(pieces: &[Vec<u8>]) -> Vec<u8> {
    pieces.join(&b"; "[..])
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn check<S: Strategy>(cases: u32, inputs: S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&inputs, check).unwrap();
}

#[test]
fn s15_ten_thousand_headers_harm_nothing() {
    let ((app, store), runtime) = (app(), runtime());
    let lines = prop::collection::vec(prop::collection::vec(piece(), 0..8), 1..4);
    check(10_000, (lines, prop_oneof![Just("/count"), Just("/clear")]), |(lines, path)| {
        let lines: Vec<_> = lines.iter().map(|pieces| separated(pieces)).collect();
        prop_assert!(
            lines.iter().all(|line| HeaderValue::from_bytes(line).is_ok()),
            "the generator makes legal headers"
        );
        store.spy.take();
        let answer = runtime.block_on(get_with(&app, path, &lines));
        prop_assert_eq!(answer.status.as_u16(), 200);
        prop_assert!(store.spy.count(Operation::Get) <= 3);
        if path == "/count" {
            prop_assert_eq!(answer.text.as_str(), "1");
            let id = answer.id().unwrap().as_bytes();
            prop_assert!(lines.iter().all(|line| !line.windows(id.len()).any(|part| part == id)), "nothing is adopted");
        }
        Ok(())
    });
}

#[test]
fn s18_a_live_cookie_amid_junk_still_loads() {
    let ((app, _store), runtime) = (app(), runtime());
    let mut ada = Visitor::of(&app);
    runtime.block_on(ada.get("/login"));
    let ours = vec![format!("{NAME}={}", ada.id().unwrap()).into_bytes()];
    let (before, after) = (prop::collection::vec(junk(), 0..8), prop::collection::vec(piece(), 0..8));
    check(2_000, (before, after, any::<bool>()), |(before, after, two_lines)| {
        let lines = match two_lines {
            true => vec![separated(&before), separated(&[ours.clone(), after].concat())],
            false => vec![separated(&[before, ours.clone(), after].concat())],
        };
        let answer = runtime.block_on(get_with(&app, "/name", &lines));
        prop_assert_eq!(answer.text, "ada");
        Ok(())
    });
}

#[tokio::test]
async fn s15_64_kilobytes_take_less_than_ten_milliseconds() {
    let (app, store) = app();
    let ids = (0..).map(|n| format!("{NAME}={n:A>43}; ")).take(65_536 / 55).collect::<String>();
    let names = (0..8_000).map(|n| format!("c{n}=;")).collect::<String>();
    let repeated = |part: &str| part.repeat(65_536 / part.len());
    for header in [
        ids,
        names,
        repeated(";"),
        repeated("="),
        repeated(" "),
        repeated("\""),
        repeated("\\\""),
        repeated(&format!("{NAME}=;")),
        repeated("theme=\";"),
        repeated("\u{2000}"),
    ] {
        for path in ["/name", "/count", "/clear"] {
            store.spy.take();
            let mut in_time = false;
            for _ in 0..5 {
                in_time |= is_in_time(&app, path, header.as_bytes()).await;
            }
            assert!(in_time, "{path}: too long for {:?}…", &header.as_bytes()[..20]);
            assert!(store.spy.count(Operation::Get) <= 2 * 5 * 3 * RUNS);
        }
    }
}

const RUNS: usize = 8;

/// Within ten milliseconds; where the general cookies are read too, all of them and without optimisation, no longer than in
/// proportion: quadratic time would be 64 times that of an eighth.
async fn is_in_time(app: &Router, path: &str, header: &[u8]) -> bool {
    let limit = match cfg!(debug_assertions) && path != "/name" {
        true => fastest(app, path, &header[..header.len() / 8]).await * 32,
        false => Duration::from_millis(10),
    };
    fastest(app, path, header).await < limit
}

/// The least of several runs, since others use this machine too.
async fn fastest(app: &Router, path: &str, header: &[u8]) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = processor_time();
        assert_eq!(get_with(app, path, &[header]).await.status, 200);
        best = best.min(processor_time() - start);
    }
    best
}

/// The time that this thread has had a processor, and not the time in which others had it.
fn processor_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
}

#[tokio::test]
async fn s17_what_only_looks_like_the_name_opens_nothing() {
    let (app, store) = app();
    let mut ada = Visitor::of(&app);
    ada.get("/login").await;
    let id = ada.id().unwrap();
    store.spy.take();
    for before in ["\u{2000}", "\u{a0}", "=", "\u{feff}", "$", "%20", "\"", "\u{b}"] {
        let header = format!("{before}{NAME}={id}");
        if HeaderValue::from_bytes(header.as_bytes()).is_ok() {
            assert_eq!(get_with(&app, "/name", &[&header]).await.text, "", "{header:?}");
        }
    }
    let raw_blank = [b"\xa0", NAME.as_bytes(), b"=", id.as_bytes()].concat();
    assert_eq!(get_with(&app, "/name", &[raw_blank]).await.text, "");
    for pair in [
        format!("__HOST-ID={id}"),
        format!("__Host%2Did={id}"),
        format!("{NAME} ={id}"),
        format!("{NAME}= {id}"),
        format!("{NAME}=\"{id}\""),
        format!("{NAME}={id}="),
        format!("{NAME}={id}%20"),
        format!("{NAME}={}", &id[..42]),
        format!("{NAME}:{id}"),
        format!("a=\"{NAME}={id}\""),
        format!("$Version=1,{NAME}={id}"),
    ] {
        assert_eq!(get_with(&app, "/name", &[&pair]).await.text, "", "{pair:?}");
    }
    assert_eq!(store.spy.calls(), [], "s03: another spelling costs no store call");
    for header in [format!("a=\"b; {NAME}={id}; c=\"d"), format!("\t{NAME}={id} "), format!("$Version=1;{NAME}={id}")] {
        assert_eq!(get_with(&app, "/name", &[&header]).await.text, "ada", "{header:?}");
    }
}

#[tokio::test]
async fn s16_garbage_duplicates_log_nobody_out_in_any_order() {
    let (app, _store) = app();
    let mut ada = Visitor::of(&app);
    ada.get("/login").await;
    let retired = ada.id().unwrap();
    ada.get("/login").await;
    let live = ada.id().unwrap();
    let (unknown, garbage) = ("A".repeat(43), "garbage".to_owned());
    let all = [&live, &retired, &unknown, &garbage];
    for order in permutations(&[0, 1, 2, 3]) {
        let pairs: Vec<_> = order.iter().map(|at| format!("{NAME}={}", all[*at])).collect();
        assert_eq!(get_with(&app, "/name", &[pairs.join("; ")]).await.text, "ada", "{order:?}, one line");
        assert_eq!(get_with(&app, "/name", &pairs).await.text, "ada", "{order:?}, several lines");
    }
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    let Some((first, rest)) = items.split_first() else { return vec![Vec::new()] };
    let spread = permutations(rest)
        .into_iter()
        .flat_map(|order| (0..=order.len()).map(move |at| [&order[..at], &[*first], &order[at..]].concat()));
    spread.collect()
}

#[tokio::test]
async fn s16_of_two_live_ones_the_first_wins() {
    let (app, _store) = app();
    let (mut ada, mut other) = (Visitor::of(&app), Visitor::of(&app));
    ada.get("/login").await;
    other.get("/count").await;
    let pairs = [&ada, &other].map(|visitor| format!("{NAME}={}", visitor.id().unwrap()));
    assert_eq!(get_with(&app, "/name", &[pairs.join(";")]).await.text, "ada");
    assert_eq!(get_with(&app, "/name", &[pairs[1].clone(), pairs[0].clone()]).await.text, "");
}

#[tokio::test]
async fn s04_an_unknown_id_is_never_adopted_and_stays_dead() {
    let (app, _store) = app();
    let planted = "B".repeat(42) + "A";
    let mut victim = Visitor::of(&app);
    victim.cookies.insert(NAME.to_owned(), planted.clone());
    let answer = victim.get("/login").await;
    assert_ne!(answer.id(), Some(planted.as_str()));
    assert_eq!(get_with(&app, "/name", &[format!("{NAME}={planted}")]).await.text, "");
    assert_eq!(victim.get("/name").await.text, "ada");
}

#[tokio::test]
async fn s72_a_mere_read_with_an_unknown_or_expired_id_leaves_the_cookie_alone() {
    let clock = MovableClock::default();
    let config = SessionConfig::default().idle(Duration::from_secs(60));
    let sessions = Sessions::with_clock(MemoryStore::default(), config, clock.shared()).unwrap();
    let mut ada = Visitor::of(&routes().layer(SessionLayer::new(sessions)));
    ada.get("/login").await;
    let id = ada.id();
    clock.advance(Duration::from_secs(61));
    let answer = ada.send(Method::GET, "/name").await;
    assert_eq!((answer.text.as_str(), answer.set_cookies().len()), ("", 0));
    ada.cookies.insert(NAME.to_owned(), "A".repeat(43));
    assert_eq!(ada.get("/name").await.set_cookies().len(), 0);
    assert!(id.is_some() && ada.id().is_some());
}

#[tokio::test]
async fn s60_strangers_cost_no_record() {
    let (app, store) = app();
    for _ in 0..1_000 {
        assert_eq!(get_with(&app, "/name", &[""; 0]).await.set_cookies().len(), 0);
        assert_eq!(get_with(&app, "/name", &["__Host-id=guess; a=b"]).await.set_cookies().len(), 0);
    }
    assert_eq!(store.spy.calls(), []);
    let header = http::Request::get("/name").header(COOKIE, format!("{NAME}={}", "A".repeat(43)));
    support::send(&app, header.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(store.spy.calls(), [Operation::Get], "s63: a well-formed guess costs one read");
}
