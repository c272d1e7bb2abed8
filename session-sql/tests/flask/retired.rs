//! A retired id: nothing for Flask, a marker for us, and no row that Flask could still write into.

use std::sync::Arc;
use std::time::Duration;

use session_core::{AtomicRename, Backend, Entry, Marker, RecordKey, Removed, Rename, Stored, Swapped, Version};
use session_flask::FlaskLayout;
use session_sql::SqlBackend;
use tokio::task::JoinSet;

use crate::common::{ALICE, ALICE_AND_CART, HOUR, ID, KEY, at_rest, key, live, log_in, now, sessions, stored};
use crate::place::Place;

crate::on_each! {
    flask_finds_nothing_under_a_retired_id,
    flask_request_under_way_writes_into_no_other_row,
    flask_brings_a_retired_id_back_and_we_stay_with_the_marker,
    flask_marker_can_be_neither_changed_nor_removed,
    flask_rename_of_another_version_writes_nothing,
    flask_of_many_renames_one_wins_and_none_fails,
}

async fn flask_finds_nothing_under_a_retired_id(place: &Place) {
    let sessions = sessions(place).await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let token = log_in(&sessions, ID).await;
    assert_eq!(place.ask(&format!("SELECT id FROM sessions WHERE session_id = '{KEY}'")).await, "");
    let contents = at_rest(place, &format!("session:{token}")).await;
    assert!(contents.iter().any(|(name, _)| *name == session_flask::Value::Str("user".into())));
    let soon = place.expiry(122);
    let marker = format!("SELECT count(*) FROM sessions WHERE session_id = 'retired:{{{KEY}}}' AND expiry < {soon}");
    assert_eq!(place.ask(&marker).await, "1", "and the marker ends by itself");
    assert_eq!(place.ask("SELECT count(*) FROM sessions").await, "2");
}

/// Flask reads a row, and then writes by its number. After a rotation no row has it, nor does the next one that Flask makes.
async fn flask_request_under_way_writes_into_no_other_row(place: &Place) {
    for rotates in [true, false] {
        let backend = place.backend().await;
        place.ask("DELETE FROM sessions").await;
        place.plant(KEY, ALICE, &place.expiry(3600)).await;
        let number = place.ask("SELECT id FROM sessions").await;
        let (to, record, marker) = successor(&format!("{rotates}"));
        let seen = Version::of(ALICE);
        let done = match rotates {
            true => {
                let rename = Rename { from: &key(ID), seen: &seen, to: &to, record: &record, marker: &marker };
                backend.rename(&rename, now()).await.unwrap()
            }
            false => backend.swap(&key(ID), &seen, &Entry::Retired(marker.clone()), now()).await.unwrap(),
        };
        assert_eq!(done, Swapped::Done);
        assert_eq!(place.ask(&format!("SELECT session_id FROM sessions WHERE id = {number}")).await, "");
        place.plant("session:next", ALICE, &place.expiry(3600)).await;
        assert_eq!(place.ask(&format!("SELECT session_id FROM sessions WHERE id = {number}")).await, "");
        assert_eq!(backend.get(&key(ID), now()).await.unwrap(), Some(Entry::Retired(marker)));
    }
}

async fn flask_brings_a_retired_id_back_and_we_stay_with_the_marker(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let (to, record, marker) = successor("new");
    let seen = Version::of(ALICE);
    let rename = Rename { from: &key(ID), seen: &seen, to: &to, record: &record, marker: &marker };
    assert_eq!(backend.rename(&rename, now()).await.unwrap(), Swapped::Done);
    place.plant(KEY, ALICE, &place.expiry(3600)).await;

    let retired = Swapped::Retired(marker.clone());
    let new = Entry::Live(stored(ALICE_AND_CART));
    assert_eq!(backend.get(&key(ID), now()).await.unwrap(), Some(Entry::Retired(marker.clone())));
    assert_eq!(backend.swap(&key(ID), &seen, &new, now()).await.unwrap(), retired);
    assert_eq!(backend.touch(&key(ID), &seen, now().plus(2 * HOUR), now()).await.unwrap(), retired);
    assert_eq!(backend.remove(&key(ID), Some(&seen), now()).await.unwrap(), Removed::Retired(marker.clone()));
    assert_eq!(backend.remove(&key(ID), None, now()).await.unwrap(), Removed::Retired(marker.clone()));
    let (other, record, again) = successor("other");
    let late = Rename { from: &key(ID), seen: &seen, to: &other, record: &record, marker: &again };
    assert_eq!(backend.rename(&late, now()).await.unwrap(), retired);

    // When the marker has ended it is a session again, for both; and can be rotated over what is left of the marker.
    let later = marker.until.plus(Duration::from_secs(1));
    assert!(matches!(backend.get(&key(ID), later).await.unwrap(), Some(Entry::Live(_))));
    let again = Marker { until: later.plus(HOUR), ..again.clone() };
    let late = Rename { marker: &again, ..late };
    assert_eq!(backend.rename(&late, later).await.unwrap(), Swapped::Done);
    assert_eq!(backend.get(&key(ID), later).await.unwrap(), Some(Entry::Retired(again)));
    assert!(live(&backend, &other).await.is_some());
}

