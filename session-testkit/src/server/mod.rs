//! Real servers for tests: private ones on free loopback ports, that end with the test whatever becomes of it, and a proxy that
//! makes their network worse.
//!
//! A backend's test asks [`Source::find`] where its server comes from: a URL in the environment, else a program that is
//! installed here, else a container (feature `containers`). Without any it fails and says how to get one; nothing is ever
//! skipped in silence. `SESSION_TEST_VIA` set to `url`, `native` or `containers` forces one way. What a test kills or freezes
//! is always a program.
//!
//! ```
//! use session_testkit::server::{Process, Recipe};
//!
//! // A server is told its port and its folder, and is ready when it says so.
//! let recipe = Recipe::new(|place| {
//!     let mut command = std::process::Command::new("python3");
//!     command.args(["-m", "http.server", "--bind", "127.0.0.1", &place.port.to_string()]).current_dir(&place.folder);
//!     command
//! });
//! let server = Process::start(recipe);
//! assert!(std::net::TcpStream::connect(server.address()).is_ok());
//! ```

mod certificate;
#[cfg(feature = "containers")]
mod container;
#[cfg(not(feature = "containers"))]
#[path = "no_container.rs"]
mod container;
mod flask;
mod image;
mod mariadb;
mod memcached;
mod mongodb;
mod native;
mod postgres;
mod proxy;
mod redis;
mod running;
mod source;

pub use certificate::Certificate;
pub use container::Container;
pub use flask::{FlaskAnswer, FlaskRelease, FlaskServer};
pub use image::Image;
pub use mariadb::MariadbServer;
pub use memcached::MemcachedServer;
pub use mongodb::MongoServer;
pub use native::{Place, Process, Recipe, free_port};
pub use postgres::{PgBouncer, PostgresServer};
pub use proxy::{Proxy, Traffic};
pub use redis::{RedisCluster, RedisServer};
pub use source::{Kind, Source};
