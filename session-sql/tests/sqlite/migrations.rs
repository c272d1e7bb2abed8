//! Several at once, several tables, and what is not ours.

use session_core::Backend;
use session_sql::SqlBackend;

use crate::common::{File, key, now, payload, stored};

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn eight_stores_at_once_make_one_table() {
    for _ in 0..10 {
        let file = File::new();
        let opening = (0..8).map(|_| {
            let config = file.config();
            tokio::spawn(async move { SqlBackend::connect(&config).await.unwrap() })
        });
        let mut backends = Vec::new();
        for task in opening.collect::<Vec<_>>() {
            backends.push(task.await.unwrap());
        }
        let key = key();
        assert!(backends[0].insert(&key, &stored(b"one table"), now()).await.unwrap());
        for backend in &backends {
            assert_eq!(payload(backend, &key).await.unwrap(), b"one table");
        }
    }
}

#[tokio::test]
async fn two_tables_in_one_file_know_nothing_of_each_other() {
    let file = File::new();
    let one = SqlBackend::connect(&file.config().table("one")).await.unwrap();
    let two = SqlBackend::connect(&file.config().table("two")).await.unwrap();
    let key = key();
    assert!(one.insert(&key, &stored(b"1"), now()).await.unwrap());
    assert!(two.insert(&key, &stored(b"2"), now()).await.unwrap());
    assert_eq!(payload(&one, &key).await.unwrap(), b"1");
    assert_eq!(payload(&two, &key).await.unwrap(), b"2");
}

#[tokio::test]
async fn a_second_start_keeps_what_is_there() {
    let (file, key) = (File::new(), key());
    assert!(file.backend().await.insert(&key, &stored(b"still here"), now()).await.unwrap());
    assert_eq!(payload(&file.backend().await, &key).await.unwrap(), b"still here");
    // SQLite takes these two names for one.
    let shouted = SqlBackend::connect(&file.config().table("SESSIONS")).await.unwrap();
    assert_eq!(payload(&shouted, &key).await.unwrap(), b"still here");
}

#[tokio::test]
async fn a_table_of_a_newer_version_is_left_alone() {
    let file = File::new();
    drop(file.backend().await);
    sqlx::query("UPDATE session_schema SET form = 99").execute(&file.foreign().await).await.unwrap();
    let refused = SqlBackend::connect(&file.config()).await.unwrap_err().to_string();
    assert_eq!(refused, r#"table: "sessions" was made by a newer version of session-sql; update this program"#);
}

#[tokio::test]
async fn somebody_elses_table_is_left_alone() {
    let file = File::new();
    let foreign = file.foreign().await;
    sqlx::query("CREATE TABLE Sessions (mine TEXT)").execute(&foreign).await.unwrap();
    let refused = SqlBackend::connect(&file.config()).await.unwrap_err().to_string();
    assert_eq!(refused, r#"table: "sessions" is something else's name in this database; choose another name"#);
    let rows = sqlx::query("SELECT mine FROM Sessions").fetch_all(&foreign).await.unwrap();
    assert!(rows.is_empty());
    assert!(SqlBackend::connect(&file.config().table("web_sessions")).await.is_ok());
}
