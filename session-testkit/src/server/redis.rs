//! Redis: one server, or a cluster of three.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::running::{Server, Ways, server};
use super::{Certificate, Container, Kind, Process, Recipe, Source, image};

const REDIS: Kind = Kind { name: "Redis", variable: "SESSION_TEST_REDIS_URL", program: "redis-server", folders: &[] };

/// Redis, or where only that is installed, Valkey.
fn kind() -> Kind {
    let valkey = Kind { name: "Valkey", program: "valkey-server", ..REDIS };
    if !Source::is_installed(&REDIS) && Source::is_installed(&valkey) { valkey } else { REDIS }
}

fn ways() -> Ways {
    Ways { kind: kind(), image: image::REDIS, ready: answers, url: |address| url(&address) }
}

/// A Redis server.
#[derive(Debug)]
pub struct RedisServer(Server);

server!(RedisServer);

impl RedisServer {
    /// The one that all tests of this program share: the one that the environment names, a private one, or a container.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<RedisServer> = OnceLock::new();
        SERVER.get_or_init(|| RedisServer(Server::find(&ways(), || Self::private(&[]).0)))
    }

    /// One to be killed, frozen, filled: a test's own, with these arguments besides the usual ones.
    #[must_use]
    pub fn private(arguments: &[&str]) -> Self {
        RedisServer(Server::native(&ways(), recipe(arguments)))
    }

    /// One that speaks TLS on another port, which the URL names, with this certificate.
    #[must_use]
    pub fn private_tls(certificate: &Certificate) -> (Self, String) {
        let port = super::free_port().to_string();
        let [file, key] = [certificate.file(), certificate.key()].map(|file| file.display().to_string());
        let files = ["--tls-cert-file", &file, "--tls-key-file", &key, "--tls-ca-cert-file", &file];
        let server = Self::private(&[&["--tls-port", &port, "--tls-auth-clients", "no"][..], &files].concat());
        (server, format!("rediss://127.0.0.1:{port}/"))
    }

    /// What it answers to one command of plain words.
    ///
    /// # Panics
    /// If it does not answer within two seconds.
    #[must_use]
    pub fn ask(&self, command: &str) -> String {
        ask(self.address(), command).expect("an answer")
    }
}

/// Three servers that share the keys among them.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Process>,
    _containers: Vec<Container>,
    urls: Vec<String>,
}

/// What makes a server a node.
const NODE: &[&str] =
    &["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000"];

impl RedisCluster {
    /// The one that all tests of this program share: private programs, containers, or the nodes that the environment names, with
    /// commas between their URLs.
    #[must_use]
    pub fn shared() -> &'static Self {
        static CLUSTER: OnceLock<RedisCluster> = OnceLock::new();
        let kind = Kind { name: "Redis Cluster", variable: "SESSION_TEST_REDIS_CLUSTER_URL", ..kind() };
        CLUSTER.get_or_init(|| match Source::find(&kind) {
            Source::Url(urls) => Self::of(Vec::new(), Vec::new(), urls.split(',').map(str::to_owned).collect()),
            Source::Native(_) => Self::start(),
            Source::Container => Self::start_in_containers(),
        })
    }

    /// Starts three nodes and waits until each says that the cluster is whole.
    ///
    /// # Panics
    /// If it is not within 30 s.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with these arguments for each node besides the usual ones.
    ///
    /// # Panics
    /// As [`start`](RedisCluster::start).
    #[must_use]
    pub fn start_with(arguments: &[&str]) -> Self {
        let recipe = || recipe(&[NODE, arguments].concat()).fits(has_bus);
        let nodes: Vec<_> = (0..3).map(|_| Process::start(recipe())).collect();
        let addresses: Vec<_> = nodes.iter().map(Process::address).collect();
        join(&addresses);
        Self::of(nodes, Vec::new(), addresses.iter().map(url).collect())
    }

    /// On the machine's own network: nodes send their clients to each other's addresses.
    fn start_in_containers() -> Self {
        let node = || {
            let port = std::iter::repeat_with(super::free_port).find(|port| has_bus(*port)).unwrap_or_default();
            let place = ["--port", &port.to_string(), "--bind", "127.0.0.1"];
            Container::on_host(&image::REDIS, &[NODE, &place].concat(), port, answers)
        };
        let containers: Vec<_> = (0..3).map(|_| node()).collect();
        let addresses: Vec<_> = containers.iter().map(Container::address).collect();
        join(&addresses);
        Self::of(Vec::new(), containers, addresses.iter().map(url).collect())
    }

    fn of(nodes: Vec<Process>, containers: Vec<Container>, urls: Vec<String>) -> Self {
        RedisCluster { nodes, _containers: containers, urls }
    }

    /// Where the nodes are.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.urls.clone()
    }

    /// The nodes, to be killed or frozen: none unless they are programs.
    #[must_use]
    pub fn nodes(&mut self) -> &mut [Process] {
        &mut self.nodes
    }

    /// Kills each node.
    pub fn kill(&mut self) {
        self.nodes.iter_mut().for_each(Process::kill);
    }

    /// Starts each node again in its place, and waits until the cluster is whole: a node that comes back waits for 2 s on its own
    /// account.
    ///
    /// # Panics
    /// As [`start`](RedisCluster::start).
    pub fn restart(&mut self) {
        self.nodes.iter_mut().for_each(Process::restart);
        self.wait_until_whole();
    }

    /// Stops each node, and waits until it has.
    pub fn freeze(&self) {
        self.nodes.iter().for_each(Process::freeze);
    }

    /// Lets each node go on, and waits until they have found each other again.
    ///
    /// # Panics
    /// As [`start`](RedisCluster::start).
    pub fn thaw(&self) {
        self.nodes.iter().for_each(Process::thaw);
        self.wait_until_whole();
    }

    fn wait_until_whole(&self) {
        wait_until_whole(&self.nodes.iter().map(Process::address).collect::<Vec<_>>());
    }
}

