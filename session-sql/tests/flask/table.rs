//! The table itself: Flask-Session's, made where it is missing, and no other.

use std::path::PathBuf;
use std::time::Duration;

use session_core::{Backend, Codec, StoreConfig};
use session_flask::FlaskLayout;
use session_sql::SqlStore;

use crate::common::{ALICE, KEY, commit, key, live, sessions, stored};
use crate::place::Place;

crate::on_each! {
    flask_table_is_made_as_flask_session_makes_it,
    flask_table_that_is_there_is_taken_as_it_is,
    flask_rows_have_its_columns_and_nothing_else,
    flask_table_is_no_table_of_ours_nor_the_other_way_round,
    flask_table_is_made_by_many_at_once,
}

/// What Flask-Session said to the real databases.
fn ddl(place: &Place) -> String {
    let text = std::fs::read_to_string(vectors_folder().join("backends_fs080.json")).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut said = all["vectors"].as_array().unwrap().iter().map(|vector| &vector["ddl"][place.dialect()]);
    said.find_map(|ddl| ddl.as_str()).unwrap().to_owned()
}

pub(crate) fn vectors_folder() -> PathBuf {
    let fixtures = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../session-flask/tests/vectors");
    std::env::var_os("SESSION_FLASK_VECTORS").map_or_else(fixtures, PathBuf::from)
}

/// Columns, keys and defaults, as the database tells of them.
async fn description(place: &Place, table: &str) -> String {
    let said = match place.dialect() {
        "sqlite" => place.ask(&format!("SELECT sql FROM sqlite_schema WHERE name = '{table}'")).await,
        "postgresql" => {
            let columns = "SELECT string_agg(concat_ws(' ', column_name, data_type, character_maximum_length, \
                           is_nullable, column_default), ', ' ORDER BY ordinal_position) FROM information_schema.columns";
            let keys = "SELECT string_agg(indexdef, ', ' ORDER BY indexname) FROM pg_indexes";
            let columns = place.ask(&format!("{columns} WHERE table_name = '{table}'")).await;
            columns + &place.ask(&format!("{keys} WHERE tablename = '{table}'")).await
        }
        _ => place.ask(&format!("SHOW CREATE TABLE {table}")).await,
    };
    said.replace(['"', '`'], "").replace(table, "TABLE")
}

async fn flask_table_is_made_as_flask_session_makes_it(place: &Place) {
    place.store().await;
    place.ask(&ddl(place).replace("TABLE sessions", "TABLE theirs")).await;
    assert_eq!(description(place, "sessions").await, description(place, "theirs").await);
    let others = match place.dialect() {
        "sqlite" => "SELECT count(*) FROM sqlite_schema WHERE name = 'session_schema'",
        _ => {
            "SELECT count(*) FROM information_schema.tables WHERE table_name = 'session_schema' \
              AND table_schema IN (current_schema(), database())"
        }
    };
    let others = if place.dialect() == "postgresql" { &others.replace(", database()", "") } else { others };
    let others = if place.dialect() == "mysql" { &others.replace("current_schema(), ", "") } else { others };
    assert_eq!(place.ask(others).await, "0", "no other table is made");
}

async fn flask_table_that_is_there_is_taken_as_it_is(place: &Place) {
    place.ask(&ddl(place)).await;
    place.plant(KEY, ALICE, &place.expiry(3600)).await;
    let before = description(place, "sessions").await;
    let backend = place.backend().await;
    assert_eq!(live(&backend, &key("oNzWIk01e-dyScZ_u6-AZvieymoTRfsNc65btxB9AHk")).await.unwrap().payload, ALICE);
    assert_eq!(description(place, "sessions").await, before);
}

/// The key is prefix and id, the end is as long as SQLAlchemy writes it, and both kinds of record are what Flask-Session reads.
async fn flask_rows_have_its_columns_and_nothing_else(place: &Place) {
    for (codec, first) in [(Codec::MessagePack, "8"), (Codec::Json, "7b")] {
        let sessions = crate::common::sessions_with(place, codec).await;
        let session = sessions.fresh();
        session.set("user", "alice").unwrap();
        let token = commit(&sessions, &session).await.unwrap();
        assert_eq!(token.len(), 43);
        let row = format!("FROM sessions WHERE session_id = 'session:{token}'");
        let hex = place.ask(&format!("SELECT {} {row}", place.hex("data"))).await;
        assert!(hex.starts_with(first), "{hex}");
        if place.dialect() == "sqlite" {
            let types = "typeof(id), typeof(session_id), typeof(data), typeof(expiry), length(expiry)";
            assert_eq!(place.ask(&format!("SELECT {types} {row}")).await, "integer|text|blob|text|26");
        }
        let (soon, later) = (place.expiry(13 * 24 * 3600), place.expiry(15 * 24 * 3600));
        let within = place.ask(&format!("SELECT count(*) {row} AND expiry BETWEEN {soon} AND {later}")).await;
        assert_eq!(within, "1", "in UTC, after 14 days, the default");
    }
}

async fn flask_table_is_no_table_of_ours_nor_the_other_way_round(place: &Place) {
    let flask = |table: &str| place.config(FlaskLayout::default()).table(table);
    let native = |table: &str| flask(table).store(StoreConfig::default());
    SqlStore::connect_with(native("ours")).await.unwrap();
    let line = SqlStore::connect_with(flask("ours")).await.unwrap_err().to_string();
    let fix = "name the table of Flask-Session, or one that is not there yet";
    assert_eq!(line, format!("table: \"ours\" has other columns than Flask-Session's; {fix}"));
    SqlStore::connect_with(flask("theirs")).await.unwrap();
    let line = SqlStore::connect_with(native("theirs")).await.unwrap_err().to_string();
    assert_eq!(line, "table: \"theirs\" is something else's name in this database; choose another name");
}

async fn flask_table_is_made_by_many_at_once(place: &Place) {
    let mut programs = tokio::task::JoinSet::new();
    for n in 0..8 {
        let config = place.config(FlaskLayout::default()).busy_timeout(Duration::from_secs(10));
        programs.spawn(async move {
            let backend = session_sql::SqlBackend::connect(&config).await.unwrap();
            assert!(backend.insert(&key(&format!("id-{n}")), &stored(ALICE), crate::common::now()).await.unwrap());
        });
    }
    programs.join_all().await;
    assert_eq!(place.ask("SELECT count(*) FROM sessions").await, "8");
    assert!(sessions(place).await.open([crate::common::ID]).await.unwrap().is_new());
}
