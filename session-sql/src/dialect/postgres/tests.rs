//! What PostgreSQL makes of the statements.

use session_testkit::server::PostgresServer;

use super::*;
use crate::dialect::Statements;
use crate::driver::Driver;
use crate::migrations::Migrated;
use crate::statement::{Statement, Values};

/// A database with enough rows that reading them all would be the worse plan.
async fn filled() -> String {
    let url = PostgresServer::shared().database();
    let pools = open(&SqlConfig::new(&url)).unwrap();
    assert_eq!(pools.migrate("sessions").await.unwrap(), Migrated::Done);
    PostgresServer::ask_at(
        &url,
        "INSERT INTO sessions SELECT 'session:' || i, '0123456789abcdef', i, NULL, repeat('x', 300)::bytea \
         FROM generate_series(1, 20000) AS n(i); ANALYZE sessions",
    );
    url
}

fn values() -> Values<'static> {
    Values { key: "session:7", now: 10, to: "session:new", seen: b"0123456789abcdef", limit: 200, ..Values::default() }
}

#[tokio::test]
async fn every_statement_finds_its_rows_by_an_index() {
    let url = filled().await;
    let all = Statements::new::<Postgres>("sessions");
    let plan = |statement: &Statement| {
        PostgresServer::ask_at(&url, &format!("EXPLAIN {}", statement.whole::<Postgres>(&values())))
    };
    for statement in [&all.get, &all.peek, &all.swap, &all.touch, &all.remove, &all.end, &all.rename] {
        let plan = plan(statement);
        assert!(plan.contains("sessions_pkey") && !plan.contains("Seq Scan"), "{plan}");
    }
    let insert = plan(&all.insert);
    assert!(insert.contains("Conflict Arbiter Indexes: sessions_pkey") && !insert.contains("Scan"), "{insert}");
    let sweep = plan(&all.sweep);
    assert!(sweep.contains("sessions_deadline_idx") && sweep.contains("Tid Scan"), "{sweep}");
    assert!(!sweep.contains("Seq Scan") && !sweep.contains("Sort"), "{sweep}");
}

#[test]
fn s54_s57_values_are_bound_or_hexadecimal_and_names_quoted() {
    let all = Statements::new::<Postgres>("Shop_2");
    let hostile = "'; DROP TABLE x; --\\";
    for statement in
        [&all.get, &all.peek, &all.insert, &all.swap, &all.touch, &all.remove, &all.end, &all.rename, &all.sweep]
    {
        assert!(statement.sql.contains("\"Shop_2\""), "{statement:?}");
        assert!(!statement.sql.contains([':', '{', '}']), "a name that stands for nothing: {statement:?}");
        let values = Values {
            key: hostile,
            to: hostile,
            successor: Some(hostile),
            seen: hostile.as_bytes(),
            payload: hostile.as_bytes(),
            ..values()
        };
        let whole = statement.whole::<Postgres>(&values);
        assert!(!whole.contains("DROP") && !whole.contains('$') && !whole.contains(['\\', ';']), "{whole}");
    }
    assert!(all.rename.sql.contains("SELECT $"));
}

#[test]
fn a_literal_is_digits_and_nothing_else() {
    let literal = |value| {
        let mut sql = String::new();
        Postgres::literal(value, &mut sql);
        sql
    };
    assert_eq!(literal(Value::Text(Some("a'b"))), "convert_from(decode('612762','hex'),'UTF8')");
    assert_eq!(literal(Value::Bytes(b"\0\xff")), "decode('00ff','hex')");
    assert_eq!((literal(Value::Number(-1)), literal(Value::Text(None))), ("-1".into(), "NULL".into()));
}

#[tokio::test]
async fn the_first_form_is_as_it_was_released() {
    let url = filled().await;
    let columns = "SELECT string_agg(format('%s %s %s %s', column_name, data_type, is_nullable, collation_name), ', ' \
                   ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'sessions'";
    let released = "key text NO C, version bytea NO , deadline bigint NO , successor text YES C, payload bytea NO ";
    assert_eq!(PostgresServer::ask_at(&url, columns), released.trim());
}

#[test]
fn s36_debug_shows_no_password() {
    let config = SqlConfig::new("postgres://admin:hunter2@db.example/shop");
    let pools = crate::SqlPools(Box::new(open(&config).unwrap()));
    assert_eq!(format!("{pools:?}"), "SqlPools(db.example:5432/shop)");
}
