//! What MariaDB can get wrong: what every server can, and what it alone can.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[path = "../server/common.rs"]
mod common;
#[path = "../server/cuts.rs"]
mod cuts;
#[path = "../server/killed.rs"]
mod killed;
#[path = "../server/lines.rs"]
mod lines;
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
    pub(crate) use session_testkit::server::MariadbServer as Server;
    use session_testkit::server::{Certificate, MariadbServer};

    pub(crate) const SCHEME: &str = "mysql";

    pub(crate) const ENCRYPTED: &str = "ssl-mode=REQUIRED";

    /// A database's URL for those who trust this certificate alone.
    pub(crate) fn encrypted(url: &str, certificate: &Certificate) -> String {
        format!("{url}?ssl-mode=VERIFY_IDENTITY&ssl-ca={}", certificate.file().display())
    }

    /// Whether anything has come in encrypted.
    pub(crate) fn is_encrypted(url: &str) -> bool {
        ask(url, "SHOW GLOBAL STATUS LIKE 'Ssl_accepts'").split_whitespace().last().is_some_and(|count| count != "0")
    }

    /// One whose commits outlive a kill.
    pub(crate) fn durable() -> Server {
        MariadbServer::private(&["--innodb-flush-log-at-trx-commit=2"])
    }

    pub(crate) fn plain() -> Server {
        MariadbServer::private(&[])
    }

    pub(crate) fn ask(url: &str, sql: &str) -> String {
        MariadbServer::ask_at(url, sql)
    }

    /// How many connections of tests there are.
    pub(crate) fn clients(server: &Server) -> usize {
        let sql =
            "SELECT count(*) FROM information_schema.processlist WHERE user <> 'system user' AND id <> connection_id()";
        server.ask(sql).parse().unwrap()
    }

    /// A table expression with a column `i` of so many numbers.
    pub(crate) fn numbers(count: u32) -> String {
        format!("(SELECT seq AS i FROM seq_1_to_{count}) AS n")
    }

    /// A user with a password and no privileges but to see the database, and its URL.
    pub(crate) fn user(url: &str, name: &str, password: &str) -> String {
        let (role, database) = (grantee(name), url.rsplit('/').next().unwrap());
        ask(url, &format!("CREATE OR REPLACE USER {role} IDENTIFIED BY '{password}'"));
        ask(url, &format!("GRANT CREATE TEMPORARY TABLES ON {database}.* TO {role}"));
        url.replace("root@", &format!("test_{name}:{password}@"))
    }

    pub(crate) fn grantee(name: &str) -> String {
        format!("'test_{name}'@'%'")
    }
}
