//! A file instead of a server: what can happen to that.

use std::process::Command;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use crate::load::Trial;
use crate::support::Server;

/// A folder with the store's file, and the file's URL.
fn place() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("sessions.sqlite3").display());
    (folder, url)
}

async fn another_program(folder: &tempfile::TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.path().join("sessions.sqlite3"));
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_locked_by_another_program() {
    let (folder, url) = place();
    let mut trial = Trial::begin("SQLite", &url, true).await;
    let other = another_program(&folder).await;
    let lock = tokio::sync::Mutex::new(None);
    let take = async || *lock.lock().await = Some(other.begin_with("BEGIN IMMEDIATE").await.unwrap());
    let release = async || lock.lock().await.take().unwrap().rollback().await.unwrap();
    trial.live_through("locked for 6 s by another program", take, Duration::from_secs(6), release).await;
}

/// No byte more may be written: what a full disk and a quota come to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_full_disk() {
    let (_folder, url) = place();
    // The signal that comes with the limit would end the program before the error reaches it.
    let server = Server::start_through(&["sh", "-c", r#"trap '' XFSZ; exec "$@""#, "sh"], &["--store", &url]);
    let pid = server.pid().to_string();
    let limit = async |limit: &str| {
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}:unlimited")]).status();
        assert!(set.expect("prlimit, of util-linux").success());
    };
    let mut trial = Trial::on("SQLite", server, true).await;
    let full = async || limit("1024").await;
    trial.live_through("full for 1 s", full, Duration::from_secs(1), async || limit("unlimited").await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_whose_folder_is_moved_away_and_back() {
    let (folder, url) = place();
    let mut trial = Trial::begin("SQLite", &url, true).await;
    let (here, there) = (folder.path().to_owned(), folder.path().with_extension("moved"));
    let away = async || std::fs::rename(&here, &there).unwrap();
    let back = async || std::fs::rename(&there, &here).unwrap();
    trial.live_through("folder away for 1 s", away, Duration::from_secs(1), back).await;
}
