#![doc = include_str!("../README.md")]

mod backend;
#[cfg(feature = "cluster")]
mod cluster;
mod config;
mod error;
mod flask;
mod link;
mod script;
mod store;
#[cfg(feature = "tls")]
mod tls;
mod value;

pub use backend::RedisBackend;
pub use config::RedisConfig;
/// The driver, for clients of your own.
pub use redis;
pub use store::RedisStore;
