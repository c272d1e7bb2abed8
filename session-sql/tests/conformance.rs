//! The promises, on SQLite: in a file that two stores share, as two processes would, and in memory.
#![allow(clippy::unwrap_used)]

use session_sql::{SqlBackend, SqlConfig, SqlPools};
use session_testkit::Fixture;
use sqlx::SqlitePool;

async fn open(url: &str) -> SqlBackend {
    SqlBackend::connect(&SqlConfig::new(url)).await.unwrap()
}

/// A database that has gone away.
async fn gone() -> SqlBackend {
    let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
    let backend = SqlBackend::new(SqlPools::sqlite(pool.clone(), pool.clone()), &SqlConfig::default()).await;
    pool.close().await;
    backend.unwrap()
}

mod in_a_file {
    use super::*;

    async fn file() -> Fixture<SqlBackend> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/sessions.db", folder.path().display());
        Fixture::new(open(&url).await).peer(open(&url).await).broken(gone().await).keep(folder)
    }

    session_testkit::conformance! { fixture: file, lacks: [] }
}

mod in_memory {
    use super::*;

    async fn memory() -> Fixture<SqlBackend> {
        Fixture::new(open("sqlite::memory:").await).broken(gone().await)
    }

    session_testkit::conformance! { fixture: memory, lacks: [] }
}
