//! How often the server is asked, by its own count.

use mongodb::bson::doc;
use mongodb::{Client, Database};
use session_core::{CookieAction, Session, Sessions};
use session_testkit::server::MongoServer;

use crate::common::{config, sessions};

/// All commands on documents that the server has carried out so far.
async fn operations(admin: &Database) -> i64 {
    let status = admin.run_command(doc! { "serverStatus": 1 }).await.unwrap();
    let counters = status.get_document("opcounters").unwrap();
    let count = |name: &str| counters.get_i64(name).or_else(|_| counters.get_i32(name).map(i64::from)).unwrap();
    ["insert", "query", "update", "delete", "getmore"].into_iter().map(count).sum()
}

async fn request(sessions: &Sessions, cookie: Option<String>, handler: fn(&Session)) -> Option<String> {
    let session = sessions.open(cookie.as_deref()).await.unwrap();
    handler(&session);
    let committed = sessions.commit(&session).await;
    committed.result.unwrap();
    match committed.cookie {
        CookieAction::None => cookie,
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        CookieAction::Remove => None,
    }
}

/// A request's name, its cost, and what its handler does.
type Step = (&'static str, i64, fn(&Session));

/// One more than natively for whatever compares: the server cannot hash, so the record is read again.
#[tokio::test]
async fn flask_collection_keeps_to_its_round_trips() {
    let server = MongoServer::private(&["--setParameter", "ttlMonitorEnabled=false"]);
    let admin = Client::with_uri_str(server.url()).await.unwrap().database("admin");
    let sessions = sessions(&config(&server)).await;
    let mut cookie = None;
    let steps: [Step; 6] = [
        ("untouched", 0, |_| ()),
        ("new", 1, |session| session.set("n", 1).unwrap()),
        ("read", 1, |session| assert_eq!(session.get::<u32>("n").unwrap(), Some(1))),
        ("changed", 3, |session| session.set("n", 2).unwrap()),
        ("login", 4, Session::rotate),
        ("logout", 3, Session::destroy),
    ];
    for (name, wanted, handler) in steps {
        let before = operations(&admin).await;
        cookie = request(&sessions, cookie, handler).await;
        assert_eq!(operations(&admin).await - before, wanted, "{name}");
    }
    assert!(cookie.is_none());
}
