//! What somebody reads who has configured it wrongly.

use session_core::Wraps;
use session_sql::{SqlConfig, SqlPools, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::common::File;

async fn line(config: SqlConfig) -> String {
    SqlStore::connect_with(config).await.unwrap_err().to_string()
}

#[tokio::test]
async fn s59_a_wrong_url_says_what_is_wrong_and_shows_no_password() {
    for url in [
        "oracle://admin:hunter2@db.example/shop",
        "hunter2://db.example/shop?password=hunter2",
        "SQLITE://admin:hunter2@file",
        "admin:hunter2@db.example/shop",
        "admin-hunter2",
        "",
    ] {
        let line = line(SqlConfig::new(url)).await;
        assert!(
            line.starts_with("url: ") && line.ends_with("begin it with sqlite://, postgres:// or mysql://"),
            "{line}"
        );
        assert!(!line.contains("hunter2") && !line.contains("admin") && !line.contains("example"), "{line}");
    }
    let line = line(SqlConfig::new("sqlite://s.db?key=hunter2")).await;
    assert!(line.starts_with("url: what follows the ? is not known; ") && !line.contains("hunter2"), "{line}");
}

#[tokio::test]
async fn s59_a_wrong_place_is_named_in_one_line() {
    let file = File::new();
    let folder = file.path().parent().unwrap().to_owned();
    let missing = line(SqlConfig::new(format!("{}/no/s.db", file.url().trim_end_matches("/sessions.db")))).await;
    assert_eq!(
        missing,
        format!("url: the folder {:?} does not exist; create it, or name another one", folder.join("no"))
    );
    let a_folder = line(SqlConfig::new(format!("sqlite://{}", folder.display()))).await;
    assert_eq!(a_folder, format!("url: {folder:?} is a folder; name a file in it"));
    std::fs::write(file.path(), "a letter to somebody, which is of no use as a database".repeat(40)).unwrap();
    let letter = line(file.config()).await;
    assert_eq!(letter, format!("url: {:?}: it is no SQLite database; name another file", file.path()));
    assert!(std::fs::read_to_string(file.path()).unwrap().starts_with("a letter"), "it is left alone");
}

/// `/sys` lets nobody create a file, not even root.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn s59_a_folder_that_cannot_be_written_to_is_named() {
    let line = line(SqlConfig::new("sqlite:///sys/sessions.db")).await;
    let fix = "let this user write to its folder, or name another one";
    assert_eq!(line, format!("url: \"/sys/sessions.db\" cannot be created; {fix}"));
}

/// A file that can only be read is noticed when it is opened, not at the first login, even with the table in place.
#[tokio::test]
async fn s59_a_file_that_can_only_be_read_is_refused_at_the_start() {
    let file = File::new();
    drop(file.backend().await);
    let options = SqliteConnectOptions::new().filename(file.path()).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let refused = SqlStore::new(SqlPools::sqlite(pool.clone(), pool), file.config()).await.unwrap_err();
    let fix = "let this user write to the file and to its folder";
    assert_eq!(refused.to_string(), format!("url: the database: it can only be read; {fix}"));
}

#[tokio::test]
async fn a_wrong_setting_of_the_store_is_refused() {
    let file = File::new();
    let store = session_core::StoreConfig::default().prefix("{tag}");
    assert!(line(file.config().store(store)).await.starts_with("SESSION_KEY_PREFIX: "));
    assert!(line(file.config().table("a b")).await.starts_with("table: "));
}

#[tokio::test]
async fn s36_debug_shows_neither_keys_nor_statements() {
    let file = File::new();
    let store = SqlStore::connect(file.url()).await.unwrap();
    let printed = format!("{store:?} {:?}", store.inner());
    assert!(printed.contains("sessions.db") && !printed.contains("SELECT"), "{printed}");
}
