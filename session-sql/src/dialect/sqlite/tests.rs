//! What SQLite makes of the statements.

use sqlx::{AssertSqlSafe, Row as _};

use super::*;
use crate::dialect::Statements;
use crate::driver::Driver;
use crate::migrations::Migrated;
use crate::statement::Statement;

async fn migrated() -> SqlitePool {
    let pools = open(&SqlConfig::new("sqlite::memory:")).unwrap();
    assert_eq!(pools.migrate("sessions").await.unwrap(), Migrated::Done);
    pool_of(pools.writer)
}

fn pool_of(source: Source<Sqlite>) -> SqlitePool {
    let Source::Pool(pool) = source else { panic!("a file has a pool of the driver's") };
    pool
}

/// The steps by which SQLite would carry a statement out.
async fn plan(pool: &SqlitePool, statement: &Statement) -> Vec<String> {
    let rows =
        sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sql))).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

#[tokio::test]
async fn every_statement_finds_its_rows_by_an_index() {
    let pool = migrated().await;
    let all = Statements::new::<Sqlite>("sessions");
    let by_key = "SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (key=?)";
    for statement in [&all.get, &all.peek, &all.swap, &all.touch, &all.remove, &all.end, &all.rename] {
        let plan = plan(&pool, statement).await;
        assert!(plan.iter().any(|step| step == by_key), "{statement:?}: {plan:?}");
        assert!(!plan.iter().any(|step| step.starts_with("SCAN sessions")), "{statement:?}: {plan:?}");
    }
    // An insert looks for nothing but its own key.
    assert_eq!(plan(&pool, &all.insert).await, Vec::<String>::new());
    let sweep = plan(&pool, &all.sweep).await;
    let by_deadline = "SEARCH sessions USING COVERING INDEX sessions_deadline (deadline<?)";
    assert!(sweep.iter().any(|step| step == by_deadline), "{sweep:?}");
    assert!(!sweep.iter().any(|step| step.starts_with("SCAN") || step.contains("TEMP B-TREE")), "{sweep:?}");
}

#[test]
fn s54_s57_values_are_bound_and_names_quoted() {
    let all = Statements::new::<Sqlite>("Shop_2");
    for Statement { sql, .. } in
        [&all.get, &all.peek, &all.insert, &all.swap, &all.touch, &all.remove, &all.end, &all.rename, &all.sweep]
    {
        assert!(sql.contains("\"Shop_2\""), "{sql}");
        assert!(!sql.contains([':', '{', '}']), "a name that stands for nothing: {sql}");
        // No literal but NULL, `true`, an empty payload and the size of the largest one.
        assert_eq!(
            sql.replace("x''", "").replace("16777216", "").replace("SELECT 1 ", "").matches(['\'', '0', '1']).count(),
            0,
            "{sql}"
        );
    }
    assert!(all.rename.sql.contains("SELECT ?, ?, ?, NULL, ?"));
}

#[tokio::test]
async fn the_first_form_is_as_it_was_released() {
    let pool = migrated().await;
    let rows = sqlx::query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").fetch_all(&pool).await;
    let found: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();
    let released = [
        "CREATE TABLE session_schema (name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, form INTEGER NOT NULL) STRICT",
        "CREATE TABLE \"sessions\" (key TEXT NOT NULL PRIMARY KEY, version BLOB NOT NULL, deadline INTEGER NOT NULL, \
         successor TEXT, payload BLOB NOT NULL) STRICT",
        "CREATE INDEX \"sessions_deadline\" ON \"sessions\" (deadline)",
    ];
    assert_eq!(found, released);
}

#[test]
fn a_waiting_writer_gives_up_before_its_caller_does() {
    let config = SqlConfig::default().busy_timeout(Duration::from_secs(60));
    let options = format!("{:?}", options(&Place::Memory, &config));
    assert!(options.contains("busy_timeout: 1.5s"), "{options}");
}

#[tokio::test]
async fn what_reads_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let pools = open(&SqlConfig::new(format!("sqlite://{}/s.db", folder.path().display()))).unwrap();
    pools.migrate("sessions").await.unwrap();
    let error = sqlx::query("DELETE FROM sessions").execute(&pool_of(pools.readers)).await.unwrap_err();
    let sqlx::Error::Database(error) = error else { panic!("{error:?}") };
    assert_eq!(error.code().as_deref(), Some("8"));
}
