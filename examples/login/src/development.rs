//! What a newcomer has not configured: a file for the sessions in the user's data folder, and a key beside it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use session_core::{Error, Result, SecretKeys, Token};

/// The URL of an SQLite file in the user's data folder.
pub(crate) fn default_store() -> Result<String> {
    let file = data_folder()?.join("sessions.sqlite3");
    println!("Sessions are kept in {}", file.display());
    Ok(format!("sqlite://{}", file.display()))
}

/// This program's folder in the user's data folder, which is made if it is not there.
fn data_folder() -> Result<PathBuf> {
    let Some(folder) = dirs::data_dir() else {
        return Err(Error::config("--store", "this user has no data folder to keep sessions in", "name a store"));
    };
    let folder = folder.join("session-login");
    make_private_folder(&folder).map_err(|error| cannot("make", &folder, &error))?;
    Ok(folder)
}

/// The development key beside an SQLite file, or in the data folder for sessions that live in cookies, so that nothing dies with
/// a restart; for other stores one that lasts as long as the process.
pub(crate) fn keys(store: &str) -> Result<SecretKeys> {
    let Some(path) = key_file(store)? else {
        println!("No SECRET_KEY: made one for development, open forms end with this process.");
        return SecretKeys::random_for_development();
    };
    let key = read_or_make(&path).map_err(|error| cannot("read or make", &path, &error))?;
    println!("No SECRET_KEY: using the development key in {}", path.display());
    SecretKeys::new(key.trim())
}

/// Where the development key of a store is kept.
fn key_file(store: &str) -> Result<Option<PathBuf>> {
    if store.starts_with("cookie") {
        return Ok(Some(data_folder()?.join("cookie.key")));
    }
    let file = store.strip_prefix("sqlite://").map(|rest| rest.split('?').next().unwrap_or(rest));
    Ok(file.filter(|file| !file.is_empty()).map(|file| format!("{file}.key").into()))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::config("--store", format!("cannot {what} {}: {error}", path.display()), "mend that, or name another store")
}

/// The key that is there, or a new one. Of processes that start together all get the same.
fn read_or_make(path: &Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => make(path)?,
        read => return read,
    }
    fs::read_to_string(path)
}

/// Writes a whole file first and links it to its name then: nobody reads half a key, and the first one stays.
fn make(path: &Path) -> io::Result<()> {
    let key = Token::random().map_err(io::Error::other)?;
    let draft = path.with_extension(&Token::random().map_err(io::Error::other)?.expose()[..16]);
    write_private(&draft, key.expose())?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.sqlite3.key");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || read_or_make(&path).unwrap())
            })
            .collect();
        let keys: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(keys.iter().all(|key| *key == keys[0] && key.trim().len() == 43));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no drafts are left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
