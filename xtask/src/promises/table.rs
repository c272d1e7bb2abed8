//! The table for the page.

use super::record::{GROUPS, Record, Shown};

/// What readers call the suites, in the order of the table; one without a name is no store of its own. Those that are not here
/// follow under their own names.
const NAMES: &[(&str, &str)] = &[
    ("session-testkit one_command", "memory"),
    ("session-testkit two_commands", ""),
    ("session-sql in_a_file", "SQLite, in a file"),
    ("session-sql in_memory", "SQLite, in memory"),
    ("session-sql postgres", "PostgreSQL"),
    ("session-sql postgres_behind_a_pooler", "PostgreSQL behind pgbouncer"),
    ("session-sql mariadb", "MariaDB"),
    ("session-redis one_server", "Redis"),
    ("session-redis cluster", "Redis Cluster"),
    ("session-memcached", "Memcached"),
    ("session-mongo standalone", "MongoDB"),
    ("session-mongo replica_set", "MongoDB replica set"),
    ("session-redis flask_messagepack", "Redis, Flask-Session's records"),
    ("session-redis flask_json", ""),
    ("session-redis flask_cluster", "Redis Cluster, Flask-Session's records"),
    ("session-memcached flask_messagepack", "Memcached, Flask-Session's records"),
    ("session-memcached flask_json", ""),
    ("session-mongo flask_standalone_msgpack", "MongoDB, Flask-Session's records"),
    ("session-mongo flask_standalone_json", ""),
    ("session-mongo flask_replica_set_msgpack", "MongoDB replica set, Flask-Session's records"),
    ("session-mongo flask_replica_set_json", ""),
    ("session-sql flask_sqlite_msgpack", "SQLite, Flask-Session's records"),
    ("session-sql flask_sqlite_json", ""),
    ("session-sql flask_postgres_msgpack", "PostgreSQL, Flask-Session's records"),
    ("session-sql flask_postgres_json", ""),
    ("session-sql flask_postgres_behind_a_pooler", ""),
    ("session-sql flask_mariadb_msgpack", "MariaDB, Flask-Session's records"),
    ("session-sql flask_mariadb_json", ""),
    ("session-cookie encrypted", "cookie, encrypted"),
    ("session-cookie signed_json", "cookie, signed"),
    ("session-cookie flask", "cookie, Flask's own"),
];

/// What needs no server, and so no container.
const EMBEDDED: &[&str] = &[
    "memory",
    "SQLite, in a file",
    "SQLite, in memory",
    "cookie, encrypted",
    "cookie, signed",
    "cookie, Flask's own",
    "SQLite, Flask-Session's records",
];

/// One row a suite, and below it what was excluded.
pub(super) fn of(record: &Record) -> String {
    let mut suites: Vec<_> = record.suites("native").filter(|(suite, _)| !name(suite).is_empty()).collect();
    suites.sort_by_key(|(suite, _)| NAMES.iter().position(|(known, _)| known == suite).unwrap_or(NAMES.len()));
    let head = format!(
        "| store | {} | in all | in containers |\n|---|{}\n",
        GROUPS.join(" | "),
        "--:|".repeat(GROUPS.len() + 2)
    );
    let rows = suites.iter().map(|(suite, shown)| row(suite, shown, record));
    let excluded: Vec<_> = suites.iter().filter_map(|(suite, shown)| exclusions(suite, shown)).collect();
    let rows: String = std::iter::once(head).chain(rows).collect();
    format!("{rows}\nExcluded, because the store says that it cannot:\n\n{}", excluded.concat())
}

/// The store's name.
fn name(suite: &str) -> &str {
    NAMES.iter().find(|(known, _)| *known == suite).map_or(suite, |(_, name)| name)
}

/// The numbers of one suite.
fn row(suite: &str, shown: &Shown, record: &Record) -> String {
    let groups = GROUPS.map(|group| shown.passed.get(group).copied().unwrap_or_default().to_string());
    let inside = record.suites("containers").find(|(other, _)| *other == suite);
    let inside = inside.filter(|_| !EMBEDDED.contains(&name(suite)));
    let inside = inside.map_or_else(|| "–".to_owned(), |(_, shown)| shown.passed().to_string());
    format!("| {} | {} | {} | {inside} |\n", name(suite), groups.join(" | "), shown.passed())
}

/// What one suite left out, and why.
fn exclusions(suite: &str, shown: &Shown) -> Option<String> {
    let reasons: Vec<_> = shown.excluded.iter().map(|(reason, count)| format!("{reason} ({count})")).collect();
    (!reasons.is_empty()).then(|| format!("* {}: {}\n", name(suite), reasons.join("; ")))
}
