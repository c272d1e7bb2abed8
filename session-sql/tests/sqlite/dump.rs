//! What a thief of the file has.

use session_core::{CookieAction, SessionConfig, Sessions};
use session_sql::{SqlPools, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::common::File;

#[tokio::test]
async fn s34_the_file_contains_no_token() {
    let file = File::new();
    let options = SqliteConnectOptions::new().filename(file.path()).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let store = SqlStore::new(SqlPools::sqlite(pool.clone(), pool.clone()), file.config()).await.unwrap();
    let sessions = Sessions::new(store, SessionConfig::default()).unwrap();
    let mut tokens = Vec::new();
    for visitor in 0..50 {
        let session = sessions.fresh();
        session.set("username", format!("visitor {visitor}")).unwrap();
        tokens.push(token(&sessions, &session).await);
        // Rotated once, so that there are markers, too.
        let session = sessions.open([tokens[tokens.len() - 1].as_str()]).await.unwrap();
        session.rotate();
        tokens.push(token(&sessions, &session).await);
    }
    // Reading a file that this process's SQLite has open would drop SQLite's locks.
    pool.close().await;
    let dump = std::fs::read(file.path()).unwrap();
    let contains = |text: &str| dump.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(contains("session:") && contains("visitor 49"), "the sessions are in the file");
    assert!(!tokens.iter().any(|token| contains(token)), "a token is in the file");
}

async fn token(sessions: &Sessions, session: &session_core::Session) -> String {
    let committed = sessions.commit(session).await;
    committed.result.unwrap();
    let CookieAction::Set { token, .. } = committed.cookie else { panic!("a new id has a cookie") };
    token.expose().to_owned()
}
