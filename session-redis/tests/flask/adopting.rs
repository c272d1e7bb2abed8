//! Both stores of an adoption on one server.

use session_core::{AdoptingStore, Session, Sessions, StoreConfig};
use session_flask::FlaskLayout;
use session_redis::{RedisConfig, RedisStore};
use session_testkit::server::RedisServer;

use crate::common::{a_day, begin, config, login, request, sessions};

async fn adopting(url: &str) -> Sessions {
    let old = RedisStore::connect_with(config(url, FlaskLayout::default())).await.unwrap();
    let new = RedisStore::connect_with(RedisConfig::new(url).store(StoreConfig::default())).await.unwrap();
    Sessions::new(AdoptingStore::new(new, old).unwrap(), a_day()).unwrap()
}

/// The successor's key is one of Flask's: the native store finds a record there that it cannot read.
#[tokio::test]
async fn s42_a_logout_under_an_id_that_was_retired_before_the_adoption_ends_its_successor() {
    let server = RedisServer::private(&[]);
    let (flask, adopting) = (sessions(server.url()).await, adopting(server.url()).await);
    for logins in [1, 2] {
        let first = begin(&flask).await;
        let mut id = first.clone();
        for _ in 0..logins {
            id = login(&flask, &id).await;
        }
        assert!(!adopting.open([id.as_str()]).await.unwrap().is_new());
        request(&adopting, Some(&first), Session::destroy).await;
        assert!(adopting.open([id.as_str()]).await.unwrap().is_new(), "{logins} logins before");
        assert!(flask.open([id.as_str()]).await.unwrap().is_new(), "{logins} logins before");
    }
}
