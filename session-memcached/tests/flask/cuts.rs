//! Answers that are lost: the repeat finds its own write, though nothing lies there that says whose it is.

use session_core::{Session, Sessions};
use session_testkit::server::{MemcachedServer, Proxy};

use crate::common::{begin, commit, request, sessions};

async fn n(sessions: &Sessions, id: &str) -> Option<u64> {
    sessions.open([id]).await.unwrap().get("n").unwrap()
}

#[tokio::test]
async fn s50_flask_answer_that_is_cut_is_asked_for_again_and_counts_once() {
    let server = MemcachedServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let sessions = sessions(&format!("memcache://{}", proxy.address())).await;
    let id = begin(&sessions).await;
    for (count, bytes) in (0..180).step_by(3).enumerate() {
        // The cut before may have come right behind an answer: one repeat mends one cut, not two.
        assert_eq!(n(&sessions, &id).await, Some(count as u64));
        proxy.cut_replies_after(bytes);
        let add = |session: &Session| session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).map(|_| ()).unwrap();
        request(&sessions, Some(&id), add).await;
        assert_eq!(n(&sessions, &id).await, Some(count as u64 + 1), "cut after {bytes} bytes");
    }
}

/// Of the new record, of the marker, of the empty value: the old id is retired, and the new one lives.
#[tokio::test]
async fn p5_flask_login_whose_answer_is_cut_is_done_once() {
    let server = MemcachedServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let sessions = sessions(&format!("memcache://{}", proxy.address())).await;
    let mut id = begin(&sessions).await;
    for bytes in 0..60 {
        let session = sessions.open([id.as_str()]).await.unwrap();
        session.rotate();
        proxy.cut_replies_after(bytes);
        let new = commit(&sessions, &session).await.expect("a login has a cookie");
        proxy.forget_cuts();
        assert_eq!((n(&sessions, &id).await, n(&sessions, &new).await), (None, Some(0)), "cut after {bytes} bytes");
        id = new;
    }
}
