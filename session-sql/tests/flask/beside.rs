//! Flask writing at the same time, without looking.

use session_core::Codec;
use session_flask::Value;

use crate::common::{ALICE, ALICE_AND_CART, ID, KEY, at_rest, commit, log_in, log_out, sessions, sessions_with};
use crate::place::Place;

crate::on_each! {
    flask_blind_write_before_a_commit_is_seen_and_merged,
    flask_blind_write_before_a_login_is_carried_over,
    flask_blind_write_before_a_logout_does_not_save_it,
    flask_refresh_is_no_conflict,
    flask_records_keep_their_own_format,
}

/// What Flask-Session sends when a request changes a session.
async fn flask_writes(place: &Place, data: &[u8]) {
    let (data, expiry) = (place.bytes(data), place.expiry(7200));
    place.ask(&format!("UPDATE sessions SET data = {data}, expiry = {expiry} WHERE session_id = '{KEY}'")).await;
}

fn names(record: &[(Value, Value)]) -> Vec<&str> {
    let name = |pair: &'_ (Value, Value)| match &pair.0 {
        Value::Str(name) => name.clone(),
        other => panic!("{other:?} is no name"),
    };
    record.iter().map(name).map(|name| &*name.leak()).collect()
}

async fn flask_blind_write_before_a_commit_is_seen_and_merged(place: &Place) {
    let sessions = sessions(place).await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let session = sessions.open([ID]).await.unwrap();
    session.set("theme", "dark").unwrap();
    flask_writes(place, ALICE_AND_CART).await;
    commit(&sessions, &session).await;
    let record = at_rest(place, KEY).await;
    assert_eq!(names(&record), ["_permanent", "user", "cart", "theme", "_session"]);
    let cart = Value::List([1, 2, 3].map(|n| Value::Int(session_flask::Int::Small(n))).into());
    assert_eq!(record[2].1, cart, "what Flask has just written");
}

async fn flask_blind_write_before_a_login_is_carried_over(place: &Place) {
    let sessions = sessions(place).await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let session = sessions.open([ID]).await.unwrap();
    session.set("theme", "dark").unwrap();
    session.rotate();
    flask_writes(place, ALICE_AND_CART).await;
    let token = commit(&sessions, &session).await.unwrap();
    let record = at_rest(place, &format!("session:{token}")).await;
    assert!(names(&record).contains(&"cart") && names(&record).contains(&"theme"), "{record:?}");
}

async fn flask_blind_write_before_a_logout_does_not_save_it(place: &Place) {
    let sessions = sessions(place).await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let session = sessions.open([ID]).await.unwrap();
    session.destroy();
    flask_writes(place, ALICE_AND_CART).await;
    commit(&sessions, &session).await;
    assert_eq!(place.ask("SELECT count(*) FROM sessions").await, "0");
}

/// Flask moves the end with each request and leaves the record as it is.
async fn flask_refresh_is_no_conflict(place: &Place) {
    let sessions = sessions(place).await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let session = sessions.open([ID]).await.unwrap();
    session.set("theme", "dark").unwrap();
    place.ask(&format!("UPDATE sessions SET expiry = {}", place.expiry(7200))).await;
    let committed = sessions.commit(&session).await;
    assert_eq!((committed.result.is_ok(), committed.report.replays), (true, 0));
    let token = log_in(&sessions, ID).await;
    log_out(&sessions, &token).await;
    assert!(sessions.open([token.as_str()]).await.unwrap().is_new());
}

async fn flask_records_keep_their_own_format(place: &Place) {
    let json = sessions_with(place, Codec::Json).await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let session = json.open([ID]).await.unwrap();
    session.set("theme", "dark").unwrap();
    commit(&json, &session).await;
    let hex = place.ask(&format!("SELECT {} FROM sessions", place.hex("data"))).await;
    assert!(hex.starts_with('8'), "a map of MessagePack still: {hex}");
}