async fn flask_marker_can_be_neither_changed_nor_removed(place: &Place) {
    let backend = place.backend().await;
    let old = stored(ALICE);
    assert!(backend.insert(&key(ID), &old, now()).await.unwrap());
    let (_, _, marker) = successor("new");
    let retire = async || backend.swap(&key(ID), &old.version, &Entry::Retired(marker.clone()), now()).await.unwrap();
    assert_eq!(retire().await, Swapped::Done);
    assert_eq!(retire().await, Swapped::Done, "a repeat finds its own marker");
    assert!(!backend.insert(&key(ID), &old, now()).await.unwrap());
    assert_eq!(backend.remove(&key(ID), None, now()).await.unwrap(), Removed::Retired(marker.clone()));
    let after = marker.until.plus(Duration::from_secs(1));
    assert!(backend.get(&key(ID), after).await.unwrap().is_none());
}

async fn flask_rename_of_another_version_writes_nothing(place: &Place) {
    let backend = place.backend().await;
    place.plant(KEY, ALICE_AND_CART, &place.expiry(3600)).await;
    let (to, record, marker) = successor("new");
    let seen = Version::of(ALICE);
    let rename = Rename { from: &key(ID), seen: &seen, to: &to, record: &record, marker: &marker };
    assert_eq!(backend.rename(&rename, now()).await.unwrap(), Swapped::Conflict);
    assert_eq!(place.ask("SELECT session_id FROM sessions").await, KEY);
}

/// Of many that rename one row one does; those of other rows do not stand in its way.
async fn flask_of_many_renames_one_wins_and_none_fails(place: &Place) {
    let config = place.config(FlaskLayout::default()).max_connections(16);
    let connect = async || Arc::new(SqlBackend::connect(&config).await.unwrap());
    let backends = [connect().await, connect().await];
    let (shared, old) = (key("shared"), stored(ALICE));
    assert!(backends[0].insert(&shared, &old, now()).await.unwrap());
    let mut renames = JoinSet::new();
    for n in 0..24 {
        let (backend, shared, old) = (Arc::clone(&backends[n % 2]), shared.clone(), old.clone());
        renames.spawn(async move {
            let own = key(&format!("own-{n}"));
            assert!(backend.insert(&own, &old, now()).await.unwrap());
            assert_eq!(rename(&backend, &own, &format!("own-{n}")).await, Swapped::Done);
            rename(&backend, &shared, &format!("shared-{n}")).await
        });
    }
    let won = renames.join_all().await.into_iter().filter(|swapped| *swapped == Swapped::Done).count();
    assert_eq!(won, 1);
    // The 24 that were renamed alone, their markers, the shared one and its marker.
    assert_eq!(place.ask("SELECT count(*) FROM sessions").await, "50");
}

async fn rename(backend: &SqlBackend, from: &RecordKey, name: &str) -> Swapped {
    let (to, record, marker) = successor(name);
    let rename = Rename { from, seen: &Version::of(ALICE), to: &to, record: &record, marker: &marker };
    backend.rename(&rename, now()).await.unwrap()
}

/// A record under a new id, and the marker that names it.
fn successor(name: &str) -> (RecordKey, Stored, Marker) {
    let to = key(&format!("{name}-after-login"));
    let until = now().plus(Duration::from_secs(120));
    (to.clone(), stored(ALICE_AND_CART), Marker { version: Version::random().unwrap(), successor: to, until })
}
