//! A server as a child process that never outlives its test.

use std::fmt;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Where a server runs.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Its own folder under /tmp, which any user may enter. What it prints is there, too.
    pub folder: PathBuf,
}

impl Place {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

type Prepare = Box<dyn Fn(&Place) + Send + Sync>;
type Start = Box<dyn Fn(&Place) -> Command + Send + Sync>;
type Ready = Box<dyn Fn(&Place) -> bool + Send + Sync>;
type Fits = fn(u16) -> bool;

/// How a server is started.
pub struct Recipe {
    prepare: Prepare,
    start: Start,
    ready: Ready,
    fits: Fits,
}

impl Recipe {
    /// The command that starts it in the foreground. The process must be the server itself: `setpriv` may stand in front, `sudo`
    /// must not. It counts as ready when it takes connections.
    pub fn new(start: impl Fn(&Place) -> Command + Send + Sync + 'static) -> Self {
        let listens = |place: &Place| TcpStream::connect_timeout(&place.address(), Duration::from_secs(1)).is_ok();
        Recipe { prepare: Box::new(|_| ()), start: Box::new(start), ready: Box::new(listens), fits: |_| true }
    }

    /// What is done once, before the first start: a new database folder.
    #[must_use]
    pub fn prepare(mut self, prepare: impl Fn(&Place) + Send + Sync + 'static) -> Self {
        self.prepare = Box::new(prepare);
        self
    }

    /// Something more to do after that.
    #[must_use]
    pub fn and_prepare(mut self, then: impl Fn(&Place) + Send + Sync + 'static) -> Self {
        let before = self.prepare;
        self.prepare = Box::new(move |place| {
            before(place);
            then(place);
        });
        self
    }

    /// When it is ready.
    #[must_use]
    pub fn ready(mut self, ready: impl Fn(&Place) -> bool + Send + Sync + 'static) -> Self {
        self.ready = Box::new(ready);
        self
    }

    /// Which ports will do, where not every free one does.
    #[must_use]
    pub fn fits(mut self, fits: fn(u16) -> bool) -> Self {
        self.fits = fits;
        self
    }

    fn port(&self) -> u16 {
        std::iter::repeat_with(free_port).find(|port| (self.fits)(*port)).unwrap_or_default()
    }
}

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipe")
    }
}

/// A running server. It ends when this is dropped, and when this process ends, however it ends: a static may hold it.
#[derive(Debug)]
pub struct Process {
    recipe: Recipe,
    place: Place,
    running: Option<Running>,
    _folder: TempDir,
}

impl Process {
    /// Starts it on a free port and waits until it is ready; where another program was faster and took the port, on another one.
    ///
    /// # Panics
    /// If it is not ready within 30 s, with the last lines of what it printed.
    #[must_use]
    pub fn start(recipe: Recipe) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::Permissions::from_mode(0o755);
        let folder =
            tempfile::Builder::new().prefix("session-test-").permissions(open).tempdir_in("/tmp").expect("a folder");
        let mut place = Place { port: recipe.port(), folder: folder.path().to_owned() };
        (recipe.prepare)(&place);
        for _ in 0..4 {
            if let Ok(running) = Running::start(&recipe, &place) {
                return Process { recipe, place, running: Some(running), _folder: folder };
            }
            place.port = recipe.port();
        }
        let running = Running::start(&recipe, &place).unwrap_or_else(|problem| panic!("{problem}"));
        Process { recipe, place, running: Some(running), _folder: folder }
    }

    /// Where it runs.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.place.address()
    }

    /// Its process id.
    ///
    /// # Panics
    /// If it has been killed.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.running.as_ref().expect("it runs").child.id()
    }

    /// SIGKILL: it and what it has started end at once. The folder and the port stay its own.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Starts it again, on the same port and folder; ends it first if it runs.
    ///
    /// # Panics
    /// As [`start`](Process::start).
    pub fn restart(&mut self) {
        self.kill();
        let running = Running::start(&self.recipe, &self.place).unwrap_or_else(|problem| panic!("{problem}"));
        self.running = Some(running);
    }

    /// SIGSTOP: its connections stay open, new ones are made by the kernel, and nobody answers. Returns when each of its threads
    /// has noticed, which may answer until then.
    ///
    /// # Panics
    /// If it goes on for two seconds.
    pub fn freeze(&self) {
        let pid = self.pid();
        signal("STOP", pid);
        let begun = Instant::now();
        while !is_stopped(pid) {
            assert!(begun.elapsed() < Duration::from_secs(2), "the server goes on");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// SIGCONT: goes on after [`freeze`](Process::freeze).
    pub fn thaw(&self) {
        signal("CONT", self.pid());
    }
}

/// The child and its watcher.
#[derive(Debug)]
struct Running {
    child: Child,
    watcher: Child,
}

impl Running {
    fn start(recipe: &Recipe, place: &Place) -> Result<Self, String> {
        let log = |name| File::options().create(true).append(true).open(place.folder.join(name)).expect("a log file");
        let mut command = (recipe.start)(place);
        command.stdin(Stdio::null()).stdout(log("stdout.log")).stderr(log("stderr.log")).process_group(0);
        let child =
            command.spawn().unwrap_or_else(|error| panic!("{:?} does not start: {error}", command.get_program()));
        let watcher = watch(child.id(), &place.folder);
        let mut running = Running { child, watcher };
        running.wait_until_ready(recipe, place).map_err(|problem| {
            let program = Path::new(command.get_program()).display();
            format!("{program} on port {} {problem}; its last lines:\n{}", place.port, last_lines(&place.folder))
        })?;
        Ok(running)
    }

    fn wait_until_ready(&mut self, recipe: &Recipe, place: &Place) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return Err(format!("ended ({status})"));
            }
            if (recipe.ready)(place) {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        Err(format!("was not ready within {PATIENCE:?}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        signal("KILL", self.child.id());
        let _ = self.child.wait();
        // Only now: the watcher must not find another process under the same id.
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}

/// A shell that waits for this process to end, whichever way: its standard input closes then. It ends the server and removes the
/// folder. In a group of its own, so that a Ctrl-C does not end it first.
fn watch(pid: u32, folder: &Path) -> Child {
    // What dies may still write for a moment.
    let remove = r#"for _ in 1 2 3 4 5 6 7 8 9; do rm -rf -- "$3" 2>/dev/null && break; sleep 0.2; done"#;
    let script = format!("read -r _; {SIGNAL} {remove}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "watcher", "KILL", &pid.to_string()]).arg(folder);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    shell.spawn().expect("a shell")
}

/// Signals a process and all that it has started, those with a group of their own included, as PostgreSQL's have.
const SIGNAL: &str =
    r#"tree() { echo "$1"; for p in $(pgrep -P "$1"); do tree "$p"; done; }; kill -s "$1" $(tree "$2") 2>/dev/null;"#;

fn signal(name: &str, pid: u32) {
    let sent = Command::new("sh").args(["-c", SIGNAL, "signal", name, &pid.to_string()]).stdin(Stdio::null()).output();
    sent.expect("a shell");
}

/// Whether every thread of the process is in the state T. Where the system does not tell, it is taken to be.
fn is_stopped(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads.map(|thread| std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default()).all(|stat| {
        // The state stands behind the name, in which there may be anything.
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    })
}

/// The end of every log file in the folder.
fn last_lines(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.contains("log") || !entry.path().is_file() {
            continue;
        }
        let log = std::fs::read(entry.path()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().rev().take(15).collect();
        text.extend(lines.into_iter().rev().map(|line| format!("{name}: {line}\n")));
    }
    text
}

/// A port of 127.0.0.1 that was free a moment ago.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
