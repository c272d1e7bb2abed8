//! PostgreSQL, and pgbouncer in front of it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::running::{Server, Ways, server};
use super::{Certificate, Kind, Place, Process, Recipe, Source, image};

const POSTGRES: Kind = Kind {
    name: "PostgreSQL",
    variable: "SESSION_TEST_POSTGRES_URL",
    program: "postgres",
    // Debian has the server's programs in no PATH.
    folders: &[
        "/usr/lib/postgresql/18/bin",
        "/usr/lib/postgresql/17/bin",
        "/usr/lib/postgresql/16/bin",
        "/usr/lib/postgresql/15/bin",
        "/usr/lib/postgresql/14/bin",
        "/usr/lib/postgresql/13/bin",
    ],
};

const PGBOUNCER: Kind = Kind {
    name: "pgbouncer",
    variable: "SESSION_TEST_PGBOUNCER_URL",
    program: "pgbouncer",
    folders: &["/usr/sbin", "/usr/local/sbin"],
};

const WAYS: Ways = Ways {
    kind: POSTGRES,
    image: image::POSTGRES,
    ready: answers,
    url: |address| format!("postgres://postgres@{address}/postgres"),
};

/// A PostgreSQL server.
#[derive(Debug)]
pub struct PostgresServer(Server);

server!(PostgresServer);

impl PostgresServer {
    /// The one that all tests of this program share: the one that the environment names, a private one, or a container.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(|| PostgresServer(Server::find(&WAYS, || Self::private(&["max_connections=400"]).0)))
    }

    /// One to be killed and frozen: a test's own, with these settings besides the usual ones. A commit waits for nothing:
    /// a kill may undo what was acknowledged, unless `synchronous_commit=on` is among them. It asks nobody for a password but the
    /// roles `test_refused` and `test_few`.
    #[must_use]
    pub fn private(settings: &[&str]) -> Self {
        PostgresServer(Server::native(&WAYS, recipe(settings)))
    }

    /// One that encrypts with this certificate, for those who ask for it.
    #[must_use]
    pub fn private_tls(certificate: Arc<Certificate>) -> Self {
        let copy = move |place: &Place| certificate.copy_to(&place.folder.join("data"), "postgres");
        PostgresServer(Server::native(&WAYS, recipe(&["ssl=on"]).and_prepare(copy)))
    }

    /// A new database; its URL.
    #[must_use]
    pub fn database(&self) -> String {
        let name = new_name();
        self.ask(&format!("CREATE DATABASE {name}"));
        with_database(self.url(), &name)
    }

    /// Stops it.
    ///
    /// # Panics
    /// As [`process`](PostgresServer::process).
    pub fn freeze(&mut self) {
        self.process().freeze();
    }

    /// What it answers to a statement, in the server's first database: rows of columns between `|`.
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
        let output = Command::new("psql").args(["-X", "-A", "-t", "-c", sql, url]).output().expect("psql is installed");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// A pgbouncer in transaction mode, in front of a PostgreSQL server of its own.
#[derive(Debug)]
pub struct PgBouncer {
    postgres: PostgresServer,
    process: Process,
}

impl PgBouncer {
    /// The one that all tests of this program share.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<PgBouncer> = OnceLock::new();
        SERVER.get_or_init(|| Self::private(&["max_connections=400"]))
    }

    /// One of a test's own, in front of a server with these settings. For each database it has four connections, so that many
    /// clients have to share them.
    #[must_use]
    pub fn private(settings: &[&str]) -> Self {
        let postgres = PostgresServer::private(settings);
        let process = Process::start(pooler(postgres.address()));
        PgBouncer { postgres, process }
    }

    /// The server behind it.
    #[must_use]
    pub fn postgres(&self) -> &PostgresServer {
        &self.postgres
    }

    /// The pooler's own process.
    #[must_use]
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// A new database; its URL at the pooler.
    #[must_use]
    pub fn database(&self) -> String {
        let url = self.postgres.database();
        url.replace(&self.postgres.address().to_string(), &self.process.address().to_string())
    }
}

/// Whether it answers a statement: while a container is being set up, another server listens.
fn answers(address: SocketAddr) -> bool {
    let url = format!("{}?connect_timeout=2", (WAYS.url)(address));
    Command::new("psql").args(["-X", "-q", "-c", "SELECT 1", &url]).output().is_ok_and(|output| output.status.success())
}

