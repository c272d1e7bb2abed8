//! What only a sealed cookie can get wrong.
#![allow(clippy::unwrap_used)] // Tests.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use session_cookie::{CookieStore, CookieStoreConfig, Sealing};
use session_core::{
    Committed, CookieAction, CookieConfig, Error, Result, SecretKeys, Session, SessionConfig, Sessions, Timestamp,
};
use session_testkit::MovableClock;

const SEALINGS: [Sealing; 2] = [Sealing::Encrypted, Sealing::Signed];
const KEYS: [&str; 3] = [
    "the newest of the keys, 32 bytes and more",
    "the key of last month, 32 bytes and more",
    "the key of last year, 32 bytes and more",
];

/// Made at 1,700,000,000 s, of a session with the user ada.
const ENCRYPTED: &str = "AfDWfj7_SuzuEs-U7h_yQXGOzaeGzUR4kMJnszkCPxo90GXm-J-gDz3nFGIV5QPc7abCgJb4hfs_rOVwQ_D4bzOuk95LsQQ_IV5lCqN-Cs5byrnzpnnNRuOlDuEwwB6ILb1_6PfUqXDnxpQGVAEJziAbjOrW";
const SIGNED: &str = "AvDWfj7juPZ696GMFAtcNG35-rvfIAAAAYvP5WgAAAABjBf-cACpc9ln8W8jh8DQw6DLDwL0gqR1c2Vyo2FkYahfc2Vzc2lvbpMBzwAAAYvP5WgAzwAAAY2fYcAAGdVAJJl1bsvP8t1boGWVtUXbpXskqYUiN2mDhlbxSI8";

fn keys(list: &[&str]) -> SecretKeys {
    SecretKeys::with_fallbacks(list[0], &list[1..]).unwrap()
}

fn store(sealing: Sealing, list: &[&str]) -> CookieStore {
    CookieStore::new(&keys(list), CookieStoreConfig::default().sealing(sealing)).unwrap()
}

fn sessions(sealing: Sealing, list: &[&str]) -> Sessions {
    Sessions::new(store(sealing, list), SessionConfig::default()).unwrap()
}

fn cookie(committed: &Committed) -> String {
    match &committed.cookie {
        CookieAction::Set { token, .. } => token.expose().to_owned(),
        other => panic!("expected a cookie, got {other:?} ({:?})", committed.result),
    }
}

/// One request that must succeed; its cookie.
async fn request(sessions: &Sessions, cookies: &[&str], handler: impl FnOnce(&Session) -> Result<()>) -> String {
    let session = sessions.open(cookies.iter().copied()).await.unwrap();
    handler(&session).unwrap();
    cookie(&sessions.commit(&session).await)
}

async fn user(sessions: &Sessions, cookie: &str) -> Option<String> {
    sessions.open([cookie]).await.unwrap().get("user").unwrap()
}

fn set(value: &str) -> impl FnOnce(&Session) -> Result<()> {
    move |session| session.set("user", value)
}

/// The bytes that a cookie spells.
fn decoded(cookie: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cookie).unwrap()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn s19_encrypted_is_the_default_and_only_a_signed_cookie_can_be_read() {
    let default =
        Sessions::new(CookieStore::new(&keys(&KEYS), CookieStoreConfig::default()).unwrap(), SessionConfig::default());
    let default = default.unwrap();
    let encrypted = request(&default, &[], set("ada-lovelace")).await;
    assert_eq!(user(&sessions(Sealing::Encrypted, &KEYS), &encrypted).await.as_deref(), Some("ada-lovelace"));
    assert!(!contains(&decoded(&encrypted), "ada-lovelace"));
    let signed = request(&sessions(Sealing::Signed, &KEYS), &[], set("ada-lovelace")).await;
    assert!(contains(&decoded(&signed), "ada-lovelace"));
}

#[tokio::test]
async fn s19_each_write_has_a_nonce_of_its_own() {
    use session_core::{Life, Record, SessionStore, Timestamp};
    let store = store(Sealing::Encrypted, &KEYS);
    let life = Life { created: Timestamp::default(), absolute: Timestamp::MAX };
    let record = Record::new(store.codec(), life);
    let mut nonces = HashSet::new();
    for _ in 0..10_000 {
        let written = store.create(&record, Timestamp::MAX).await.unwrap();
        // The nonce's bytes 5 to 28 are the characters 7 to 38, with some bits of their neighbours.
        assert!(nonces.insert(written.token.unwrap().expose()[7..38].to_owned()), "a nonce came twice");
    }
}

