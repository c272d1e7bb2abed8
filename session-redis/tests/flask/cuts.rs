//! Answers that are lost: the repeat finds its own write, though nothing lies there that says whose it is.

use session_core::Session;
use session_testkit::server::{Proxy, RedisServer};

use crate::common::{begin, login, request, sessions};

async fn n(sessions: &session_core::Sessions, id: &str) -> Option<u64> {
    sessions.open([id]).await.unwrap().get("n").unwrap()
}

#[tokio::test]
async fn s50_flask_answer_that_is_cut_is_asked_for_again_and_counts_once() {
    let server = RedisServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let sessions = sessions(&format!("redis://{}/", proxy.address())).await;
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

#[tokio::test]
async fn p5_flask_login_whose_answer_is_cut_is_done_once() {
    let server = RedisServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let sessions = sessions(&format!("redis://{}/", proxy.address())).await;
    let mut id = begin(&sessions).await;
    for _ in 0..20 {
        let session = sessions.open([id.as_str()]).await.unwrap();
        session.rotate();
        proxy.cut_replies_after(0);
        let new = crate::common::commit(&sessions, &session).await.expect("a login has a cookie");
        assert_eq!((n(&sessions, &id).await, n(&sessions, &new).await), (None, Some(0)));
        id = new;
    }
    assert!(server.ask("DBSIZE").starts_with(":21"), "one record, and twenty markers");
    login(&sessions, &id).await;
}
