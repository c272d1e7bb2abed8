//! What PostgreSQL can get wrong: what every server can, and what it alone can.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[path = "../server/common.rs"]
mod common;
#[path = "../server/cuts.rs"]
mod cuts;
#[path = "../server/killed.rs"]
mod killed;
#[path = "../server/lines.rs"]
mod lines;
mod pooler;
mod refusals;
#[path = "../server/rows.rs"]
mod rows;
#[path = "../server/silence.rs"]
mod silence;
#[path = "../server/tls.rs"]
mod tls;
#[path = "../server/trips.rs"]
mod trips;

/// How the tests that all servers share speak to this one.
mod under_test {
    pub(crate) use session_testkit::server::PostgresServer as Server;
    use session_testkit::server::{Certificate, PostgresServer};

    pub(crate) const SCHEME: &str = "postgres";

    pub(crate) const ENCRYPTED: &str = "sslmode=require";

    /// A database's URL for those who trust this certificate alone.
    pub(crate) fn encrypted(url: &str, certificate: &Certificate) -> String {
        format!("{url}?sslmode=verify-full&sslrootcert={}", certificate.file().display())
    }

    /// Whether somebody else's connection to this database is encrypted.
    pub(crate) fn is_encrypted(url: &str) -> bool {
        let others = "pid <> pg_backend_pid() AND datname = current_database()";
        let sql = format!("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE {others}");
        ask(url, &sql) == "t"
    }

    /// One whose commits outlive a kill.
    pub(crate) fn durable() -> Server {
        PostgresServer::private(&["synchronous_commit=on"])
    }

    pub(crate) fn plain() -> Server {
        PostgresServer::private(&[])
    }

    pub(crate) fn ask(url: &str, sql: &str) -> String {
        PostgresServer::ask_at(url, sql)
    }

    /// How many connections of tests there are.
    pub(crate) fn clients(server: &Server) -> usize {
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        server.ask(sql).parse().unwrap()
    }

    /// A table expression with a column `i` of so many numbers.
    pub(crate) fn numbers(count: u32) -> String {
        format!("generate_series(1, {count}) AS n(i)")
    }

    /// A user with a password and no privileges, and its URL to the same database.
    pub(crate) fn user(url: &str, name: &str, password: &str) -> String {
        let role = grantee(name);
        ask(url, &format!("DROP ROLE IF EXISTS {role}"));
        ask(url, &format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'"));
        url.replace("postgres@", &format!("{role}:{password}@"))
    }

    pub(crate) fn grantee(name: &str) -> String {
        format!("test_{name}")
    }
}
