//! What MariaDB makes of the statements.

use session_testkit::server::MariadbServer;
use sqlx::{AssertSqlSafe, Connection};

use super::*;
use crate::dialect::Statements;
use crate::driver::Driver;
use crate::migrations::Migrated;
use crate::statement::{Sending, Statement, Values};

/// A connection to a database with enough rows that reading them all would be the worse plan.
async fn filled() -> (String, MySqlConnection) {
    let url = MariadbServer::shared().database();
    let pools = open(&SqlConfig::new(&url)).unwrap();
    assert_eq!(pools.migrate("sessions").await.unwrap(), Migrated::Done);
    let mut connection = MySqlConnection::connect(&url).await.unwrap();
    let fill = "INSERT INTO sessions SELECT concat('session:', seq), '0123456789abcdef', seq, NULL, repeat('x', 300) \
                FROM seq_1_to_20000";
    connection.execute(fill).await.unwrap();
    connection.execute("ANALYZE TABLE sessions").await.unwrap();
    (url, connection)
}

/// Table, kind of access and index of each step.
async fn plan(connection: &mut MySqlConnection, statement: &Statement, now: i64) -> Vec<String> {
    let explain = Statement::new::<MySql>("EXPLAIN ", "sessions");
    let text = format!("{}{}", explain.sql, statement.sql);
    let values =
        Values { key: "session:7", now, to: "session:new", seen: b"0123456789abcdef", limit: 200, ..Values::default() };
    let query = statement.bound::<MySql>(sqlx::query(AssertSqlSafe(text)), &values);
    let rows = query.fetch_all(connection).await.unwrap();
    let column = |row: &MySqlRow, name: &str| row.try_get::<Option<String>, _>(name).unwrap().unwrap_or_default();
    rows.iter().map(|row| format!("{} {} {}", column(row, "table"), column(row, "type"), column(row, "key"))).collect()
}

#[tokio::test]
async fn every_statement_finds_its_rows_by_an_index() {
    let (_, mut connection) = filled().await;
    let all = Statements::new::<MySql>("sessions");
    let renew = all.renew.as_ref().unwrap();
    for statement in [&all.get, &all.peek, &all.swap, &all.touch, &all.remove, &all.end, &all.rename, renew] {
        // A row that the conditions cannot meet would not even be looked for.
        let now = if std::ptr::eq(statement, renew) { 10 } else { 5 };
        let plan = plan(&mut connection, statement, now).await;
        assert!(plan.iter().any(|step| step.ends_with(" PRIMARY")), "{statement:?}: {plan:?}");
        let tables = ["sessions", "seen", "other"];
        let all_rows = |step: &&String| tables.iter().any(|table| step.starts_with(&format!("{table} ALL")));
        assert_eq!(plan.iter().find(all_rows), None, "{statement:?}: {plan:?}");
    }
    let sweep = plan(&mut connection, &all.sweep, 10).await;
    assert_eq!(sweep, ["sessions range deadline"]);
}

/// What a rename locks is its own two rows: others get at theirs.
#[tokio::test]
async fn a_rename_locks_nobody_elses_row() {
    let (url, mut connection) = filled().await;
    MySql::opened(&mut connection).await.unwrap();
    let all = Statements::new::<MySql>("sessions");
    let seen = b"0123456789abcdef";
    let values = Values { key: "session:7", to: "session:new", seen, version: &[1; 16], until: 9, ..Values::default() };
    connection.execute("BEGIN").await.unwrap();
    let written = all.rename.execute::<MySql>(&mut connection, &values, Sending::Prepared).await.unwrap();
    assert_eq!(written, 3, "one is new, and one that changes counts twice");
    let others = "SET innodb_lock_wait_timeout = 1; SELECT count(*) FROM \
                  (SELECT 1 FROM sessions WHERE `key` NOT IN ('session:7', 'session:new') FOR UPDATE SKIP LOCKED) AS free";
    assert_eq!(MariadbServer::ask_at(&url, others), "19999");
    connection.execute("ROLLBACK").await.unwrap();
}

#[test]
fn s54_s57_values_are_bound_and_names_quoted() {
    let all = Statements::new::<MySql>("Shop_2");
    for Statement { sql, .. } in
        [&all.get, &all.peek, &all.insert, &all.swap, &all.touch, &all.remove, &all.end, &all.rename, &all.sweep]
    {
        assert!(sql.contains("`Shop_2`"), "{sql}");
        assert!(!sql.contains([':', '{', '}']), "a name that stands for nothing: {sql}");
    }
}

/// A migration that was killed between the table and its entry is gone on with.
#[tokio::test]
async fn a_migration_that_was_cut_short_is_finished() {
    let url = MariadbServer::shared().database();
    let pools = open(&SqlConfig::new(&url)).unwrap();
    assert_eq!(pools.migrate("sessions").await.unwrap(), Migrated::Done);
    MariadbServer::ask_at(&url, "UPDATE session_schema SET form = 0");
    assert_eq!(pools.migrate("sessions").await.unwrap(), Migrated::Done);
    assert_eq!(MariadbServer::ask_at(&url, "SELECT form FROM session_schema"), "1");
}