#[tokio::test]
async fn s22_a_cookie_opens_under_its_own_name_application_and_seal_alone() {
    let places: Vec<_> = SEALINGS
        .into_iter()
        .flat_map(|sealing| ["shop", "sho", ""].map(|application| (sealing, application)))
        .flat_map(|(sealing, application)| ["id", "pid", "Id"].map(|name| (sealing, application, name)))
        .collect();
    let at = |&(sealing, application, name): &(Sealing, &'static str, &str)| {
        let config = CookieStoreConfig::default().sealing(sealing).application(application);
        let store = CookieStore::new(&keys(&KEYS), config).unwrap();
        Sessions::new(store, SessionConfig::development().cookie(CookieConfig::default().name(name))).unwrap()
    };
    for from in &places {
        let cookie = request(&at(from), &[], set("ada")).await;
        for to in &places {
            assert_eq!(user(&at(to), &cookie).await.is_some(), from == to, "made at {from:?}, opened at {to:?}");
        }
    }
}

#[test]
fn s22_an_application_with_a_nul_is_refused() {
    let refused = CookieStore::new(&keys(&KEYS), CookieStoreConfig::default().application("a\0b"));
    assert!(refused.unwrap_err().to_string().starts_with("application"));
}

#[tokio::test]
async fn s24_the_first_key_seals_and_every_key_opens() {
    for sealing in SEALINGS {
        let all = sessions(sealing, &KEYS);
        for key in KEYS {
            let old = request(&sessions(sealing, &[key]), &[], set("ada")).await;
            assert_eq!(user(&all, &old).await.as_deref(), Some("ada"), "{sealing:?}: every key opens");
            let resealed = request(&all, &[&old], set("grace")).await;
            assert_eq!(
                user(&sessions(sealing, &KEYS[..1]), &resealed).await.as_deref(),
                Some("grace"),
                "the first seals"
            );
        }
        let new = request(&all, &[], set("ada")).await;
        for (key, opens) in KEYS.into_iter().zip([true, false, false]) {
            assert_eq!(
                user(&sessions(sealing, &[key]), &new).await.is_some(),
                opens,
                "{sealing:?}: only the first seals"
            );
        }
    }
}

#[tokio::test]
async fn s24_a_key_that_is_removed_ends_its_cookies() {
    for sealing in SEALINGS {
        let old = request(&sessions(sealing, &KEYS[2..]), &[], set("ada")).await;
        assert!(user(&sessions(sealing, &KEYS[..2]), &old).await.is_none());
    }
}

/// A store by a clock of its own.
fn timed(sealing: Sealing, config: SessionConfig) -> (Sessions, MovableClock) {
    let clock = MovableClock::default();
    (Sessions::with_clock(store(sealing, &KEYS), config, clock.shared()).unwrap(), clock)
}

#[tokio::test]
async fn s25_an_old_cookie_is_dead_at_its_idle_deadline_though_the_session_went_on() {
    let hour = Duration::from_secs(3600);
    for sealing in SEALINGS {
        let (sessions, clock) = timed(sealing, SessionConfig::default().idle(hour));
        let old = request(&sessions, &[], set("ada")).await;
        clock.advance(hour / 2);
        let new = request(&sessions, &[&old], set("grace")).await;
        clock.advance(hour / 2 - Duration::from_millis(1));
        assert_eq!(user(&sessions, &old).await.as_deref(), Some("ada"), "a copy lives to its deadline");
        clock.advance(Duration::from_millis(1));
        assert!(user(&sessions, &old).await.is_none(), "{sealing:?}: and no longer");
        assert_eq!(user(&sessions, &new).await.as_deref(), Some("grace"));
    }
}

#[tokio::test]
async fn s25_the_absolute_end_counts_though_the_session_is_used() {
    let hour = Duration::from_secs(3600);
    for sealing in SEALINGS {
        let (sessions, clock) = timed(sealing, SessionConfig::default().idle(hour).absolute(2 * hour));
        let mut cookie = request(&sessions, &[], set("ada")).await;
        for n in 0..3 {
            clock.advance(hour / 2);
            cookie = request(&sessions, &[&cookie], |session| session.set("n", n)).await;
        }
        clock.advance(hour / 2);
        assert!(user(&sessions, &cookie).await.is_none(), "{sealing:?}");
    }
}

#[tokio::test]
async fn s25_a_cookie_from_the_future_opens_within_the_clock_skew_alone() {
    for sealing in SEALINGS {
        let (sessions, clock) = timed(sealing, SessionConfig::default().clock_skew(Duration::from_secs(60)));
        let start = session_core::Clock::now(&clock);
        clock.advance(Duration::from_secs(60));
        let cookie = request(&sessions, &[], set("ada")).await;
        clock.set(start);
        assert!(user(&sessions, &cookie).await.is_some(), "{sealing:?}: another process's clock may be ahead");
        clock.set(start.minus(Duration::from_millis(1)));
        assert!(user(&sessions, &cookie).await.is_none(), "{sealing:?}: but not more than that");
    }
}