fn recipe(settings: &[&str]) -> Recipe {
    // What lies in a PATH may be a link: the other programs stand beside the real one.
    let program = Source::program(&POSTGRES);
    let program = program.canonicalize().unwrap_or(program);
    let (initdb, is_ready) = (program.with_file_name("initdb"), program.with_file_name("pg_isready"));
    let settings: Vec<_> = settings.iter().map(|setting| format!("-c{setting}")).collect();
    let start = move |place: &Place| {
        let mut command = as_postgres(&program);
        command.arg("-D").arg(place.folder.join("data")).args(["-h", "127.0.0.1", "-p", &place.port.to_string()]);
        command.arg("-k").arg(&place.folder);
        command.args(["-cfsync=off", "-csynchronous_commit=off", "-cfull_page_writes=off"]).args(&settings);
        command
    };
    Recipe::new(start).prepare(move |place| prepare(&initdb, place)).ready(move |place| {
        let mut command = Command::new(&is_ready);
        command.args(["-q", "-h", "127.0.0.1", "-p", &place.port.to_string()]);
        command.status().is_ok_and(|status| status.success())
    })
}

fn prepare(initdb: &Path, place: &Place) {
    let mut command = as_postgres(initdb);
    command.arg("-D").arg(place.folder.join("data"));
    command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
    give_to_postgres(&place.folder);
    run(&mut command);
    ask_some_for_a_password(&place.folder.join("data/pg_hba.conf"));
}

/// Everybody is let in but these two, whom a test can give a password.
fn ask_some_for_a_password(file: &Path) {
    let trusted = std::fs::read_to_string(file).expect("initdb has made it");
    let asked = "host all test_refused,test_few all scram-sha-256\n";
    std::fs::write(file, format!("{asked}{trusted}")).expect("the folder is ours");
}

fn pooler(server: SocketAddr) -> Recipe {
    let program = Source::program(&PGBOUNCER);
    let start = move |place: &Place| {
        let mut command = as_postgres(&program);
        command.arg("-q").arg(settings_of_pooler(server, place));
        command
    };
    Recipe::new(start)
}

/// Written anew before each start: the port may have changed.
fn settings_of_pooler(server: SocketAddr, place: &Place) -> PathBuf {
    let (file, users) = (place.folder.join("pgbouncer.ini"), place.folder.join("users.txt"));
    let text = format!(
        "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\n\
         unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 4\n\
         max_client_conn = 400\n",
        server.ip(),
        server.port(),
        place.port,
        users.display()
    );
    std::fs::write(&file, text).expect("the folder is ours");
    std::fs::write(&users, "\"postgres\" \"\"\n").expect("the folder is ours");
    file
}

/// A program as the user postgres, where we are root: neither of the two runs as root. `setpriv` becomes the program, it does not
/// stay in front of it.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command
}

fn give_to_postgres(folder: &Path) {
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(folder));
    }
}

pub(super) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

pub(super) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A database's name that no other test has, not even one of another program on the same server.
pub(super) fn new_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("t_{:x}_{:x}_{}", since.as_nanos(), std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The same URL with another database.
pub(super) fn with_database(url: &str, name: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, String::new()), |(url, query)| (url, format!("?{query}")));
    let authority = before.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    format!("{authority}/{name}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_private_and_each_test_has_its_database() {
        // A restart is a kill: what it must not undo has to wait for its commit.
        let mut server = PostgresServer::private(&["synchronous_commit=on"]);
        let (one, two) = (server.database(), server.database());
        PostgresServer::ask_at(&one, "CREATE TABLE t AS SELECT 7 AS n");
        assert_eq!(PostgresServer::ask_at(&one, "SELECT n FROM t"), "7");
        assert_eq!(PostgresServer::ask_at(&two, "SELECT to_regclass('t') IS NULL"), "t");
        server.process().restart();
        assert_eq!(PostgresServer::ask_at(&one, "SELECT count(*) FROM t"), "1");
    }

    #[test]
    fn a_pooler_hands_out_few_connections() {
        let pooler = PgBouncer::private(&[]);
        assert_eq!(PostgresServer::ask_at(&pooler.database(), "SELECT 1"), "1");
    }

    #[test]
    fn another_database_of_the_same_server() {
        for (url, wanted) in [
            ("postgres://u:p@h:1/a?sslmode=require", "postgres://u:p@h:1/b?sslmode=require"),
            ("postgres://h", "postgres://h/b"),
        ] {
            assert_eq!(with_database(url, "b"), wanted);
        }
    }
}
