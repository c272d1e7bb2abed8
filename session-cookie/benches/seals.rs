//! What a cookie costs, beside the signed and private jars of the `cookie` crate: `cargo bench -p session-cookie --features flask --bench
//! seals`.
//!
//! One round makes a cookie and opens it again. `-- PROFILE NAME SIZE` runs one of them 2000 times and prints nothing, for a profiler.
//! Prints Markdown; its last output is kept in `docs/measurements/cookie.md`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use cookie::{Cookie, CookieJar, Key};
use session_cookie::CookieStore;
use session_cookie::session_flask::{Signer, SignerConfig};
use session_core::{Binding, Life, Lookup, Record, SecretKeys, SessionStore, Timestamp};
use tokio::runtime::{Builder, Runtime};

/// Rounds of a sample, and samples of each way; the ways take turns, and the best sample counts.
const ROUNDS: u32 = 400;
const SAMPLES: u32 = 120;
/// The jar that each way is compared with: its place among the ways.
const JARS: [usize; 5] = [1, 1, 3, 3, 3];
/// Bytes of a record: a small session, and one whose cookie fills the 4096 bytes of name and value.
const SIZES: [usize; 2] = [300, 2950];

type Way = (&'static str, Box<dyn Fn()>);

fn ways(size: usize) -> Vec<Way> {
    let (text, key) = (noise(size), Key::from(&[7; 64]));
    let signer =
        Signer::new("the key of this measurement, 32 bytes or more", [""; 0], &SignerConfig::default()).unwrap();
    let (private, signed) = ((text.clone(), key.clone()), (text.clone(), key));
    vec![
        ("encrypted", store(CookieStore::encrypted(&keys()).unwrap(), &text)),
        ("private jar", Box::new(move || private_jar(&private.0, &private.1))),
        ("signed", store(CookieStore::signed(&keys()).unwrap(), &text)),
        ("signed jar", Box::new(move || signed_jar(&signed.0, &signed.1))),
        ("flask", store(CookieStore::flask(signer), &text)),
    ]
}

/// Text that hardly compresses, since Flask's cookie does.
fn noise(size: usize) -> String {
    let mut state = 7_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'0' + u8::try_from(state >> 32 & 63).unwrap())
    };
    (0..size).map(|_| next()).collect()
}

fn keys() -> SecretKeys {
    SecretKeys::new("the key of this measurement, 32 bytes or more").unwrap()
}

/// The whole way of a session: record encoded and sealed, text parsed, opened and decoded.
fn store(mut store: CookieStore, text: &str) -> Box<dyn Fn()> {
    let mut binding = Binding::default();
    binding.cookie_name = "__Host-id".into();
    store.bind(binding);
    let (runtime, record) = (Builder::new_current_thread().build().unwrap(), record(text));
    Box::new(move || round(&runtime, &store, &record))
}

fn round(runtime: &Runtime, store: &CookieStore, record: &Record) {
    runtime.block_on(async {
        let written = store.create(black_box(record), Timestamp::MAX).await.unwrap();
        let token = store.parse(written.token.unwrap().expose()).unwrap();
        let Lookup::Live(loaded) = store.load(&token).await.unwrap() else { panic!("it opens") };
        black_box(loaded);
    });
}

/// A session of one text; its record has about as many bytes.
fn record(text: &str) -> Record {
    let text = &text[..text.len() - 40];
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    let encoded = [&[0x81, 0xa4][..], b"text", &[0xda], &length, text.as_bytes()].concat();
    let life = Life { created: Timestamp::default(), absolute: Timestamp::MAX };
    Record::decode(&Bytes::from(encoded), life).unwrap()
}

fn private_jar(text: &str, key: &Key) {
    let mut jar = CookieJar::new();
    jar.private_mut(key).add(Cookie::new("__Host-id", black_box(text).to_owned()));
    black_box(jar.private(key).get("__Host-id").unwrap());
}

fn signed_jar(text: &str, key: &Key) {
    let mut jar = CookieJar::new();
    jar.signed_mut(key).add(Cookie::new("__Host-id", black_box(text).to_owned()));
    black_box(jar.signed(key).get("__Host-id").unwrap());
}

/// Microseconds of a round, the best sample of each way.
fn measure(ways: &[Way]) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; ways.len()];
    for _ in 0..SAMPLES {
        for ((_, run), best) in ways.iter().zip(&mut best) {
            let start = Instant::now();
            (0..ROUNDS).for_each(|_| run());
            *best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
        }
    }
    best
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip_while(|argument| argument != "PROFILE").skip(1).collect();
    if let [name, size, ..] = &arguments[..] {
        let ways = ways(size.parse().unwrap());
        let (_, run) = ways.iter().find(|(way, _)| way == name).unwrap();
        return (0..2000).for_each(|_| run());
    }
    println!("| record, bytes | way | seal and open, µs | of the jar |\n|---|---|---|---|");
    for size in SIZES {
        let ways = ways(size);
        let best = measure(&ways);
        for (((name, _), time), jar) in ways.iter().zip(&best).zip(JARS) {
            let of = if name.ends_with("jar") { " of `cookie`" } else { "" };
            println!("| {size} | {name}{of} | {time:.2} | {:.2} |", time / best[jar]);
        }
    }
}
