//! The Flask modes on the wire: what real Flask and Flask-Session answered to sequences of requests, asked of this layer.
//!
//! Status, `Vary`, what the handler saw, and the `Set-Cookie` text: to the byte where the session lives in the cookie, but for the token
//! where it lies on a server. Where the answers differ on purpose, the list in `differences.rs` says why. `SESSION_FLASK_VECTORS` names another folder of vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that goes wrong panics")]

mod application;
mod differences;
mod promises;
mod replay;
mod typed;
mod vectors;

use session_cookie::CookieStore;
use session_cookie::session_flask::{Signer, SignerConfig};
use session_tower::session_core::{MemoryStore, SessionConfig, SessionStore};

use differences::Tally;
use vectors::Vector;

fn run(file: &str, config: fn() -> SessionConfig, store: fn(&Vector) -> Box<dyn SessionStore>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let vectors: Vec<Vector> = vectors::read(file);
    let mut tally = Tally::default();
    for vector in &vectors {
        runtime.block_on(replay::replay(vector, config(), store(vector), &mut tally));
    }
    tally.print(file, vectors.len());
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    assert!(tally.agreed > 0);
}

/// Flask's cookie by the vector's key.
fn flask_cookie(vector: &Vector) -> Box<dyn SessionStore> {
    let secret = vector.config.get("SECRET_KEY").map_or("http vectors", |key| key.as_str().unwrap());
    let weak = SignerConfig::default().danger_allow_weak_key(true);
    Box::new(CookieStore::flask(Signer::new(secret, [""; 0], &weak).unwrap()))
}

#[test]
fn flask_http_vectors() {
    run("http.json", SessionConfig::flask, flask_cookie);
}

#[test]
fn flask_session_http_vectors() {
    run("backends_fs080.json", SessionConfig::flask_session, |_| Box::new(MemoryStore::default()));
}
