//! Cookies as Flask writes them, and what this library adds.

use std::time::Duration;

use session_cookie::CookieStore;
use session_core::{CookieAction, CookieConfig, Error, SessionConfig, Sessions, Timestamp};

use crate::support::{KEY, OLD, Service, json, signer};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// Written by Flask 3.1 under the key "dev" at this time.
const BY_FLASK: &str = "eyJ1c2VybmFtZSI6ImFsaWNlIn0.Z3SFgA.EplM_878BcvOhDZNYBX9Ij3WQF0";
const THEN: Timestamp = Timestamp::from_millis(1_735_689_600_000);

#[tokio::test]
async fn a_cookie_is_flasks_to_the_byte() {
    use session_cookie::session_flask::{Signer, SignerConfig};
    let weak = SignerConfig::default().danger_allow_weak_key(true);
    let clock = session_testkit::MovableClock::at(THEN.plus(SECOND / 2));
    let store = CookieStore::flask(Signer::new("dev", [""; 0], &weak).unwrap());
    let sessions = Sessions::with_clock(store, SessionConfig::flask(), clock.shared()).unwrap();
    let session = sessions.fresh();
    session.set("username", "alice").unwrap();
    let CookieAction::Set { token, .. } = sessions.commit(&session).await.cookie else { panic!("a cookie") };
    assert_eq!(token.expose(), BY_FLASK);
    assert_eq!(sessions.open([BY_FLASK]).await.unwrap().require::<String>("username").unwrap(), "alice");
}

