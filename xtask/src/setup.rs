//! `cargo xtask setup`: installs what the tests need, and says what and why before it does.

mod flask;
mod mongod;

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::Command;

use crate::process::{self, Result};
use crate::tools::{self, TOOLS, Tool};

/// Installs packages with no service started; its first argument is [`POLICY`].
const INSTALL: &str = include_str!("install.sh");
/// The file by which Debian asks whether to start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// What is no Debian package, and is put into the workspace's own `target` folder.
struct Fetched {
    /// Whether it is to be fetched.
    is_missing: fn() -> bool,
    /// What is going to be fetched, and why: one line.
    explanation: fn() -> String,
    /// Fetches it.
    fetch: fn() -> Result<()>,
}

/// All of it.
const FETCHED: &[Fetched] = &[
    Fetched { is_missing: mongod::is_missing, explanation: mongod::explanation, fetch: mongod::fetch },
    Fetched { is_missing: flask::is_missing, explanation: flask::explanation, fetch: flask::make },
];

/// Installs what is missing. `yes` answers the question in advance.
pub(crate) fn run(yes: bool) -> Result<()> {
    let missing = tools::missing(TOOLS);
    let fetched: Vec<_> = FETCHED.iter().filter(|fetched| (fetched.is_missing)()).collect();
    if missing.is_empty() && fetched.is_empty() {
        println!("nothing to install");
        return Ok(());
    }
    print!("{}", explanation(&missing, &fetched));
    let machine = Machine::look();
    // Before the question: where only a person can install, there is nothing to agree to.
    let prefix = if missing.is_empty() { &[] } else { privileges(&machine, &missing)? };
    agree(consent(yes || in_ci(), machine.is_root, io::stdin().is_terminal()))?;
    if !missing.is_empty() {
        process::run(&mut installation(prefix, POLICY, &missing))?;
        complete(&tools::missing(TOOLS))?;
    }
    fetched.iter().try_for_each(|fetched| (fetched.fetch)())
}

/// What is going to be installed, and why.
fn explanation(missing: &[Tool], fetched: &[&Fetched]) -> String {
    let lines =
        missing.iter().map(|Tool { name, why, package, .. }| format!("  {name} (Debian package {package}): {why}\n"));
    let lines: String = lines.chain(fetched.iter().map(|fetched| (fetched.explanation)())).collect();
    format!("the tests need what is not on this machine:\n{lines}")
}

/// What matters here about the machine.
#[derive(Debug, Clone, Copy)]
struct Machine {
    /// It installs with apt.
    has_apt: bool,
    /// We are root.
    is_root: bool,
    /// We may become root.
    has_sudo: bool,
}

impl Machine {
    /// Looks around.
    fn look() -> Self {
        let id = process::capture(Command::new("id").arg("-u"));
        Self {
            has_apt: tools::has_program("apt-get"),
            is_root: id.is_ok_and(|id| id.trim() == "0"),
            has_sudo: tools::has_program("sudo"),
        }
    }
}

/// The words in front of the installation that make it root's, or what to do by hand.
fn privileges(machine: &Machine, missing: &[Tool]) -> Result<&'static [&'static str]> {
    match machine {
        Machine { has_apt: false, .. } => Err(by_hand("this system has no apt-get", missing)),
        Machine { is_root: true, .. } => Ok(&[]),
        Machine { has_sudo: true, .. } => Ok(&["sudo"]),
        _ => Err(by_hand("this takes root, and there is no sudo", missing)),
    }
}

/// The error of a machine on which only a person can install.
fn by_hand(why: &str, missing: &[Tool]) -> Box<dyn std::error::Error> {
    let names: Vec<_> = missing.iter().map(|tool| tool.name).collect();
    format!("{why}; please install by hand: {}", names.join(", ")).into()
}

/// What to do about the person's agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    /// There is no need to ask.
    Given,
    /// There is somebody to ask.
    Ask,
    /// There is nobody.
    Impossible,
}

/// Whether to ask. Root without a terminal is a container or another machine that is there to be set up.
fn consent(agreed: bool, is_root: bool, at_terminal: bool) -> Consent {
    match (agreed, at_terminal) {
        (true, _) => Consent::Given,
        (false, true) => Consent::Ask,
        (false, false) if is_root => Consent::Given,
        (false, false) => Consent::Impossible,
    }
}

/// Whether `CI` is set to anything but "no".
fn in_ci() -> bool {
    let value = env::var_os("CI").unwrap_or_default();
    !value.is_empty() && value != "false" && value != "0"
}

/// Goes on only if the person agrees.
fn agree(consent: Consent) -> Result<()> {
    match consent {
        Consent::Given => Ok(()),
        Consent::Ask => ask(),
        Consent::Impossible => Err("there is no terminal to ask on: run `cargo xtask setup --yes`".into()),
    }
}

/// Asks on the terminal.
fn ask() -> Result<()> {
    print!("install? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if is_yes(&answer) {
        return Ok(());
    }
    Err("nothing was installed".into())
}

/// Whether an answer says yes.
fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// The command that installs: one script, so that it asks for a password once and cleans up itself.
fn installation(prefix: &[&str], policy: &str, missing: &[Tool]) -> Command {
    let packages = missing.iter().map(|tool| tool.package);
    let script = ["sh", "-c", INSTALL, "install.sh", policy];
    let mut words = prefix.iter().copied().chain(script).chain(packages);
    let mut command = Command::new(words.next().unwrap_or("sh"));
    command.args(words);
    command
}

/// After an installation nothing may be missing.
fn complete(missing: &[Tool]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|tool| tool.name).collect();
    Err(format!("installed, but still not found: {}", names.join(", ")).into())
}

#[cfg(test)]
mod tests;
