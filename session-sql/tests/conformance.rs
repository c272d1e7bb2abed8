//! The promises: on SQLite in a file that two stores share, as two processes would, and in memory; on PostgreSQL, directly and
//! behind a pooler in transaction mode; on MariaDB.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicU32, Ordering};

use session_sql::{SqlBackend, SqlConfig, SqlPools};
use session_testkit::Fixture;
use sqlx::SqlitePool;

async fn open(url: &str) -> SqlBackend {
    SqlBackend::connect(&SqlConfig::new(url)).await.unwrap()
}

/// Two stores with connections of their own to one database, and one to a place where nobody answers.
#[cfg(any(feature = "postgres", feature = "mysql"))]
async fn on_a_server(config: SqlConfig, broken: &str) -> Fixture<SqlBackend> {
    use std::time::Duration;
    // 16 MiB take their time on a machine that has other things to do. Each test has connections of its own: few suffice.
    let patient = session_core::StoreConfig::default().call_timeout(Duration::from_secs(20));
    let config = config.table(own_table()).store(patient).acquire_timeout(Duration::from_secs(10)).max_connections(4);
    let connect = async |config: &SqlConfig| SqlBackend::connect(config).await.unwrap();
    let broken = SqlConfig::new(format!("{broken}://127.0.0.1:{}/none", session_testkit::server::free_port()));
    Fixture::new(connect(&config).await).peer(connect(&config).await).broken(connect(&broken).await)
}

/// A name that no other test has: a table takes less room than a database.
#[allow(dead_code)] // Without a server.
fn own_table() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("sessions_{}", NEXT.fetch_add(1, Ordering::Relaxed))
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

#[cfg(feature = "postgres")]
mod postgres {
    use super::*;
    use session_testkit::server::PostgresServer;
    use std::sync::LazyLock;

    static DATABASE: LazyLock<String> = LazyLock::new(|| PostgresServer::shared().database());

    async fn direct() -> Fixture<SqlBackend> {
        on_a_server(SqlConfig::new(DATABASE.as_str()), "postgres").await
    }

    session_testkit::conformance! { fixture: direct, lacks: [] }
}

#[cfg(feature = "postgres")]
mod postgres_behind_a_pooler {
    use super::*;
    use session_testkit::server::PgBouncer;
    use std::sync::LazyLock;

    static DATABASE: LazyLock<String> = LazyLock::new(|| PgBouncer::shared().database());

    async fn pooled() -> Fixture<SqlBackend> {
        on_a_server(SqlConfig::new(DATABASE.as_str()).transaction_pooler(true), "postgres").await
    }

    session_testkit::conformance! { fixture: pooled, lacks: [] }
}

#[cfg(feature = "mysql")]
mod mariadb {
    use super::*;
    use session_testkit::server::MariadbServer;
    use std::sync::LazyLock;

    static DATABASE: LazyLock<String> = LazyLock::new(|| MariadbServer::shared().database());

    async fn direct() -> Fixture<SqlBackend> {
        on_a_server(SqlConfig::new(DATABASE.as_str()), "mysql").await
    }

    session_testkit::conformance! { fixture: direct, lacks: [] }
}
