//! Where a SQLite database is: from its URL to a file that exists.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use session_core::{Error, Result};
use sqlx::sqlite::SqliteConnectOptions;

/// Where the database is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the store's own memory.
    Memory,
    /// In a file.
    File(PathBuf),
}

impl Place {
    /// Reads `sqlite:FILE` and `sqlite://FILE`, in which `%20` is a space, and `sqlite::memory:`.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("sqlite:").unwrap_or(url);
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // `mode=rwc`, "create it if it is missing", is what other tools want to be told and what is done here anyway.
        match (path, query) {
            (":memory:", "") | ("", "mode=memory") => return Ok(Place::Memory),
            ("", _) => return Err(wrong("it names no file".into(), "write sqlite://FILE, or sqlite::memory:")),
            (_, "" | "mode=rwc") => {}
            _ => {
                return Err(wrong(
                    "what follows the ? is not known".into(),
                    "leave it out; settings are fields of SqlConfig",
                ));
            }
        }
        let options = SqliteConnectOptions::from_str(&format!("sqlite://{path}"));
        let options = options.map_err(|_| wrong("the file's name cannot be read".into(), "write % as %25"))?;
        Ok(Place::File(options.get_filename().to_owned()))
    }
}

/// Creates the file if it is missing, for its owner's eyes only; what SQLite puts beside it inherits that.
///
/// One at a time: closing a file drops every lock that this *process* has on it, those of another store's SQLite included, so
/// the file must be closed again before any other store of this process opens it.
pub(super) fn create(path: &Path) -> Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(_) if path.is_dir() => Err(wrong(format!("{path:?} is a folder"), "name a file in it")),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(refused(path, &error)),
    }
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match error.kind() {
        ErrorKind::NotFound => wrong(format!("the folder {folder:?} does not exist"), "create it, or name another one"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            wrong(format!("{path:?} cannot be created"), "let this user write to its folder, or name another one")
        }
        _ => wrong(format!("{path:?} cannot be created: {error}"), "name another file"),
    }
}

fn wrong(problem: String, fix: &'static str) -> Error {
    Error::config("url", problem, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_memory() {
        for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite://?mode=memory"] {
            assert_eq!(Place::parse(url).unwrap(), Place::Memory, "{url}");
        }
        let files = [
            ("sqlite:a.db", "a.db"),
            ("sqlite://a.db", "a.db"),
            ("sqlite://./b/a.db?mode=rwc", "./b/a.db"),
            ("sqlite:///var/a%20b.db", "/var/a b.db"),
            ("sqlite://a@b:c.db", "a@b:c.db"),
        ];
        for (url, path) in files {
            assert_eq!(Place::parse(url).unwrap(), Place::File(path.into()), "{url}");
        }
    }

    #[test]
    fn a_wrong_url_says_what_to_write() {
        for url in ["sqlite:", "sqlite://", "sqlite://a.db?mode=ro", "sqlite://a.db?vfs=unix&mode=rwc", "sqlite://%ff"]
        {
            let line = Place::parse(url).unwrap_err().to_string();
            assert!(line.starts_with("url: ") && line.lines().count() == 1, "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_its_owners_alone_and_an_old_one_is_left_as_it_is() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        create(&path).unwrap();
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        create(&path).unwrap();
        assert_eq!(mode(), 0o640);
    }
}
