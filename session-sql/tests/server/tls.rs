//! Encrypted connections.

use std::sync::Arc;

use session_core::Backend;
use session_testkit::server::Certificate;

use crate::common::{backend, key, now, stored};
use crate::under_test::{Server, encrypted, is_encrypted};

#[tokio::test]
async fn s58_a_certificate_that_is_trusted_is_taken_and_the_connection_encrypted() {
    let certificate = Arc::new(Certificate::of_loopback());
    let server = Server::private_tls(Arc::clone(&certificate));
    let plain = server.database();
    let backend = backend(&encrypted(&plain, &certificate)).await;
    assert!(backend.insert(&key(), &stored(b"x"), now()).await.unwrap());
    assert!(is_encrypted(&plain), "the server says so");
}

#[tokio::test]
async fn s58_a_certificate_of_a_stranger_is_refused() {
    let (own, other) = (Arc::new(Certificate::of_loopback()), Certificate::of_loopback());
    let server = Server::private_tls(own);
    let line = session_sql::SqlStore::connect(encrypted(&server.database(), &other)).await.unwrap_err().to_string();
    assert!(line.contains(": the connection cannot be encrypted; "), "{line}");
}
