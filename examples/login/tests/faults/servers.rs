//! Stores that are servers of their own: one table of misfortunes, and what each of them can suffer besides.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use session_testkit::server::{
    MariadbServer, MemcachedServer, MongoServer, PostgresServer, Process, Proxy, RedisCluster, RedisServer,
};

use crate::load::{Trial, starts_without};

/// Where a store is, through a proxy.
fn through(url: &str, server: SocketAddr, proxy: &Proxy) -> String {
    url.replace(&server.to_string(), &proxy.address().to_string())
}

/// Kills, freezes, cuts and silences a store's server, and starts the program before it.
async fn common(store: &'static str, url: &str, process: &mut Process, persists: bool) {
    let proxy = Proxy::start(process.address()).await;
    let mut trial = Trial::begin(store, &through(url, process.address(), &proxy), persists).await;
    let second = Duration::from_secs(1);

    let process = Mutex::new(process);
    let kill = async || process.lock().unwrap().kill();
    let restart = async || tokio::task::block_in_place(|| process.lock().unwrap().restart());
    trial.live_through("killed and restarted", kill, second, restart).await;

    let freeze = async || tokio::task::block_in_place(|| process.lock().unwrap().freeze());
    trial.live_through("frozen for 6 s", freeze, 6 * second, async || process.lock().unwrap().thaw()).await;

    let cut = async || {
        for bytes in (0..400).step_by(16) {
            proxy.cut_replies_after(bytes);
            tokio::time::sleep(Duration::from_millis(20)).await;
            proxy.cut_requests_after(bytes);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    trial.live_through("connections cut 50 times", cut, Duration::ZERO, async || proxy.forget_cuts()).await;

    let silent = async || proxy.drop_replies(true);
    trial.live_through("answers lost for 2 s", silent, 2 * second, async || proxy.drop_replies(false)).await;

    let refuse = async || proxy.refuse();
    trial.live_through("connections refused for 1 s", refuse, second, async || proxy.accept().await).await;

    process.lock().unwrap().kill();
    starts_without(store, url, restart).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis() {
    let mut server = RedisServer::private(&["--appendonly", "yes", "--appendfsync", "always"]);
    let url = server.url().to_owned();
    common("Redis", &url, server.process(), true).await;

    let mut trial = Trial::begin("Redis", &url, true).await;
    let second = Duration::from_secs(1);
    let tell = async |command: &str| {
        let answer = server.ask(command);
        assert!(answer.starts_with("+OK"), "{command}: {answer}");
    };
    let full = async || tell("CONFIG SET maxmemory 1").await;
    trial.live_through("full for 1 s", full, second, async || tell("CONFIG SET maxmemory 0").await).await;
    let alone = async || tell("CONFIG SET min-replicas-to-write 1").await;
    let trusting = async || tell("CONFIG SET min-replicas-to-write 0").await;
    trial.live_through("too few replicas for 1 s", alone, second, trusting).await;
    let forget = async || tell("SCRIPT FLUSH").await;
    trial.live_through("scripts forgotten", forget, second, async || ()).await;
    let drop_clients = async || drop(server.ask("CLIENT KILL TYPE normal"));
    trial.live_through("clients thrown out", drop_clients, second, async || ()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_becomes_a_replica() {
    let (server, other) = (RedisServer::private(&[]), RedisServer::private(&[]));
    // What it held is replaced by what its primary has: nothing. Its sessions have ended.
    let mut trial = Trial::begin("Redis", server.url(), false).await;
    let follow = async || drop(server.ask(&format!("REPLICAOF 127.0.0.1 {}", other.address().port())));
    let lead = async || drop(server.ask("REPLICAOF NO ONE"));
    trial.live_through("a read-only replica for 2 s", follow, Duration::from_secs(2), lead).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memcached() {
    let mut server = MemcachedServer::private(&[]);
    let url = server.url().to_owned();
    common("Memcached", &url, server.process(), false).await;
}

/// Other sessions push this one out: its visitor is logged out, cleanly, and gets a new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memcached_that_is_full() {
    let server = MemcachedServer::private(&["-m", "2", "-I", "1m"]);
    let mut trial = Trial::begin("Memcached", server.url(), false).await;
    let old = trial.browser.id().expect("a session").to_owned();
    // Of many sizes, so that some are of the session's kind: Memcached makes room among those alone.
    for size in (40..400).step_by(20) {
        let value = "x".repeat(size);
        let others = (0..12_000).map(|n| format!("set other-{size}-{n} 0 0 {size} noreply\r\n{value}\r\n"));
        server.ask(others.collect::<String>().trim_end());
    }
    assert!(server.stat("evictions") > 0, "it is full");
    trial.look("evicted").await;
    assert_ne!(trial.browser.id(), Some(old.as_str()), "a new session has a new id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongodb() {
    let mut server = MongoServer::private(&[]);
    let url = server.url().to_owned();
    common("MongoDB", &url, server.process(), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongodb_replica_set() {
    let mut server = MongoServer::private_replica_set(&[]);
    // Through the proxy alone: a member's own address would lead past it.
    let url = format!("mongodb://{}/?directConnection=true", server.address());
    common("MongoDB replica set", &url, server.process(), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql() {
    let mut server = PostgresServer::private(&["synchronous_commit=on"]);
    let url = server.database();
    common("PostgreSQL", &url, server.process(), true).await;

    let mut trial = Trial::begin("PostgreSQL", &url, true).await;
    let second = Duration::from_secs(1);
    let tell = async |sql: &str| drop(tokio::task::block_in_place(|| server.ask(sql)));
    let set = async |read_only: &str| {
        tell(&format!("ALTER SYSTEM SET default_transaction_read_only = {read_only}")).await;
        tell("SELECT pg_reload_conf()").await;
    };
    trial.live_through("read-only for 1 s", async || set("on").await, second, async || set("off").await).await;
    let drop_clients = async || {
        tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL")
            .await;
    };
    trial.live_through("clients thrown out", drop_clients, second, async || ()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let mut server = MariadbServer::private(&["--innodb-flush-log-at-trx-commit=2"]);
    let url = server.database();
    common("MariaDB", &url, server.process(), true).await;
}

/// Its nodes send their clients to each other, past any proxy: they are killed and frozen themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_cluster() {
    let mut cluster = RedisCluster::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let hosts: Vec<_> = cluster.nodes().iter().map(|node| node.address().to_string()).collect();
    let url = format!("redis+cluster://{}", hosts.join(","));
    let mut trial = Trial::begin("Redis Cluster", &url, true).await;
    let second = Duration::from_secs(1);

    let cluster = Mutex::new(&mut cluster);
    let kill = async || cluster.lock().unwrap().kill();
    let restart = async || tokio::task::block_in_place(|| cluster.lock().unwrap().restart());
    trial.live_through("killed and restarted", kill, second, restart).await;
    let freeze = async || tokio::task::block_in_place(|| cluster.lock().unwrap().freeze());
    let thaw = async || tokio::task::block_in_place(|| cluster.lock().unwrap().thaw());
    trial.live_through("frozen for 6 s", freeze, 6 * second, thaw).await;

    cluster.lock().unwrap().kill();
    starts_without("Redis Cluster", &url, restart).await;
}
