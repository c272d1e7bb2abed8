//! Encrypted connections.

use std::error::Error as _;
use std::time::Duration;

use session_core::Backend;
use session_redis::{RedisBackend, RedisConfig};
use session_testkit::server::{Certificate, RedisServer};

use crate::common::{key, now, stored};

#[tokio::test]
async fn s58_a_certificate_that_is_trusted_is_taken() {
    let certificate = Certificate::of_loopback();
    let (_server, url) = RedisServer::private_tls(&certificate);
    let backend = RedisBackend::connect(&RedisConfig::new(url).ca_file(certificate.file())).await.unwrap();
    assert!(backend.insert(&key(), &stored(b"x"), now()).await.unwrap());
}

#[tokio::test]
async fn s58_a_certificate_of_a_stranger_is_refused_and_nothing_is_sent_in_the_clear() {
    let (own, other) = (Certificate::of_loopback(), Certificate::of_loopback());
    let (_server, url) = RedisServer::private_tls(&own);
    for config in [RedisConfig::new(url.clone()), RedisConfig::new(url).ca_file(other.file())] {
        // A handshake takes its time on a machine that has other things to do.
        let config = config.connect_timeout(Duration::from_secs(10)).response_timeout(Duration::from_secs(10));
        let backend = RedisBackend::connect(&config).await.unwrap();
        let error = backend.insert(&key(), &stored(b"x"), now()).await.unwrap_err();
        assert!(error.is_outage(), "{error:?}");
        assert!(error.source().unwrap().to_string().contains("certificate"), "{error:?}");
    }
    let plain = RedisServer::private(&[]);
    let encrypted = format!("rediss://{}/", plain.address());
    let backend = RedisBackend::connect(&RedisConfig::new(encrypted)).await.unwrap();
    assert!(backend.insert(&key(), &stored(b"x"), now()).await.unwrap_err().is_outage());
    assert!(plain.ask("DBSIZE").starts_with(":0"));
}

#[tokio::test]
async fn a_ca_file_that_cannot_be_used_is_named() {
    for (file, problem) in [("/no/such.pem", "cannot be read"), ("/dev/null", "holds no certificate")] {
        let config = RedisConfig::new("rediss://127.0.0.1/").ca_file(file);
        let line = RedisBackend::connect(&config).await.unwrap_err().to_string();
        assert!(line.starts_with("ca_file: ") && line.contains(problem), "{line}");
    }
}
