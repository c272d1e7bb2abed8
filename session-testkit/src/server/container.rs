//! A server in a container that never outlives its test.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testcontainers::core::IntoContainerPort;
use testcontainers::runners::SyncRunner;
use testcontainers::{Container as Running, ContainerRequest, GenericImage, ImageExt};

use super::Image;

/// How long a server may take to be ready, once its image is there.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long pulling an image and starting a container may take.
const START: Duration = Duration::from_secs(300);

/// What containers are labelled with: the value of the environment variable of the same name, by which a run finds its own.
const RUN: &str = "SESSION_TEST_RUN";

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// A running container. It is removed when this is dropped, and when this process ends, however it ends: a static may hold it.
#[derive(Debug)]
pub struct Container {
    running: Option<Box<Running<GenericImage>>>,
    address: SocketAddr,
    watcher: Child,
}

impl Container {
    /// Starts one whose port is mapped to a free one of this machine, and waits until the server in it is ready.
    ///
    /// # Panics
    /// Where no container engine answers, the image is not to be had, or the server is not ready in time.
    #[must_use]
    pub fn start(image: &Image, ready: fn(SocketAddr) -> bool) -> Self {
        let port = image.port.tcp();
        let request = request(image, &[], |generic| generic.with_exposed_port(port));
        outside(|| {
            let running = start(request);
            let port = running.get_host_port_ipv4(port).expect("a port that was asked for");
            Self::ready(running, port, ready)
        })
    }

    /// One on the machine's own network, for a server that tells others where it is: it has to listen on `port` itself, and
    /// these further arguments say so. With Linux only.
    ///
    /// # Panics
    /// As [`start`](Container::start).
    #[must_use]
    pub fn on_host(image: &Image, arguments: &[&str], port: u16, ready: fn(SocketAddr) -> bool) -> Self {
        let request = request(image, arguments, |generic| generic).with_network("host");
        outside(|| Self::ready(start(request), port, ready))
    }

    fn ready(running: Running<GenericImage>, port: u16, ready: fn(SocketAddr) -> bool) -> Self {
        let watcher = watch(running.id());
        let container =
            Container { running: Some(Box::new(running)), address: (Ipv4Addr::LOCALHOST, port).into(), watcher };
        let begun = Instant::now();
        while !ready(container.address) {
            let late = begun.elapsed() > PATIENCE;
            assert!(!late, "the server was not ready within {PATIENCE:?}; it said:\n{}", container.said());
            std::thread::sleep(PAUSE);
        }
        container
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn said(&self) -> String {
        let Some(running) = &self.running else { return String::new() };
        let said = [running.stdout_to_vec(), running.stderr_to_vec()].map(Result::unwrap_or_default).concat();
        String::from_utf8_lossy(&said).into_owned()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let running = self.running.take();
        if running.is_some() {
            outside(move || drop(running));
        }
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}

fn request(
    image: &Image,
    arguments: &[&str],
    with: impl FnOnce(GenericImage) -> GenericImage,
) -> ContainerRequest<GenericImage> {
    let (name, tag) = image.name_and_tag();
    eprintln!("container: {name}:{tag}");
    let request = with(GenericImage::new(name, tag)).with_cmd([image.arguments, arguments].concat());
    let request = request.with_startup_timeout(START);
    let request = request.with_label(RUN, std::env::var(RUN).unwrap_or_default());
    image.environment.iter().fold(request, |request, (name, value)| request.with_env_var(*name, *value))
}

fn start(request: ContainerRequest<GenericImage>) -> Running<GenericImage> {
    request.start().unwrap_or_else(|error| {
        panic!(
            "no container: {error}\ninstall Docker and start it (`docker info` must answer), or run `cargo xtask setup` \
             and let the servers run natively"
        )
    })
}

/// On a thread of its own: what waits here may not wait in a runtime, where tests are.
fn outside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A shell that waits for this process to end, whichever way: its standard input closes then. It removes the container. In a
/// group of its own, so that a Ctrl-C does not end it first.
fn watch(id: &str) -> Child {
    use std::os::unix::process::CommandExt;
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"cat >/dev/null; docker rm -f -v "$1""#, "watcher", id]).process_group(0);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a shell")
}
