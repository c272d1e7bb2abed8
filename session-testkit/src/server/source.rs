//! Where a test's server comes from.

use std::env;
use std::path::{Path, PathBuf};

/// Forces one way: `url`, `native` or `containers`. Read at run time.
pub(super) const VIA: &str = "SESSION_TEST_VIA";

/// How to have containers.
pub(super) const BUILD: &str = "`cargo xtask test --via containers` runs the suites in containers; \
                                a test by itself needs `--features session-testkit/containers`";

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
    /// A container to start.
    Container,
}

impl Source {
    /// The first that there is: the URL in the environment, the program, a container if this build can have one (feature
    /// `containers`). `SESSION_TEST_VIA` set to `url`, `native` or `containers` allows that one only. Says on stderr which it is.
    ///
    /// # Panics
    /// Without any, saying how to get one.
    #[must_use]
    pub fn find(kind: &Kind) -> Self {
        let via = env::var(VIA).unwrap_or_default();
        let source = choose(kind, &via).unwrap_or_else(|problem| panic!("{problem}"));
        match &source {
            Source::Url(_) => eprintln!("{}: the server of {}", kind.name, kind.variable),
            Source::Native(path) => eprintln!("{}: {}", kind.name, path.display()),
            Source::Container => eprintln!("{}: a container", kind.name),
        }
        source
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

/// The first way to a server that there is and that `via` allows; nothing allows all.
fn choose(kind: &Kind, via: &str) -> Result<Source, String> {
    let Kind { name, variable, program, folders } = kind;
    let url = || env::var(variable).ok().filter(|url| !url.is_empty()).map(Source::Url);
    let native = || native(program, folders).map(Source::Native);
    let (first, problem) = match via {
        "" => {
            let container = cfg!(feature = "containers").then_some(Source::Container);
            (url().or_else(native).or(container), format!("set {variable} to the URL of one, or: {BUILD}"))
        }
        "url" => (url(), format!("{VIA} is url: set {variable} to the URL of one")),
        "native" => (native(), format!("{VIA} is native")),
        "containers" => (Some(Source::Container), String::new()),
        other => return Err(format!("{VIA} is {other:?}: make it url, native or containers")),
    };
    first.ok_or_else(|| format!("no {name} server: run `cargo xtask setup` to install {program}; {problem}"))
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
    const MISSING: Kind = Kind { program: "no-such-program", ..SHELL };

    #[test]
    fn a_program_is_found_and_a_missing_one_says_how_to_get_it() {
        assert!(matches!(choose(&SHELL, ""), Ok(Source::Native(path)) if path.ends_with("sh")));
        match choose(&MISSING, "") {
            Ok(source) => assert_eq!((source, cfg!(feature = "containers")), (Source::Container, true)),
            Err(text) => {
                for way in ["cargo xtask setup", "SESSION_TEST_SHELL_URL", "--via containers"] {
                    assert!(text.contains(way), "{text}");
                }
            }
        }
    }

    #[test]
    fn one_way_can_be_forced_and_no_other_stands_in_for_it() {
        assert_eq!(choose(&SHELL, "containers"), Ok(Source::Container));
        assert!(choose(&SHELL, "url").unwrap_err().contains("SESSION_TEST_SHELL_URL"));
        assert!(choose(&MISSING, "native").unwrap_err().contains("cargo xtask setup"));
        assert!(choose(&SHELL, "docker").unwrap_err().contains("url, native or containers"));
        // A variable that is always there stands for one with a URL in it.
        let named = Kind { variable: "PATH", ..SHELL };
        assert!(matches!(choose(&named, ""), Ok(Source::Url(_))));
        assert!(matches!(choose(&named, "native"), Ok(Source::Native(_))));
    }
}