/// Tells the nodes of each other and shares out the slots: what `redis-cli --cluster create` does.
fn join(nodes: &[SocketAddr]) {
    let first = nodes[0].port();
    for (index, node) in nodes.iter().enumerate() {
        let slots: Vec<_> = (index * 16384 / 3..(index + 1) * 16384 / 3).map(|slot| slot.to_string()).collect();
        for command in [
            format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1),
            format!("CLUSTER ADDSLOTS {}", slots.join(" ")),
            format!("CLUSTER MEET 127.0.0.1 {first}"),
        ] {
            let answer = ask(*node, &command).expect("an answer");
            assert!(answer.starts_with("+OK"), "{answer}");
        }
    }
    wait_until_whole(nodes);
}

fn wait_until_whole(nodes: &[SocketAddr]) {
    let begun = Instant::now();
    let whole = |node: &SocketAddr| {
        let info = ask(*node, "CLUSTER INFO").unwrap_or_default();
        info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
    };
    while !nodes.iter().all(whole) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the cluster is not whole");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn url(address: &SocketAddr) -> String {
    format!("redis://{address}/")
}

fn recipe(arguments: &[&str]) -> Recipe {
    let program = Source::program(&kind());
    let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
    let start = move |place: &super::Place| {
        let mut command = Command::new(&program);
        command.args(["--port", &place.port.to_string(), "--bind", "127.0.0.1", "--dir"]).arg(&place.folder);
        command.args(["--save", "", "--appendonly", "no"]).args(&arguments);
        command
    };
    Recipe::new(start).ready(|place| answers(place.address()))
}

fn answers(address: SocketAddr) -> bool {
    // With a password set it answers too, that it wants one.
    ask(address, "PING").is_ok_and(|answer| answer.starts_with("+PONG") || answer.starts_with("-NOAUTH"))
}

/// A cluster's nodes talk to each other on another port, 10,000 further up.
fn has_bus(port: u16) -> bool {
    port.checked_add(10_000).is_some_and(|bus| TcpListener::bind((Ipv4Addr::LOCALHOST, bus)).is_ok())
}

/// One command and the first piece of the answer, which of the short ones is the whole.
fn ask(address: SocketAddr, command: &str) -> std::io::Result<String> {
    let mut server = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    server.set_read_timeout(Some(Duration::from_secs(2)))?;
    let words: Vec<_> = command.split(' ').collect();
    let mut request = format!("*{}\r\n", words.len());
    request.extend(words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())));
    server.write_all(request.as_bytes())?;
    let mut answer = vec![0; 64 * 1024];
    let read = server.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..read]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_killed_frozen_thawed_and_restarted_in_its_place() {
        let mut server = RedisServer::private(&[]);
        let (address, pid) = (server.address(), server.process().pid());
        server.process().freeze();
        assert!(ask(address, "PING").is_err(), "it connects, and nobody answers");
        server.process().thaw();
        assert!(server.ask("PING").starts_with("+PONG"));
        server.process().kill();
        assert!(TcpStream::connect(address).is_err(), "nobody is there");
        server.process().restart();
        assert!(server.ask("PING").starts_with("+PONG"));
        assert_eq!(server.address(), address);
        assert_ne!(server.process().pid(), pid);
    }

    const HOLDER: &str = "SESSION_TEST_HOLDS_A_SERVER";

    /// Not a check of its own: what the next one starts and kills.
    #[test]
    fn a_process_that_holds_a_server() {
        if std::env::var_os(HOLDER).is_some() {
            let server = RedisServer::shared();
            println!("\n{} {}", server.address(), server.0.folder().display());
            std::thread::sleep(Duration::from_secs(60));
        }
    }

    #[test]
    fn a_server_and_its_folder_go_with_a_process_that_is_killed() {
        use std::io::{BufRead, BufReader};
        let name = "server::redis::tests::a_process_that_holds_a_server";
        let mut holder = Command::new(std::env::current_exe().unwrap());
        holder.args(["--exact", name, "--nocapture"]).env(HOLDER, "1").env_remove(REDIS.variable);
        let mut holder = holder.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said = lines.find(|line| line.starts_with("127.")).unwrap();
        let (address, folder) = said.split_once(' ').unwrap();
        let (address, folder) = (address.parse().unwrap(), std::path::Path::new(folder));
        assert!(ask(address, "PING").is_ok() && folder.exists());
        holder.kill().unwrap();
        holder.wait().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(address).is_ok() || folder.exists() {
            assert!(begun.elapsed() < Duration::from_secs(5), "it is still there");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_server_that_does_not_start_shows_what_it_printed() {
        let panic = std::panic::catch_unwind(|| RedisServer::private(&["--no-such-setting", "1"])).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("redis-server") && text.contains("no-such-setting"), "{text}");
    }
}
