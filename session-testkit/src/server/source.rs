//! Where a test's server comes from.

use std::env;
use std::path::{Path, PathBuf};

/// A kind of server, and how it is found.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What people call it.
    pub name: &'static str,
    /// The environment variable that holds the URL of one that runs already. Read at run time.
    pub variable: &'static str,
    /// The program, which is looked for in `PATH` and in `folders`.
    pub program: &'static str,
    /// Where else the program may be.
    pub folders: &'static [&'static str],
}

/// A server to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// One that runs already, at this URL.
    Url(String),
    /// A program to start.
    Native(PathBuf),
    // A container comes here: after the program, or first where SESSION_TEST_VIA says so.
}

impl Source {
    /// The first that there is: the URL in the environment, the program. Says on stderr which it is.
    ///
    /// # Panics
    /// Without any, saying how to get one.
    #[must_use]
    pub fn find(kind: &Kind) -> Self {
        let Kind { name, variable, program, folders } = kind;
        if let Some(url) = env::var(variable).ok().filter(|url| !url.is_empty()) {
            eprintln!("{name}: the server of {variable}");
            return Source::Url(url);
        }
        match native(program, folders) {
            Some(path) => {
                eprintln!("{name}: {}", path.display());
                Source::Native(path)
            }
            None => panic!(
                "no {name} server: run `cargo xtask setup` to install {program}, or set {variable} to the URL of one"
            ),
        }
    }

    /// Whether its program is installed here.
    #[must_use]
    pub fn is_installed(kind: &Kind) -> bool {
        native(kind.program, kind.folders).is_some()
    }

    /// The program to start, where a test needs a server that it can kill or freeze.
    ///
    /// # Panics
    /// Where there is none, saying how to get one.
    #[must_use]
    pub fn program(kind: &Kind) -> PathBuf {
        let Kind { name, program, folders, .. } = kind;
        native(program, folders).unwrap_or_else(|| {
            panic!("this test kills its own {name} server: run `cargo xtask setup` to install {program}")
        })
    }
}

fn native(program: &str, folders: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let known = folders.iter().map(PathBuf::from);
    env::split_paths(&path).chain(known).map(|folder| folder.join(program)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: Kind = Kind { name: "Shell", variable: "SESSION_TEST_SHELL_URL", program: "sh", folders: &[] };

    #[test]
    fn a_program_is_found_and_a_missing_one_says_how_to_get_it() {
        assert!(matches!(Source::find(&SHELL), Source::Native(path) if path.ends_with("sh")));
        let missing = Kind { program: "no-such-program", ..SHELL };
        let panic = std::panic::catch_unwind(|| Source::find(&missing)).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("cargo xtask setup") && text.contains("SESSION_TEST_SHELL_URL"), "{text}");
    }
}
