//! MongoDB: one server by itself, or a replica set of one member.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::running::{Server, Ways, server};
use super::{Kind, Place, Process, Recipe, Source, image};

/// `cargo xtask setup` puts the program there: no distribution has it.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools");

const STANDALONE: Kind =
    Kind { name: "MongoDB", variable: "SESSION_TEST_MONGODB_URL", program: "mongod", folders: &[TOOLS] };

const REPLICA_SET: Kind =
    Kind { name: "MongoDB replica set", variable: "SESSION_TEST_MONGODB_REPLICA_SET_URL", ..STANDALONE };

const ALONE: Ways = Ways {
    kind: STANDALONE,
    image: image::MONGODB,
    ready: is_primary,
    url: |address| format!("mongodb://{address}/?directConnection=true"),
};

const MEMBER: Ways = Ways {
    kind: REPLICA_SET,
    image: image::MONGODB_REPLICA_SET,
    ready: becomes_primary,
    // A member in a container has a name that is of no use outside: its client must not follow it.
    url: |address| format!("mongodb://{address}/?directConnection=true"),
};

/// A MongoDB server.
#[derive(Debug)]
pub struct MongoServer(Server);

server!(MongoServer);

impl MongoServer {
    /// A server by itself that all tests of this program share: the one that the environment names, a private one, or a
    /// container.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<MongoServer> = OnceLock::new();
        SERVER.get_or_init(|| MongoServer(Server::find(&ALONE, || Self::private(&[]).0)))
    }

    /// The same as a replica set.
    #[must_use]
    pub fn shared_replica_set() -> &'static Self {
        static SERVER: OnceLock<MongoServer> = OnceLock::new();
        SERVER.get_or_init(|| MongoServer(Server::find(&MEMBER, || Self::private_replica_set(&[]).0)))
    }

    /// One to be killed and frozen: a test's own, with these arguments besides the usual ones.
    #[must_use]
    pub fn private(arguments: &[&str]) -> Self {
        MongoServer(Server::native(&ALONE, standalone(arguments)))
    }

    /// A replica set of one member, the smallest there is: elections, majorities and retryable writes are the real ones.
    #[must_use]
    pub fn private_replica_set(arguments: &[&str]) -> Self {
        let ways = Ways { url: |address| format!("mongodb://{address}/?replicaSet=rs0"), ..MEMBER };
        MongoServer(Server::native(&ways, replica_set(arguments)))
    }

    /// A member of the replica set `rs0` that nobody has initiated: a test makes it join another one's.
    #[must_use]
    pub fn private_member() -> Self {
        MongoServer(Server::native(&ALONE, recipe(&["--replSet", "rs0", "--oplogSize", "64"])))
    }
}

fn standalone(arguments: &[&str]) -> Recipe {
    recipe(arguments).ready(|place| is_primary(place.address()))
}

fn replica_set(arguments: &[&str]) -> Recipe {
    let arguments = [&["--replSet", "rs0", "--oplogSize", "64"], arguments].concat();
    recipe(&arguments).ready(|place| becomes_primary(place.address()))
}

/// Whether it takes writes, being told to where nobody has yet.
fn becomes_primary(address: SocketAddr) -> bool {
    // Refused where it was initiated before, which is as well.
    is_primary(address) || (ask(address, "replSetInitiate").is_ok() && is_primary(address))
}

fn recipe(arguments: &[&str]) -> Recipe {
    let program = Source::program(&STANDALONE);
    let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
    Recipe::new(move |place: &Place| {
        let mut command = Command::new(&program);
        command.arg("--dbpath").arg(&place.folder).args(["--port", &place.port.to_string(), "--bind_ip", "127.0.0.1"]);
        command.args(["--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"]);
        command.args(["--setParameter", "diagnosticDataCollectionEnabled=false"]);
        // Removes what has expired every second instead of every minute, and lets a test break things.
        command.args(["--setParameter", "ttlMonitorSleepSecs=1", "--setParameter", "enableTestCommands=1"]);
        command.args(&arguments);
        command
    })
}

/// Whether it takes writes.
fn is_primary(address: SocketAddr) -> bool {
    const YES: &[u8] = b"\x08isWritablePrimary\0\x01";
    ask(address, "hello").is_ok_and(|reply| reply.windows(YES.len()).any(|bytes| bytes == YES))
}

/// The reply to a command without arguments, as it comes: one `OP_MSG` there, one back.
fn ask(address: SocketAddr, command: &str) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    server.set_read_timeout(Some(Duration::from_secs(10)))?;
    // Flags and the kind of the section, then { COMMAND: {}, $db: "admin" }.
    let mut body = b"\0\0\0\0\0".to_vec();
    let document = [b"\x03", command.as_bytes(), b"\0\x05\0\0\0\0\x02$db\0\x06\0\0\0admin\0\0"].concat();
    body.extend(length_first(&document));
    // The request's id, whose reply it is (nobody's), and the code of OP_MSG.
    let header = [1_u32, 0, 2013].map(u32::to_le_bytes).concat();
    server.write_all(&length_first(&[header, body].concat()))?;
    let mut length = [0; 4];
    server.read_exact(&mut length)?;
    let rest = u32::from_le_bytes(length).saturating_sub(4).min(1 << 20);
    let mut reply = vec![0; usize::try_from(rest).unwrap_or_default()];
    server.read_exact(&mut reply)?;
    Ok(reply)
}

/// These bytes, with the length of the whole in front.
fn length_first(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() + 4).expect("a short message");
    [&length.to_le_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_set_of_one_takes_writes_again_after_a_restart() {
        let mut server = MongoServer::private_replica_set(&[]);
        assert!(is_primary(server.address()));
        server.process().restart();
        assert!(is_primary(server.address()));
    }
}
