//! Calls that are given up, and connections that break.

use std::time::Duration;

use session_core::{AtomicRename, Backend, Entry, Marker, Rename, Swapped, Version};
use session_testkit::cut_after;

use crate::common::{ALICE, ALICE_AND_CART, ID, KEY, key, live, now, stored};
use crate::place::Place;

crate::on_each! { p9_flask_login_that_is_dropped_is_all_or_nothing }

/// At each of its awaits. Whatever was begun is carried out or undone, and the next call works.
async fn p9_flask_login_that_is_dropped_is_all_or_nothing(place: &Place) {
    let backend = place.backend().await;
    for awaits in 1.. {
        place.ask("DELETE FROM sessions").await;
        place.plant(KEY, ALICE, &place.expiry(3600)).await;
        let (to, record, seen) = (key("after"), stored(ALICE_AND_CART), Version::of(ALICE));
        let until = now().plus(Duration::from_secs(120));
        let marker = Marker { version: Version::random().unwrap(), successor: to.clone(), until };
        let rename = Rename { from: &key(ID), seen: &seen, to: &to, record: &record, marker: &marker };
        let whole = cut_after(awaits, backend.rename(&rename, now())).await;
        let rows = place.ask("SELECT session_id FROM sessions ORDER BY session_id").await;
        let retired = format!("retired:{{{KEY}}}\nsession:after");
        assert!(rows == KEY || rows == retired, "after {awaits} awaits: {rows}");

        assert_eq!(backend.rename(&rename, now()).await.unwrap(), Swapped::Done, "the same again finds what it did");
        assert_eq!(backend.get(&key(ID), now()).await.unwrap(), Some(Entry::Retired(marker)));
        assert_eq!(live(&backend, &to).await.unwrap().payload, ALICE_AND_CART);
        if whole.is_some() {
            return;
        }
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
mod broken {
    use session_core::{Error, SessionConfig, Sessions};
    use session_sql::SqlStore;
    use session_testkit::server::Proxy;

    use super::*;
    use crate::common::{commit, log_in};
    use crate::trips::behind;

    async fn begun(place: &Place) -> (Proxy, Sessions, String) {
        let (proxy, config) = behind(place).await;
        let sessions = SqlStore::connect_with(config).await.unwrap();
        let sessions = Sessions::new(sessions, SessionConfig::default().budget(Duration::from_secs(60))).unwrap();
        let session = sessions.fresh();
        session.set("n", 0).unwrap();
        let token = commit(&sessions, &session).await.unwrap();
        (proxy, sessions, token)
    }

    /// Within the read, within each statement of the login, within an answer: it is done once.
    async fn flask_login_that_is_cut_is_done_once(place: &Place) {
        let (proxy, sessions, mut token) = begun(place).await;
        for bytes in (0..900).step_by(60) {
            for replies in [false, true] {
                match replies {
                    true => proxy.cut_replies_after(bytes / 3),
                    false => proxy.cut_requests_after(bytes),
                }
                let new = log_in(&sessions, &token).await;
                proxy.forget_cuts();
                assert!(sessions.open([token.as_str()]).await.unwrap().is_new(), "the old id opens nothing");
                assert_eq!(sessions.open([new.as_str()]).await.unwrap().require::<u32>("n").unwrap(), 0);
                token = new;
            }
        }
    }

    async fn flask_table_is_made_when_its_server_comes(place: &Place) {
        let (proxy, config) = behind(place).await;
        proxy.refuse();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let sessions = Sessions::new(SqlStore::connect_with(config).await.unwrap(), SessionConfig::default()).unwrap();
        assert!(matches!(sessions.open([ID]).await, Err(Error::Unavailable { .. })));
        proxy.accept().await;
        assert!(sessions.open([ID]).await.unwrap().is_new());
        place.plant(KEY, ALICE, &place.expiry(3600)).await;
        assert_eq!(sessions.open([ID]).await.unwrap().require::<String>("user").unwrap(), "alice");
    }

    #[cfg(feature = "postgres")]
    #[tokio::test]
    async fn s50_flask_login_that_is_cut_is_done_once_on_postgres() {
        flask_login_that_is_cut_is_done_once(&Place::postgres()).await;
    }

    #[cfg(feature = "mysql")]
    #[tokio::test]
    async fn s50_flask_login_that_is_cut_is_done_once_on_mariadb() {
        flask_login_that_is_cut_is_done_once(&Place::mariadb()).await;
    }

    #[cfg(feature = "postgres")]
    #[tokio::test]
    async fn s49_flask_table_is_made_when_its_server_comes_on_postgres() {
        flask_table_is_made_when_its_server_comes(&Place::postgres()).await;
    }

    #[cfg(feature = "mysql")]
    #[tokio::test]
    async fn s49_flask_table_is_made_when_its_server_comes_on_mariadb() {
        flask_table_is_made_when_its_server_comes(&Place::mariadb()).await;
    }
}
