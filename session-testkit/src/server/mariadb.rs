//! MariaDB.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use super::postgres::{is_root, new_name, run, with_database};
use super::running::{Server, Ways, server};
use super::{Certificate, Kind, Place, Process, Recipe, Source, image};

const MARIADB: Kind = Kind {
    name: "MariaDB",
    variable: "SESSION_TEST_MARIADB_URL",
    program: "mariadbd",
    folders: &["/usr/sbin", "/usr/local/sbin", "/usr/libexec"],
};

const WAYS: Ways = Ways {
    kind: MARIADB,
    image: image::MARIADB,
    ready: answers,
    url: |address| format!("mysql://root@{address}/mysql"),
};

/// A MariaDB server.
#[derive(Debug)]
pub struct MariadbServer(Server);

server!(MariadbServer);

impl MariadbServer {
    /// The one that all tests of this program share: the one that the environment names, a private one, or a container.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<MariadbServer> = OnceLock::new();
        SERVER.get_or_init(|| MariadbServer(Server::find(&WAYS, || Self::private(&["--max-connections=400"]).0)))
    }

    /// One to be killed and frozen: a test's own, with these arguments besides the usual ones. A commit waits for nothing: a kill
    /// may undo what was acknowledged, unless `--innodb-flush-log-at-trx-commit=2` is among them.
    #[must_use]
    pub fn private(arguments: &[&str]) -> Self {
        MariadbServer(Server::native(&WAYS, recipe(arguments)))
    }

    /// One that encrypts with this certificate, for those who ask for it.
    #[must_use]
    pub fn private_tls(certificate: Arc<Certificate>) -> Self {
        let copy = move |place: &Place| certificate.copy_to(&place.folder.join("data"), "mysql");
        let recipe = recipe(&["--ssl-cert=server.crt", "--ssl-key=server.key"]);
        MariadbServer(Server::native(&WAYS, recipe.and_prepare(copy)))
    }

    /// A new database; its URL.
    #[must_use]
    pub fn database(&self) -> String {
        let name = new_name();
        self.ask(&format!("CREATE DATABASE {name}"));
        with_database(self.url(), &name)
    }

    /// Stops it, and waits until it has.
    ///
    /// # Panics
    /// As [`process`](MariadbServer::process).
    pub fn freeze(&mut self) {
        self.process().freeze();
    }

    /// What it answers to a statement: rows of columns between tabs.
    ///
    /// # Panics
    /// If it refuses.
    pub fn ask(&self, sql: &str) -> String {
        Self::ask_at(self.url(), sql)
    }

    /// What the server at a URL answers to a statement.
    ///
    /// # Panics
    /// If it refuses.
    pub fn ask_at(url: &str, sql: &str) -> String {
        let mut command = client("mariadb", url);
        command.args(["--batch", "--skip-column-names", "-e", sql]).arg(database_of(url));
        let output = command.output().expect("the program mariadb is installed");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

fn recipe(arguments: &[&str]) -> Recipe {
    let program = Source::program(&MARIADB);
    let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
    let start = move |place: &Place| {
        let mut command = Command::new(&program);
        // Must come first: without it the server reads the system's files and takes the system's socket.
        command.arg("--no-defaults").args(user()).arg(format!("--datadir={}", place.folder.join("data").display()));
        command.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin"]);
        command.arg(format!("--port={}", place.port)).arg(format!("--socket={}/socket", place.folder.display()));
        command.arg(format!("--pid-file={}/pid", place.folder.display()));
        // Each server clears the temporary tables of others away where they share a folder.
        command.arg(format!("--tmpdir={}", place.folder.display()));
        command.args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]).args(&arguments);
        command
    };
    Recipe::new(start).prepare(prepare).ready(|place| answers(place.address()))
}

/// Whether it answers a statement.
fn answers(address: SocketAddr) -> bool {
    let mut ask = client("mariadb", &(WAYS.url)(address));
    ask.args(["--connect-timeout=2", "-e", "SELECT 1"]).output().is_ok_and(|output| output.status.success())
}

fn prepare(place: &Place) {
    if is_root() {
        run(Command::new("chown").arg("mysql").arg(&place.folder));
    }
    let mut install = Command::new("mariadb-install-db");
    install.arg("--no-defaults").args(user()).arg(format!("--datadir={}", place.folder.join("data").display()));
    install.arg(format!("--tmpdir={}", place.folder.display()));
    // Otherwise root gets in through the socket only.
    install.args(["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
    run(&mut install);
}

/// Who the server is to be, where we are root.
fn user() -> Option<&'static str> {
    is_root().then_some("--user=mysql")
}

/// One of MariaDB's own programs, told where the server is.
fn client(program: &str, url: &str) -> Command {
    let authority = url.split('/').nth(2).unwrap_or_default();
    let (who, place) = authority.rsplit_once('@').unwrap_or(("root", authority));
    let (user, password) = who.split_once(':').unwrap_or((who, ""));
    let (host, port) = place.rsplit_once(':').unwrap_or((place, "3306"));
    let mut command = Command::new(program);
    command.args(["--no-defaults", "--protocol=tcp", "-h", host, "-P", port, "-u", user]).env("MYSQL_PWD", password);
    command
}

fn database_of(url: &str) -> &str {
    let rest = url.splitn(4, '/').nth(3).unwrap_or_default();
    rest.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_private_and_each_test_has_its_database() {
        let mut server = MariadbServer::private(&["--innodb-flush-log-at-trx-commit=2"]);
        let (one, two) = (server.database(), server.database());
        MariadbServer::ask_at(&one, "CREATE TABLE t AS SELECT 7 AS n");
        assert_eq!(MariadbServer::ask_at(&one, "SELECT n FROM t"), "7");
        assert_eq!(MariadbServer::ask_at(&two, "SHOW TABLES"), "");
        server.process().restart();
        assert_eq!(MariadbServer::ask_at(&one, "SELECT count(*) FROM t"), "1");
    }
}
