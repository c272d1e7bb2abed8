//! What the tests need beyond cargo: a table.
//!
//! A line looks like this:
//!
//! ```text
//! Tool {
//!     name: "redis",
//!     why: "session-redis is tested against a real server",
//!     programs: &["redis-server", "valkey-server"],
//!     package: "redis-server",
//! }
//! ```

use std::env;
use std::path::{Path, PathBuf};

/// Something that is installed, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tool {
    /// What to call it.
    pub(crate) name: &'static str,
    /// What it is needed for.
    pub(crate) why: &'static str,
    /// It is there if any one of these programs is.
    pub(crate) programs: &'static [&'static str],
    /// The Debian package that brings it.
    pub(crate) package: &'static str,
}

/// Everything the tests need.
pub(crate) const TOOLS: &[Tool] = &[
    Tool {
        name: "chromium",
        why: "a real browser drives the login page",
        programs: &["chromium"],
        package: "chromium",
    },
    Tool {
        name: "chromedriver",
        why: "the tests speak to the browser through it",
        programs: &["chromedriver"],
        package: "chromium-driver",
    },
    Tool {
        name: "nginx",
        why: "the login page is tested behind a caching proxy",
        programs: &["nginx"],
        package: "nginx-light",
    },
    Tool {
        name: "redis",
        why: "session-redis is tested against a real server",
        programs: &["redis-server"],
        package: "redis-server",
    },
    Tool {
        name: "memcached",
        why: "session-memcached is tested against a real server",
        programs: &["memcached"],
        package: "memcached",
    },
    Tool {
        name: "postgresql",
        why: "session-sql is tested against a real server",
        programs: &["postgres"],
        package: "postgresql",
    },
    Tool {
        name: "pgbouncer",
        why: "session-sql is tested behind a pooler in transaction mode",
        programs: &["pgbouncer"],
        package: "pgbouncer",
    },
    Tool {
        name: "mariadb",
        why: "session-sql is tested against a real server",
        programs: &["mariadbd"],
        package: "mariadb-server",
    },
    Tool {
        name: "curl",
        why: "the guide's script visits Flask and the login page with it",
        programs: &["curl"],
        package: "curl",
    },
    Tool {
        name: "openssl",
        why: "the tests make certificates of their own",
        programs: &["openssl"],
        package: "openssl",
    },
    Tool {
        name: "valgrind",
        why: "the check counts the instructions of a request",
        programs: &["valgrind"],
        package: "valgrind",
    },
];

/// Where Debian puts servers; a user's `PATH` may lack these.
const SERVER_FOLDERS: &[&str] = &[
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/lib/postgresql/18/bin",
    "/usr/lib/postgresql/17/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/15/bin",
    "/usr/lib/postgresql/14/bin",
    "/usr/lib/postgresql/13/bin",
];

/// Those of `tools` that are not on this machine.
pub(crate) fn missing(tools: &[Tool]) -> Vec<Tool> {
    let folders = folders();
    let absent = tools.iter().filter(|tool| !is_there(tool, &folders));
    absent.copied().collect()
}

/// Whether a program is on this machine.
pub(crate) fn has_program(name: &str) -> bool {
    in_any(&folders(), name)
}

/// Where programs are looked for.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let servers = SERVER_FOLDERS.iter().map(PathBuf::from);
    env::split_paths(&path).chain(servers).collect()
}

/// Whether one of the tool's programs is in one of the folders.
fn is_there(tool: &Tool, folders: &[PathBuf]) -> bool {
    tool.programs.iter().any(|program| in_any(folders, program))
}

/// Whether a file of that name is in one of the folders.
fn in_any(folders: &[PathBuf], program: &str) -> bool {
    folders.iter().any(|folder| Path::new(folder).join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(programs: &'static [&'static str]) -> Tool {
        Tool { name: "tool", why: "for a test", programs, package: "tool" }
    }

    #[test]
    fn one_of_the_programs_is_enough() {
        let (there, absent) = (tool(&["no-such-program", "sh"]), tool(&["no-such-program"]));
        assert_eq!(missing(&[there, absent]), [absent]);
    }

    #[test]
    fn the_table_is_complete_and_names_nothing_twice() {
        let mut names: Vec<_> = TOOLS.iter().map(|tool| tool.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TOOLS.len());
        assert!(TOOLS.iter().all(|tool| !tool.programs.is_empty() && !tool.package.is_empty()));
    }
}
