//! Encrypted connections.

use std::error::Error as _;
use std::path::Path;
use std::process::Command;

use session_core::Backend;
use session_redis::{RedisBackend, RedisConfig};
use session_testkit::server::RedisServer;
use tempfile::TempDir;

use crate::common::{key, now, stored};

/// A certificate for 127.0.0.1 that nobody has signed but itself.
fn certificate() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args([
            "-subj",
            "/CN=session-test",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            "k.pem",
            "-out",
            "c.pem",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(&folder)
        .output()
        .expect("openssl, to make a certificate: apt-get install openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

fn server(folder: &Path) -> (RedisServer, String) {
    let [certificate, secret] = ["c.pem", "k.pem"].map(|name| folder.join(name).display().to_string());
    RedisServer::private_tls(&certificate, &secret)
}

#[tokio::test]
async fn s58_a_certificate_that_is_trusted_is_taken() {
    let folder = certificate();
    let (_server, url) = server(folder.path());
    let backend = RedisBackend::connect(&RedisConfig::new(url).ca_file(folder.path().join("c.pem"))).await.unwrap();
    assert!(backend.insert(&key(), &stored(b"x"), now()).await.unwrap());
}

#[tokio::test]
async fn s58_a_certificate_of_a_stranger_is_refused_and_nothing_is_sent_in_the_clear() {
    let (folder, other) = (certificate(), certificate());
    let (_server, url) = server(folder.path());
    for config in [RedisConfig::new(url.clone()), RedisConfig::new(url).ca_file(other.path().join("c.pem"))] {
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
