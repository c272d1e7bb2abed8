//! The Flask modes on the wire: what real Flask and Flask-Session answered to sequences of requests, asked of this layer.
//!
//! Status, `Vary`, what the handler saw, and the `Set-Cookie` text but for the token. Where the answers differ on purpose, the
//! list in `differences.rs` says why. `SESSION_FLASK_VECTORS` names another folder of vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that goes wrong panics")]

mod application;
mod differences;
mod model;
mod promises;
mod replay;
mod vectors;

use session_tower::session_core::{MemoryStore, SessionConfig, SessionStore};

use differences::Tally;
use vectors::Vector;

fn run(file: &str, config: fn() -> SessionConfig, store: fn() -> Box<dyn SessionStore>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let vectors: Vec<Vector> = vectors::read(file);
    let mut tally = Tally::default();
    for vector in &vectors {
        runtime.block_on(replay::replay(vector, config(), store(), &mut tally));
    }
    tally.print(file, vectors.len());
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    assert!(tally.agreed > 0);
}

#[test]
fn flask_http_vectors() {
    run("http.json", SessionConfig::flask, || Box::new(model::CookieModel::default()));
}

#[test]
fn flask_session_http_vectors() {
    run("backends_fs080.json", SessionConfig::flask_session, || Box::new(MemoryStore::default()));
}
