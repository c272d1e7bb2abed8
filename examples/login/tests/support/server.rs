//! The login program as a child process on a free port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A running login program; killed on drop.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// Starts it with these arguments.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// Starts it with settings in the environment.
    pub fn start_with(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_at("127.0.0.1:0", arguments, environment)
    }

    /// Starts it through another program, which becomes it: a shell that sets something up.
    pub fn start_through(through: &[&str], arguments: &[&str]) -> Self {
        let mut command = Command::new(through[0]);
        command.args(&through[1..]).arg(env!("CARGO_BIN_EXE_login")).args(["--listen", "127.0.0.1:0"]).args(arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        Self::listening(child.expect("the program starts"))
    }

    /// Starts it at an address. Without `--store` it keeps its sessions in memory, never in the user's own folder.
    pub fn start_at(address: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let memory: &[&str] = if arguments.contains(&"--store") { &[] } else { &["--store", "memory:"] };
        Self::start_as_is(address, &[arguments, memory].concat(), environment)
    }

    /// Starts it with nothing added.
    pub fn start_as_is(address: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_login"));
        command.args(["--listen", address]).args(arguments);
        for name in ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "PERMANENT_SESSION_LIFETIME", "SESSION_COOKIE_NAME"] {
            command.env_remove(name);
        }
        let child = command
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self::listening(child)
    }

    /// What it says on its way out, where it does not start.
    pub fn refusal(arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_login"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        command.env_remove("SECRET_KEY").env_remove("SECRET_KEY_FALLBACKS").envs(environment.iter().copied());
        let ended = command.output().expect("the program starts");
        assert!(!ended.status.success(), "it starts");
        String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned()
    }

    /// Waits for the line that says where it listens.
    fn listening(mut child: Child) -> Self {
        let output = child.stdout.take().expect("piped");
        let mut lines = BufReader::new(output).lines();
        let url = lines
            .by_ref()
            .map(|line| line.expect("text"))
            .find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned))
            .expect("it says where it listens");
        // Its later lines must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Server { child, url }
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it ends");
    }

    /// The process's id, for signals.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for it to end by itself; true if it did so in good order.
    pub fn ended_well(mut self) -> bool {
        self.child.wait().expect("it ends").success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
