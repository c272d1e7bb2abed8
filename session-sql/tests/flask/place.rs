//! A database, and another program's view of it.

use std::time::Duration;

use session_core::{Codec, StoreConfig};
use session_flask::FlaskLayout;
use session_sql::{SqlBackend, SqlConfig, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use tempfile::TempDir;

/// An empty database.
pub(crate) enum Place {
    Sqlite(TempDir),
    #[cfg(feature = "postgres")]
    Postgres {
        url: String,
        pooler: bool,
    },
    #[cfg(feature = "mysql")]
    Mariadb(String),
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Place::Sqlite(tempfile::tempdir().unwrap())
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Self {
        Place::Postgres { url: session_testkit::server::PostgresServer::shared().database(), pooler: false }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn pooled() -> Self {
        Place::Postgres { url: session_testkit::server::PgBouncer::shared().database(), pooler: true }
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn mariadb() -> Self {
        Place::Mariadb(session_testkit::server::MariadbServer::shared().database())
    }

    /// What SQLAlchemy calls it.
    pub(crate) fn dialect(&self) -> &'static str {
        match self {
            Place::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Place::Postgres { .. } => "postgresql",
            #[cfg(feature = "mysql")]
            Place::Mariadb(_) => "mysql",
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Place::Sqlite(folder) => format!("sqlite://{}/flask.db", folder.path().display()),
            #[cfg(feature = "postgres")]
            Place::Postgres { url, .. } => url.clone(),
            #[cfg(feature = "mysql")]
            Place::Mariadb(url) => url.clone(),
        }
    }

    /// Where SQLAlchemy finds it.
    pub(crate) fn sqlalchemy_url(&self) -> String {
        match self {
            Place::Sqlite(folder) => format!("sqlite:///{}/flask.db", folder.path().display()),
            #[cfg(feature = "postgres")]
            Place::Postgres { url, .. } => url.replace("postgres://", "postgresql+psycopg://"),
            #[cfg(feature = "mysql")]
            Place::Mariadb(url) => url.replace("mysql://", "mysql+pymysql://"),
        }
    }

    /// Flask-Session's table here, patiently: the machine has other things to do.
    pub(crate) fn config(&self, layout: FlaskLayout) -> SqlConfig {
        let store = StoreConfig::default().layout(layout).call_timeout(Duration::from_secs(20));
        let config = SqlConfig::new(self.url()).store(store).acquire_timeout(Duration::from_secs(10));
        // What is expired by a moved clock is swept by nobody.
        let config = config.max_connections(4).sweep_interval(Duration::from_secs(86_400));
        match self {
            #[cfg(feature = "postgres")]
            Place::Postgres { pooler, .. } => config.transaction_pooler(*pooler),
            _ => config,
        }
    }

    pub(crate) async fn store_with(&self, codec: Codec) -> SqlStore {
        SqlStore::connect_with(self.config(FlaskLayout::default().codec(codec))).await.unwrap()
    }

    pub(crate) async fn store(&self) -> SqlStore {
        self.store_with(Codec::MessagePack).await
    }

    pub(crate) async fn backend(&self) -> SqlBackend {
        SqlBackend::connect(&self.config(FlaskLayout::default())).await.unwrap()
    }

    /// What another program's statement is answered: rows of columns between `|`.
    pub(crate) async fn ask(&self, sql: &str) -> String {
        match self {
            Place::Sqlite(folder) => {
                let options = SqliteConnectOptions::new().filename(folder.path().join("flask.db"));
                let mut connection = options.create_if_missing(true).connect().await.unwrap();
                let answer = ask_sqlite(&mut connection, sql).await;
                connection.close().await.unwrap();
                answer
            }
            #[cfg(feature = "postgres")]
            Place::Postgres { url, .. } => session_testkit::server::PostgresServer::ask_at(url, sql),
            #[cfg(feature = "mysql")]
            Place::Mariadb(url) => session_testkit::server::MariadbServer::ask_at(url, sql).replace('\t', "|"),
        }
    }

    /// Bytes in a statement.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.dialect() {
            "postgresql" => format!("decode('{hex}', 'hex')"),
            _ => format!("x'{hex}'"),
        }
    }

    /// A column of bytes as hexadecimal digits in lower case.
    pub(crate) fn hex(&self, column: &str) -> String {
        match self.dialect() {
            "postgresql" => format!("encode({column}, 'hex')"),
            _ => format!("lower(hex({column}))"),
        }
    }

    /// The end of a session in so many seconds from now, in a statement, as Flask-Session writes it.
    pub(crate) fn expiry(&self, seconds: i64) -> String {
        match self.dialect() {
            "sqlite" => format!("strftime('%Y-%m-%d %H:%M:%f', 'now', '{seconds} seconds') || '678'"),
            "postgresql" => format!("timezone('UTC', now()) + {seconds} * interval '1 second'"),
            _ => format!("utc_timestamp() + INTERVAL {seconds} SECOND"),
        }
    }

    /// A row as Flask-Session would write it; `expiry` as [`Place::expiry`] or NULL.
    pub(crate) async fn plant(&self, session_id: &str, data: &[u8], expiry: &str) {
        self.ask(&self.row(session_id, data, expiry)).await;
    }

    /// The same, and no other row is left.
    pub(crate) async fn plant_alone(&self, session_id: &str, data: &[u8], expiry: &str) {
        self.ask(&format!("DELETE FROM sessions; {}", self.row(session_id, data, expiry))).await;
    }

    fn row(&self, session_id: &str, data: &[u8], expiry: &str) -> String {
        let data = self.bytes(data);
        format!("INSERT INTO sessions (session_id, data, expiry) VALUES ('{session_id}', {data}, {expiry})")
    }
}

async fn ask_sqlite(connection: &mut SqliteConnection, sql: &str) -> String {
    let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap();
    let column = |row: &sqlx::sqlite::SqliteRow, at: usize| {
        if row.try_get_raw(at).unwrap().is_null() {
            return String::new();
        }
        match row.try_get_raw(at).unwrap().type_info().name() {
            "INTEGER" => row.get::<i64, _>(at).to_string(),
            _ => row.get::<String, _>(at),
        }
    };
    let line = |row: &sqlx::sqlite::SqliteRow| {
        let columns = row.columns().iter().map(|known| column(row, known.ordinal()));
        columns.collect::<Vec<_>>().join("|")
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
