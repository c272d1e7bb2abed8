//! A server that both programs keep their sessions in.

use std::any::Any;
use std::sync::Arc;

use serde_json::{Value, json};
use session_testkit::server::{
    FlaskRelease, FlaskServer, MariadbServer, MemcachedServer, MongoServer, PostgresServer, RedisServer,
};

use crate::support::Server;

/// Long enough for this library's own use of it.
pub(crate) const KEY: &str = "a key for the tests, of more than 32 bytes";

/// Where it is, in either program's words.
pub(crate) struct Shared {
    pub(crate) name: &'static str,
    /// `SESSION_TYPE`.
    kind: &'static str,
    flask_url: String,
    pub(crate) url: String,
    _folder: Option<Arc<dyn Any + Send + Sync>>,
}

impl Shared {
    fn new(name: &'static str, kind: &'static str, flask_url: String, url: String) -> Self {
        Shared { name, kind, flask_url, url, _folder: None }
    }

    pub(crate) fn redis() -> Self {
        Self::on_redis(RedisServer::shared().url())
    }

    pub(crate) fn on_redis(url: &str) -> Self {
        Self::new("Redis", "redis", url.to_owned(), url.to_owned())
    }

    pub(crate) fn memcached() -> Self {
        let url = MemcachedServer::shared().url();
        let address = url.trim_start_matches("memcache://").trim_end_matches('/').to_owned();
        Self::new("Memcached", "memcached", address, url.to_owned())
    }

    pub(crate) fn mongodb() -> Self {
        let url = MongoServer::shared().url();
        Self::new("MongoDB", "mongodb", url.to_owned(), url.to_owned())
    }

    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sessions.sqlite3").display().to_string();
        let shared = Self::new("SQLite", "sqlalchemy", format!("sqlite:///{file}"), format!("sqlite://{file}"));
        Shared { _folder: Some(Arc::new(folder)), ..shared }
    }

    pub(crate) fn postgresql() -> Self {
        let url = PostgresServer::shared().database();
        let (_, rest) = url.split_once("://").unwrap();
        Self::new("PostgreSQL", "sqlalchemy", format!("postgresql+psycopg://{rest}"), url.clone())
    }

    pub(crate) fn mariadb() -> Self {
        let url = MariadbServer::shared().database();
        let (_, rest) = url.split_once("://").unwrap();
        Self::new("MariaDB", "sqlalchemy", format!("mysql+pymysql://{rest}"), url.clone())
    }

    /// A Flask application with Flask-Session 0.8.
    pub(crate) fn flask(&self) -> FlaskServer {
        self.flask_with(FlaskRelease::Current, json!({}))
    }

    /// One with further settings.
    pub(crate) fn flask_with(&self, release: FlaskRelease, more: Value) -> FlaskServer {
        let mut config = json!({ "SECRET_KEY": KEY });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        FlaskServer::with_backend(release, self.kind, &self.flask_url, &config)
    }

    /// The login page on the same sessions.
    pub(crate) fn login(&self) -> Server {
        self.login_with(&[])
    }

    /// With further settings.
    pub(crate) fn login_with(&self, environment: &[(&str, &str)]) -> Server {
        let all = [&[("SECRET_KEY", KEY)], environment].concat();
        Server::start_with(&["--demo-routes", "--flask-session", "--store", &self.url], &all)
    }
}
