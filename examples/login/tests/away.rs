//! A store that is not there yet when the program starts, and one that is spoken to through TLS.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use std::process::{Command, Output};
use std::time::Duration;

use http::Method;
use session_testkit::server::{Certificate, RedisServer, free_port};
use support::{Browser, Server};

/// What the program says that ends by itself.
fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_login")).args(["--listen", "127.0.0.1:0"]).args(arguments).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_starts_while_its_store_is_away_and_is_well_when_that_comes() {
    let mut redis = RedisServer::private(&[]);
    redis.process().kill();
    let server = Server::start(&["--store", redis.url()]);
    let browser = Browser::new(&server.url);
    let answer = browser.send(Method::GET, "/visits", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (503, 0));
    redis.process().restart();
    let begun = std::time::Instant::now();
    while browser.send(Method::GET, "/visits", &[]).await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(2), "it does not recover");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_wait_it_listens_when_its_store_is_there() {
    let mut redis = RedisServer::private(&[]);
    redis.process().kill();
    let url = redis.url().to_owned();
    let starting = std::thread::spawn(move || Server::start(&["--store", &url, "--wait-for-store", "60"]));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!starting.is_finished(), "it listens without its store");
    redis.process().restart();
    let server = starting.join().unwrap();
    assert_eq!(
        Browser::new(&server.url).send(Method::GET, "/visits", &[]).await.status,
        200,
        "the first request already"
    );
}

#[test]
fn told_to_wait_it_gives_up_in_one_line_that_shows_no_password() {
    let url = format!("redis://ada:hunter2@127.0.0.1:{}/", free_port());
    let output = run(&["--store", &url, "--wait-for-store", "1"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let last = said.lines().last().unwrap();
    assert!(!output.status.success() && last.contains("not there within 1 s"), "{said}");
    assert!(last.contains("--wait-for-store") && !said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn s58_an_encrypted_store_is_trusted_by_its_certificate_alone() {
    let certificate = Certificate::of_loopback();
    let (_redis, url) = RedisServer::private_tls(&certificate);
    let file = certificate.file().display().to_string();
    let trusting = Server::start_with(&["--store", &url], &[("SSL_CERT_FILE", &file)]);
    assert_eq!(Browser::new(&trusting.url).send(Method::GET, "/visits", &[]).await.status, 200);
    let other = Server::start(&["--store", &url]);
    let answer = Browser::new(&other.url).send(Method::GET, "/visits", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (503, 0), "nobody vouches for it");
}
