//! What Memcached does not take or keep: evictions, a full server, sizes, keys, other programs' items.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod common;

use std::error::Error as _;

use session_core::{Backend, Entry, Error, RecordKey, Removed, StoreConfig, Swapped, Version};
use session_memcached::{MemcachedConfig, MemcachedStore};
use session_testkit::server::MemcachedServer;

use common::{Browser, DAY, backend, key, now, sessions, stored};

#[tokio::test]
async fn s53_evicted_is_absent() {
    let server = MemcachedServer::private(&["-m", "2", "-I", "1m"]);
    let sessions = sessions(MemcachedConfig::new(server.url())).await;
    let text = "x".repeat(30 * 1024);
    let mut cookies = Vec::new();
    for n in 0..400 {
        let mut browser = Browser { sessions: sessions.clone(), cookie: None };
        browser.request(|session| session.set("n", n).and_then(|()| session.set("text", &text))).await.unwrap();
        cookies.push(browser.cookie);
    }
    assert!(server.stat("evictions") > 0, "the server is full");
    let mut live = 0;
    for (n, cookie) in (0_u64..).zip(cookies) {
        match (Browser { sessions: sessions.clone(), cookie }).n().await {
            Some(found) => {
                assert_eq!(found, n);
                live += 1;
            }
            None => assert!(n < 399, "the last one must be there"),
        }
    }
    assert!((1..400).contains(&live), "{live} of 400 live");
}

#[tokio::test]
async fn s49_a_server_that_is_full_and_may_not_evict_is_an_outage() {
    let server = MemcachedServer::private(&["-m", "2", "-I", "1m", "-M"]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    let mut written = 0;
    let refused = loop {
        match backend.insert(&key(), &stored(DAY, vec![0; 30 * 1024]), now()).await {
            Ok(inserted) => assert!(inserted && written < 400),
            Err(refused) => break refused,
        }
        written += 1;
    };
    assert!(refused.is_outage() && written > 0, "{refused:?}");
    let cause = refused.source().unwrap().to_string();
    assert!(cause.ends_with(": it is out of memory; raise its -m"), "{cause}");
}

#[tokio::test]
async fn a_change_to_an_evicted_session_is_refused_and_brings_nothing_back() {
    let server = MemcachedServer::private(&[]);
    let sessions = sessions(MemcachedConfig::new(server.url())).await;
    let mut browser = Browser::known(&sessions).await;
    let session = browser.open().await.unwrap();
    server.ask("flush_all");
    session.set("n", 7).unwrap();
    let committed = sessions.commit(&session).await;
    assert!(matches!(committed.result, Err(Error::Gone)), "{:?}", committed.result);
    assert_eq!(browser.n().await, None);
    browser.request(|session| session.set("n", 8)).await.unwrap();
    assert_eq!(browser.n().await, Some(8), "under a new id");
}

#[tokio::test]
async fn p8_too_large_is_refused_before_it_is_sent_and_the_old_record_stays() {
    let server = MemcachedServer::private(&[]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    let most = backend.capabilities().max_payload;
    let (key, old) = (key(), stored(DAY, "small"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    let larger = Entry::Live(stored(DAY, vec![0; most + 250]));
    let refused = backend.swap(&key, &old.version, &larger, now()).await.unwrap_err();
    assert!(matches!(refused, Error::TooLarge { .. }), "{refused:?}");
    assert_eq!(backend.get(&key, now()).await.unwrap(), Some(Entry::Live(old)));

    // What is let through fits under keys of any length.
    for length in [1, 49, 250] {
        let key = RecordKey::new("k".repeat(length));
        assert!(backend.insert(&key, &stored(DAY, vec![7; most + 250 - length]), now()).await.unwrap());
        assert!(backend.insert(&key, &stored(DAY, vec![7; most + 251 - length]), now()).await.is_err());
        assert!(backend.get(&key, now()).await.unwrap().is_some(), "a key of {length} bytes");
    }
    let config = MemcachedConfig::new(server.url()).store(StoreConfig::default().max_payload(most + 1));
    let line = MemcachedStore::connect_with(config).await.unwrap_err().to_string();
    assert_eq!(line, format!("max_payload: {} bytes; choose 1 to {most}, which is what this store takes", most + 1));
}

#[tokio::test]
async fn a_server_with_smaller_items_than_configured_says_what_to_mend() {
    let server = MemcachedServer::private(&["-I", "512k"]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    let refused = backend.insert(&key(), &stored(DAY, vec![0; 600_000]), now()).await.unwrap_err();
    assert!(matches!(refused, Error::Backend { .. }), "it is no outcome that is unknown: {refused:?}");
    let cause = refused.source().unwrap().to_string();
    assert!(
        cause.ends_with(": its largest item is smaller than max_item_size; raise its -I, or lower the setting"),
        "{cause}"
    );
}

#[tokio::test]
async fn s55_smuggled_commands_are_not_sent() {
    let server = MemcachedServer::private(&[]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    let (seen, new) = (Version::random().unwrap(), stored(DAY, "planted"));
    let long = "x".repeat(251);
    for text in ["a\r\nset smuggled 0 0 1\r\nx", "a 0 0 1", "a\0b", "naïve", "", &long] {
        let key = RecordKey::new(text);
        assert_eq!(backend.get(&key, now()).await.unwrap(), None);
        let refused = backend.insert(&key, &new, now()).await.unwrap_err();
        assert!(matches!(refused, Error::Backend { .. }) && !format!("{refused:?}").contains("smuggled"));
        let swapped = backend.swap(&key, &seen, &Entry::Live(new.clone()), now()).await.unwrap();
        assert_eq!(swapped, Swapped::Gone);
        assert_eq!(backend.touch(&key, &seen, now().plus(DAY), now()).await.unwrap(), Swapped::Gone);
        assert_eq!(backend.remove(&key, None, now()).await.unwrap(), Removed::Absent);
    }
    assert_eq!((server.stat("cmd_get"), server.stat("cmd_set"), server.stat("curr_items")), (0, 0, 0));
}

#[tokio::test]
async fn corrupt_is_what_another_program_has_put_there() {
    let server = MemcachedServer::private(&[]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    for value in ["", "x", "\x01too short", "?0123456789abcdef01234567"] {
        server.ask(&format!("set k 0 0 {}\r\n{value}", value.len()));
        let found = backend.get(&RecordKey::new("k"), now()).await;
        assert!(matches!(found, Err(Error::Corrupt { .. })), "{found:?}");
    }
    assert_eq!(server.stat("curr_items"), 1, "it is left alone");
}

#[tokio::test]
async fn a_server_without_compare_and_swap_is_refused() {
    let server = MemcachedServer::private(&["-C"]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    let refused = backend.insert(&key(), &stored(DAY, "unsafe"), now()).await.unwrap_err();
    let cause = refused.source().unwrap().to_string();
    assert!(cause.ends_with(": it has no compare-and-swap; start memcached without -C"), "{cause}");
}

#[tokio::test]
async fn s59_a_name_that_does_not_exist_is_named() {
    let line = MemcachedStore::connect("memcache://no-such-host.invalid:1").await.unwrap_err().to_string();
    assert_eq!(line, "url: the name of no-such-host.invalid:1 cannot be looked up; correct it, or the DNS");
}