#[tokio::test]
async fn a_session_without_an_end_has_no_key_of_ours_and_began_when_its_cookie_was_signed() {
    let service = Service::new();
    let cookie = service.change("", |session| session.set("n", 1)).await;
    assert_eq!(json(&cookie, service.now()), r#"{"n":1}"#);
    service.clock.advance(60 * SECOND);
    let session = service.open(&cookie).await;
    assert_eq!(service.now().since(session.created()).as_secs(), 60);
    let again = service.change(&cookie, |session| session.update("n", |n: Option<u8>| n.unwrap() + 1).map(drop)).await;
    assert_eq!(json(&again, service.now()), r#"{"n":2}"#);
}

#[tokio::test]
async fn an_end_that_is_configured_is_kept_in_the_cookie_and_holds() {
    let service = Service::with(&[KEY], SessionConfig::flask().absolute(40 * DAY));
    let cookie = service.change("", |session| session.set("n", 0)).await;
    assert!(json(&cookie, service.now()).starts_with(r#"{"_session":[1,"#));
    let mut used = cookie.clone();
    for n in 1..=2 {
        service.clock.advance(19 * DAY);
        used = service.change(&used, |session| session.set("n", n)).await;
    }
    assert!(!service.is_live(&cookie).await, "unused for more than 31 days");
    service.clock.advance(2 * DAY);
    assert!(!service.is_live(&used).await, "used, but its 40 days are over");
}

#[tokio::test]
async fn s25_the_age_is_permanent_session_lifetime_of_every_session_to_flasks_second() {
    for permanent in [false, true] {
        let service = Service::with(&[KEY], SessionConfig::flask().idle(3_600 * SECOND));
        let cookie = service
            .change("", |session| {
                session.set_permanent(permanent);
                session.set("n", 1)
            })
            .await;
        let signed = Timestamp::from_millis(service.now().as_secs() * 1000);
        service.clock.set(signed.plus(3_601 * SECOND).minus(SECOND / 1000));
        assert!(service.is_live(&cookie).await, "the last second counts");
        service.clock.set(signed.plus(3_601 * SECOND));
        assert!(!service.is_live(&cookie).await);
        service.clock.set(signed.minus(SECOND));
        assert!(!service.is_live(&cookie).await, "a cookie from the future is refused, as Flask does");
    }
}

#[tokio::test]
async fn a_permanent_session_is_signed_again_by_each_request_and_another_by_changes_alone() {
    let service = Service::with(&[KEY], SessionConfig::flask().idle(100 * SECOND));
    let mut permanent = service
        .change("", |session| {
            session.set_permanent(true);
            session.set("n", 1)
        })
        .await;
    let browser = service.change("", |session| session.set("n", 1)).await;
    for _ in 0..3 {
        service.clock.advance(60 * SECOND);
        permanent = service.change(&permanent, |session| session.get::<u8>("n").map(drop)).await;
        assert_eq!(json(&permanent, service.now()), r#"{"_permanent":true,"n":1}"#);
    }
    assert!(!service.is_live(&browser).await);
    let fresh = service.change("", |session| session.set("n", 1)).await;
    let read = service.request(&fresh, |session| session.get::<u8>("n").map(drop)).await;
    assert!(matches!(read.cookie, CookieAction::None), "a browser session is sent when it is changed");
}

#[tokio::test]
async fn s24_a_fallback_key_opens_and_the_first_key_signs_the_next_cookie() {
    let (old, both, new) = (
        Service::with(&[OLD], SessionConfig::flask()),
        Service::with(&[KEY, OLD], SessionConfig::flask()),
        Service::new(),
    );
    let before = old.change("", |session| session.set("n", 1)).await;
    assert!(both.is_live(&before).await && !new.is_live(&before).await);
    let after = both.change(&before, |session| session.set("n", 2)).await;
    assert!(new.is_live(&after).await && !old.is_live(&after).await);
}

#[tokio::test]
async fn a_good_signature_over_a_bad_payload_is_no_session_and_no_error() {
    let (service, signer) = (Service::new(), signer(&[KEY]));
    let sign = |payload: &str| signer.sign(payload, service.now());
    assert!(service.is_live(&sign("eyJuIjoxfQ")).await, "the same with a payload");
    // No base64, no zlib, no UTF-8, no JSON, no mapping, a tag over something else, a text under our own key.
    for payload in [
        "",
        "!",
        ".",
        ".eJw",
        "_w",
        "eyJuIjox",
        "WzFd",
        "MQ",
        "Imtub3duIg",
        "eyJuIjp7IiB0IjoxfX0",
        "eyJfc2Vzc2lvbiI6Im1pbmUifQ",
    ] {
        let session = service.open(&sign(payload)).await;
        assert!(session.is_new() && session.is_empty(), "{payload:?}");
    }
}

#[tokio::test]
async fn s27_a_bomb_is_no_session() {
    let (service, signer) = (Service::new(), signer(&[KEY]));
    let bomb = |bytes: usize| {
        let cookie = session_cookie::session_flask::FlaskCookie::new(signer.clone()).max_json(usize::MAX);
        let value = format!(r#"{{"a":"{}"}}"#, "a".repeat(bytes - 8));
        let value = session_cookie::session_flask::Value::from_tagged_json(value.as_bytes()).unwrap();
        cookie.seal_value(&value, service.now()).unwrap()
    };
    let (most, more) = (bomb(64 * 1024), bomb(64 * 1024 + 1));
    assert!(most.len() < 300 && more.len() < 300);
    assert!(service.is_live(&most).await && !service.is_live(&more).await);
    assert!(bomb(2_000_000).len() < 4096 && !service.is_live(&bomb(2_000_000)).await);
}

/// Text that hardly compresses (xorshift).
fn noise(length: usize) -> String {
    let mut state = 7_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'0' + u8::try_from(state >> 32 & 63).unwrap())
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test]
async fn s12_name_and_value_have_4096_bytes_and_the_old_cookie_stays_good() {
    for name in ["session", "a-longer-name"] {
        let service = Service::with(&[KEY], SessionConfig::flask().cookie(CookieConfig::default().name(name)));
        let small = service.change("", |session| session.set("user", "ada")).await;
        let (mut fitting, mut refused) = (0, None);
        for length in 3500..4100 {
            let session = service.open(&small).await;
            session.set("noise", noise(length)).unwrap();
            let committed = service.sessions.commit(&session).await;
            match (committed.result, committed.cookie) {
                (Ok(()), CookieAction::Set { token, .. }) => fitting = name.len() + token.expose().len(),
                (Err(error), CookieAction::None) => {
                    refused = Some(error);
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!((4080..=4096).contains(&fitting), "the largest has {fitting} bytes");
        let Some(Error::TooLarge { size, limit: 4096, .. }) = refused else { panic!("{refused:?}") };
        assert!((4097..4120).contains(&size), "{size}");
        assert!(service.is_live(&small).await);
    }
}

#[tokio::test]
async fn an_emptied_session_and_a_logout_remove_the_cookie_and_a_copy_lives_on() {
    let service = Service::new();
    let cookie = service.change("", |session| session.set("user", "ada")).await;
    for end in [session_core::Session::clear, session_core::Session::destroy] {
        let committed = service
            .request(&cookie, |session| {
                end(session);
                Ok(())
            })
            .await;
        assert!(matches!(committed.cookie, CookieAction::Remove));
        assert!(service.is_live(&cookie).await, "as the README says");
    }
}

/// A cookie of Flask's says no end: the one that is configured here counts from its signature, also where it is shorter than Flask's age.
#[tokio::test]
async fn s25_an_absolute_end_shorter_than_flasks_age_holds_for_flasks_cookies() {
    let flask = Service::new();
    let cookie = flask.change("", |session| session.set("n", 1)).await;
    for (days, live) in [(0, true), (2, false)] {
        let later = Timestamp::from_millis(flask.now().as_millis() + days * 86_400_000);
        let service = Service::at(later, SessionConfig::flask().absolute(DAY));
        assert_eq!(service.is_live(&cookie).await, live, "{days} days later");
        let next = service.change(&cookie, |session| session.set("m", 2)).await;
        let session = service.open(&next).await;
        assert_eq!(session.get::<u32>("m").unwrap(), Some(2), "what was acknowledged is there");
        assert_eq!(session.get::<u32>("n").unwrap(), live.then_some(1));
    }
}

#[tokio::test]
async fn the_id_is_of_the_cookies_text_and_says_so() {
    let service = Service::new();
    assert!(!service.sessions.capabilities().steady_id);
    let cookie = service.change("", |session| session.set("n", 1)).await;
    let id = service.open(&cookie).await.log_id();
    assert_eq!(service.open(&cookie).await.log_id(), id, "the same for each request with this cookie");
    let next = service.change(&cookie, |session| session.set("n", 2)).await;
    assert_ne!(service.open(&next).await.log_id(), id, "another after a write");
    let with_end = Service::with(&[KEY], SessionConfig::flask().absolute(40 * DAY));
    let cookie = with_end.change("", |session| session.set("n", 1)).await;
    let next = with_end.change(&cookie, |session| session.set("n", 2)).await;
    assert_eq!(with_end.open(&cookie).await.log_id(), with_end.open(&next).await.log_id(), "kept beside the end");
}

#[tokio::test]
async fn s36_nothing_prints_a_key_a_cookie_or_a_value() {
    const SECRET: &str = "a-name-not-to-be-printed";
    let service = Service::with(&[KEY, OLD], SessionConfig::flask());
    let cookie = service.change("", |session| session.set("user", SECRET)).await;
    let session = service.open(&cookie).await;
    let (signer, store) = (signer(&[KEY, OLD]), CookieStore::flask(signer(&[KEY, OLD])));
    let committed = service.sessions.commit(&session).await;
    let printed = format!("{signer:?} {store:?} {:?} {session:?} {committed:?}", service.sessions);
    assert!(printed.contains("1 fallback keys, redacted"), "{printed}");
    for secret in [KEY, OLD, SECRET, &cookie, cookie.split('.').next().unwrap()] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
