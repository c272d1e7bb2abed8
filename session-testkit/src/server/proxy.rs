//! A network that can be made worse.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// No cut is planned.
const OFF: i64 = i64::MAX;

/// A TCP proxy in front of a server: it delays, cuts, swallows replies, refuses, and counts.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use session_testkit::server::Proxy;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// let echo = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// let server = echo.local_addr()?;
/// tokio::spawn(async move {
///     let (mut socket, _) = echo.accept().await.unwrap();
///     let (mut read, mut write) = socket.split();
///     tokio::io::copy(&mut read, &mut write).await
/// });
///
/// let proxy = Proxy::start(server).await;
/// let mut client = tokio::net::TcpStream::connect(proxy.address()).await?;
/// client.write_all(b"hello").await?;
/// client.read_exact(&mut [0; 5]).await?;
/// assert_eq!((proxy.traffic().round_trips, proxy.traffic().sent), (1, 5));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    wire: Arc<Wire>,
    accepting: Mutex<Option<AbortHandle>>,
}

/// What has passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// How often a request followed a reply, or a new connection: what a caller has waited for.
    pub round_trips: u64,
    /// Bytes to the server.
    pub sent: u64,
    /// Bytes from the server.
    pub received: u64,
    /// Connections taken.
    pub connections: u64,
}

#[derive(Debug)]
struct Wire {
    server: SocketAddr,
    delay_ms: AtomicU64,
    swallow: AtomicBool,
    /// How many bytes may still pass before the cut, to the server and from it.
    left: [AtomicI64; 2],
    passed: [AtomicU64; 2],
    round_trips: AtomicU64,
    connections: AtomicU64,
}

impl Proxy {
    /// A proxy on a free port, in front of `server`. It ends, with its connections, when this is dropped.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let wire = Arc::new(Wire {
            server,
            delay_ms: AtomicU64::new(0),
            swallow: AtomicBool::new(false),
            left: [AtomicI64::new(OFF), AtomicI64::new(OFF)],
            passed: [AtomicU64::new(0), AtomicU64::new(0)],
            round_trips: AtomicU64::new(0),
            connections: AtomicU64::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&wire))).abort_handle();
        Proxy { address, wire, accepting: Mutex::new(Some(accepting)) }
    }

    /// Where to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Holds back every piece, both ways, for so long. Zero: no longer.
    pub fn delay(&self, time: Duration) {
        self.wire.delay_ms.store(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// Ends the connection on which the next `bytes` bytes to the server are complete; later ones work again. The count runs over
    /// all connections: a cut that has not come yet stays planned, and takes whichever connection gets there, until
    /// [`forget_cuts`](Proxy::forget_cuts).
    pub fn cut_requests_after(&self, bytes: u32) {
        self.wire.left[0].store(bytes.into(), Ordering::SeqCst);
    }

    /// Ends the connection on which the next `bytes` bytes from the server are complete; later ones work again. With 0 the
    /// server has done the work, and nobody hears of it. Otherwise as [`cut_requests_after`](Proxy::cut_requests_after).
    pub fn cut_replies_after(&self, bytes: u32) {
        self.wire.left[1].store(bytes.into(), Ordering::SeqCst);
    }

    /// No cut is planned any more.
    pub fn forget_cuts(&self) {
        self.wire.left.iter().for_each(|left| left.store(OFF, Ordering::SeqCst));
    }

    /// Swallows whatever the server says, or no longer does.
    pub fn drop_replies(&self, swallow: bool) {
        self.wire.swallow.store(swallow, Ordering::SeqCst);
    }

    /// Ends all connections and refuses new ones.
    pub fn refuse(&self) {
        let accepting = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).take();
        accepting.inspect(AbortHandle::abort);
    }

    /// Takes connections again after [`refuse`](Proxy::refuse).
    pub async fn accept(&self) {
        self.refuse();
        let listener = loop {
            // The aborted task may still hold the port for a moment.
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        let accepting = tokio::spawn(accept(listener, Arc::clone(&self.wire))).abort_handle();
        *self.accepting.lock().unwrap_or_else(PoisonError::into_inner) = Some(accepting);
    }

    /// What has passed so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let Wire { round_trips, passed: [sent, received], connections, .. } = &*self.wire;
        let [round_trips, sent, received, connections] =
            [round_trips, sent, received, connections].map(|counter| counter.load(Ordering::SeqCst));
        Traffic { round_trips, sent, received, connections }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.refuse();
    }
}

