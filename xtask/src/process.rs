//! Running other programs, with their output shown while they run.

use std::env;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// What a task answers; the error is for a person to read.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The cargo that runs us, with `arguments`.
///
/// The variables which `cargo run` sets describe xtask itself. A build script that watches one of
/// them would run again on every change between `cargo xtask` and plain `cargo`, so they are taken out.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_xtask) {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

/// Whether `cargo run` set the variable to describe the package it runs.
fn describes_xtask(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

/// Makes the workspace's root the current directory.
pub(crate) fn enter_workspace() -> Result<()> {
    let arguments = ["locate-project", "--workspace", "--message-format", "plain"];
    let manifest = capture(&mut cargo(arguments))?;
    let root = Path::new(manifest.trim()).parent();
    env::set_current_dir(root.ok_or("cargo names no workspace")?)?;
    Ok(())
}

/// Runs a command with its output shown; it must succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    let status = spawnable(command, Command::status)?;
    succeeded(command, status)
}

/// Runs a command and returns what it wrote to stdout; it must succeed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    command.stderr(Stdio::inherit());
    let output = spawnable(command, Command::output)?;
    succeeded(command, output.status)?;
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a command, copies its stdout to `to` while it runs, and hands each line of it to `seen`.
pub(crate) fn stream(command: &mut Command, to: &mut impl Write, seen: impl FnMut(&str)) -> Result<ExitStatus> {
    println!("$ {}", line(command));
    let mut child = spawnable(command.stdout(Stdio::piped()), Command::spawn)?;
    if let Some(stdout) = child.stdout.take() {
        copy_lines(BufReader::new(stdout), to, seen)?;
    }
    Ok(child.wait()?)
}

/// Copies line by line, so that what is not UTF-8 in a test's output still comes through.
fn copy_lines(mut from: impl BufRead, to: &mut impl Write, mut seen: impl FnMut(&str)) -> io::Result<()> {
    let mut bytes = Vec::new();
    while from.read_until(b'\n', &mut bytes)? > 0 {
        to.write_all(&bytes)?;
        seen(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
    }
    to.flush()
}

/// Starts a command in the way given; the error names the program, which the system's does not.
fn spawnable<T>(command: &mut Command, start: impl FnOnce(&mut Command) -> io::Result<T>) -> Result<T> {
    let program = command.get_program().to_string_lossy().into_owned();
    start(command).map_err(|error| format!("cannot run {program}: {error}").into())
}

/// Turns a failing status into an error that names the command.
fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed ({status})", line(command)).into())
}

/// The command as one would type it: without the directory of the program.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_copied_as_they_are_and_seen_without_their_end() {
        let (mut copy, mut seen) = (Vec::new(), Vec::new());
        let input: &[u8] = b"one\r\n\xFFtwo\nlast";
        copy_lines(input, &mut copy, |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(copy, input);
        assert_eq!(seen, ["one", "\u{FFFD}two", "last"]);
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().contains("sh -c exit 3"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = capture(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"), "{error}");
    }

    #[test]
    fn only_what_describes_this_package_is_taken_out() {
        assert!(describes_xtask("CARGO_PKG_NAME"));
        assert!(describes_xtask("CARGO_MANIFEST_DIR"));
        assert!(!describes_xtask("CARGO_TARGET_DIR"));
    }
}
