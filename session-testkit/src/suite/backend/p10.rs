//! P10: keys, payloads and passwords never print.

use std::error::Error as StdError;
use std::fmt::Write;
use std::time::Duration;

use session_core::{Backend, Entry, Error, RecordKey, Result};

use crate::suite::fixture::{Fixture, key, version};

const SECRET: &str = "s3cret-payload-that-never-prints";

/// The backend's `Debug` shows neither the keys nor the payloads that it holds.
pub async fn p10_debug_prints_no_secret<B: Backend>(fixture: &Fixture<B>) {
    let (key, _) = fixture.live(SECRET).await;
    let entry = fixture.get(&key).await;
    assert_silent(&format!("{:?} {:#?} {entry:?}", fixture.backend, fixture.backend), &key);
}

/// Errors of a server that does not answer show no key, no payload, and nothing that stands before the `@` of a URL.
pub async fn p10_errors_print_no_secret<B: Backend>(fixture: &Fixture<B>) {
    let Some(broken) = &fixture.broken else { panic!("the fixture has no broken backend") };
    let (key, stored, now) = (key(), fixture.stored(SECRET), fixture.now());
    let seen = version();
    assert_error_is_silent(broken.get(&key, now), &key).await;
    assert_error_is_silent(broken.insert(&key, &stored, now), &key).await;
    assert_error_is_silent(broken.remove(&key, Some(&seen), now), &key).await;
    assert_error_is_silent(broken.touch(&key, &seen, stored.deadline, now), &key).await;
    assert_error_is_silent(broken.swap(&key, &seen, &Entry::Live(stored), now), &key).await;
    assert_silent(&format!("{broken:?}"), &key);
}

async fn assert_error_is_silent<T>(call: impl Future<Output = Result<T>>, key: &RecordKey) {
    if let Ok(Err(error)) = tokio::time::timeout(Duration::from_secs(10), call).await {
        assert_silent(&everything(&error), key);
    }
}

fn assert_silent(printed: &str, key: &RecordKey) {
    // The distinguishing part of the key; a prefix may be shown.
    let secret_part = key.as_str().rsplit(':').next().expect("split gives one part at least");
    assert!(!printed.contains(secret_part), "a key was printed");
    assert!(!printed.contains(SECRET), "a payload was printed");
    assert!(!printed.contains('@'), "user information of a URL was printed");
    let as_numbers = format!("{:?}", SECRET.as_bytes());
    assert!(!printed.contains(as_numbers.trim_matches(['[', ']'])), "a payload was printed as numbers");
}

/// All that an error says, its sources included.
fn everything(error: &Error) -> String {
    let mut printed = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(printed, " {cause} {cause:?}");
        source = cause.source();
    }
    printed
}