async fn accept(listener: TcpListener, wire: Arc<Wire>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        wire.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(carry(client, Arc::clone(&wire)));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection, until either side ends it or it is cut.
async fn carry(client: TcpStream, wire: Arc<Wire>) {
    let Ok(server) = TcpStream::connect(wire.server).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((client_reads, client_writes), (server_reads, server_writes)) = (client.into_split(), server.into_split());
    let asked = AtomicBool::new(false);
    tokio::select! {
        () = pump(client_reads, server_writes, 0, &asked, &wire) => {}
        () = pump(server_reads, client_writes, 1, &asked, &wire) => {}
    }
}

/// One direction: 0 to the server, 1 from it.
async fn pump(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    direction: usize,
    asked: &AtomicBool,
    wire: &Wire,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if asked.swap(direction == 0, Ordering::SeqCst) != (direction == 0) && direction == 0 {
            wire.round_trips.fetch_add(1, Ordering::SeqCst);
        }
        tokio::time::sleep(Duration::from_millis(wire.delay_ms.load(Ordering::SeqCst))).await;
        wire.passed[direction].fetch_add(read as u64, Ordering::SeqCst);
        if direction == 1 && wire.swallow.load(Ordering::SeqCst) {
            continue;
        }
        let passing = wire.pass(direction, read);
        if to.write_all(&buffer[..passing.unwrap_or(read)]).await.is_err() || passing.is_some() {
            return;
        }
    }
}

impl Wire {
    /// How many of these bytes pass before the cut, if it falls here.
    fn pass(&self, direction: usize, bytes: usize) -> Option<usize> {
        let left = &self.left[direction];
        let bytes = i64::try_from(bytes).unwrap_or(OFF);
        let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
            OFF => None,
            left => Some(if left <= bytes { OFF } else { left - bytes }),
        });
        before.ok().filter(|left| *left <= bytes).and_then(|left| usize::try_from(left).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that says back what it hears.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = socket.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        address
    }

    async fn ask(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
        client.write_all(b"0123456789").await?;
        let mut answer = vec![0; 10];
        let read = tokio::time::timeout(Duration::from_millis(300), client.read(&mut answer)).await??;
        answer.truncate(read);
        Ok(answer)
    }

    #[tokio::test]
    async fn it_counts_cuts_swallows_and_refuses() {
        let proxy = Proxy::start(echo().await).await;
        let connect = || TcpStream::connect(proxy.address());
        let mut client = connect().await.unwrap();
        for _ in 0..3 {
            assert_eq!(ask(&mut client).await.unwrap(), b"0123456789");
        }
        let traffic = proxy.traffic();
        assert_eq!(traffic, Traffic { round_trips: 3, sent: 30, received: 30, connections: 1 });

        proxy.cut_replies_after(4);
        assert_eq!(ask(&mut client).await.unwrap(), b"0123");
        assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0, "it was cut");
        let mut client = connect().await.unwrap();
        proxy.cut_requests_after(0);
        assert_eq!(ask(&mut client).await.unwrap_or_default(), b"");

        let mut client = connect().await.unwrap();
        proxy.cut_replies_after(14);
        assert_eq!(ask(&mut client).await.unwrap(), b"0123456789");
        proxy.forget_cuts();
        assert_eq!(ask(&mut client).await.unwrap(), b"0123456789", "the planned cut does not come");
        proxy.drop_replies(true);
        assert!(ask(&mut client).await.is_err(), "nobody answers");
        proxy.drop_replies(false);
        proxy.refuse();
        tokio::time::timeout(Duration::from_secs(5), async { while connect().await.is_ok() {} }).await.unwrap();
        proxy.accept().await;
        assert_eq!(ask(&mut connect().await.unwrap()).await.unwrap(), b"0123456789");
    }
}