#[tokio::test]
async fn s25_a_change_that_comes_after_the_end_revives_nothing() {
    let hour = Duration::from_secs(3600);
    for sealing in SEALINGS {
        let (sessions, clock) = timed(sealing, SessionConfig::default().idle(hour));
        let cookie = request(&sessions, &[], set("ada")).await;
        let slow = sessions.open([cookie.as_str()]).await.unwrap();
        clock.advance(hour);
        slow.set("user", "eve").unwrap();
        let committed = sessions.commit(&slow).await;
        assert!(matches!(committed.result, Err(Error::Gone)), "{:?}", committed.result);
        assert!(matches!(committed.cookie, CookieAction::None));
    }
}

#[tokio::test]
async fn s27_the_length_tells_nothing_but_the_length() {
    for sealing in SEALINGS {
        let sessions = sessions(sealing, &KEYS);
        let mut lengths = HashSet::new();
        for text in
            ["a".repeat(600), "secret".repeat(100), (0..600).map(|n| char::from(b'!' + (n * 7 % 90) as u8)).collect()]
        {
            lengths.insert(request(&sessions, &[], set(&text)).await.len());
        }
        assert_eq!(lengths.len(), 1, "{sealing:?}: repetition makes no cookie shorter");
    }
}

#[tokio::test]
async fn s12_name_and_value_have_4096_bytes_and_one_more_is_refused_with_size_and_limit() {
    for (sealing, name) in SEALINGS.into_iter().flat_map(|sealing| ["id", "a-longer-name"].map(|name| (sealing, name)))
    {
        let config = SessionConfig::development().cookie(CookieConfig::default().name(name));
        let sessions = Sessions::new(store(sealing, &KEYS), config).unwrap();
        let small = request(&sessions, &[], set("ada")).await;
        let (mut fitting, mut refused) = (0, None);
        for length in 2700..3100 {
            let session = sessions.open([small.as_str()]).await.unwrap();
            session.set("blob", "x".repeat(length)).unwrap();
            let committed = sessions.commit(&session).await;
            match committed.result {
                Ok(()) => fitting = name.len() + cookie(&committed).len(),
                Err(error) => {
                    assert!(matches!(committed.cookie, CookieAction::None));
                    refused = Some(error);
                    break;
                }
            }
        }
        assert!((4095..=4096).contains(&fitting), "{sealing:?}: the largest has {fitting} bytes");
        let Some(Error::TooLarge { size, limit, .. }) = refused else { panic!("{refused:?}") };
        assert!((4097..=4098).contains(&size) && limit == 4096, "{size} of {limit}");
        assert_eq!(user(&sessions, &small).await.as_deref(), Some("ada"), "the old cookie is still good");
    }
}

#[tokio::test]
async fn s36_nothing_prints_a_key_a_cookie_or_a_value() {
    for sealing in SEALINGS {
        let config = CookieStoreConfig::default().sealing(sealing);
        let keys = keys(&KEYS);
        let store = CookieStore::new(&keys, config.clone()).unwrap();
        let printed = format!("{store:?} {config:?} {keys:?}");
        let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
        let token = request(&sessions, &[], set("a-name-not-to-be-printed")).await;
        let session = sessions.open([token.as_str()]).await.unwrap();
        let printed = format!("{printed} {sessions:?} {session:?} {:?}", sessions.commit(&session).await);
        assert!(printed.contains("3 keys, redacted"), "{printed}");
        for secret in KEYS.iter().copied().chain(["a-name-not-to-be-printed", &token]) {
            assert!(!printed.contains(secret), "{sealing:?} printed a secret");
        }
        for key in keys.derive("session-cookie encrypted v1").iter().chain(&keys.derive("session-cookie signed v1")) {
            assert!(!printed.contains(&format!("{:?}", key.expose())), "{sealing:?} printed a derived key");
        }
    }
}

/// Cookies of this version, made once: a change of format, of a label or of a key's derivation would log everybody out.
#[tokio::test]
async fn s23_cookies_that_were_made_with_this_format_open_for_ever() {
    let moment = Timestamp::from_millis(1_700_000_000_000);
    for (sealing, cookie) in [(Sealing::Encrypted, ENCRYPTED), (Sealing::Signed, SIGNED)] {
        let clock = MovableClock::at(moment);
        let sessions = Sessions::with_clock(store(sealing, &KEYS), SessionConfig::default(), Arc::new(clock)).unwrap();
        assert_eq!(user(&sessions, cookie).await.as_deref(), Some("ada"), "{sealing:?}");
    }
}
