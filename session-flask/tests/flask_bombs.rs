//! What inflates takes memory up to the bound and no further. Alone in its program: what others allocate would count as well.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use std::hint::black_box;

use common::{text, unhex};
use serde_json::Value as Json;
use session_core::Timestamp;
use session_flask::{FlaskCookie, Signer, SignerConfig};

/// The most memory that this program has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn s27_flask_a_bomb_of_ten_megabytes_takes_less_than_one() {
    let all: Json = serde_json::from_str(include_str!("vectors/cookie.json")).unwrap();
    let bomb =
        all["vectors"].as_array().unwrap().iter().find(|vector| vector["session_rule"]["times"] == 10_000_000).unwrap();
    let config = SignerConfig::default().danger_allow_weak_key(true);
    let cookie = FlaskCookie::new(Signer::new(unhex(text(bomb, "secret_key_hex")), [""; 0], &config).unwrap());
    let now = Timestamp::from_millis(bomb["now"].as_u64().unwrap() * 1000);
    let before = peak();
    for _ in 0..10 {
        assert!(black_box(cookie.open(text(bomb, "cookie"), now)).is_none());
    }
    let taken = peak() - before;
    assert!(taken < 1024, "{taken} KiB");
    assert!(cookie.max_json(20_000_000).open(text(bomb, "cookie"), now).is_some(), "it is one");
    assert!(peak() - before > 8 * 1024, "and would show");
}
