#![doc = include_str!("../README.md")]
// Without a database there is nothing to do; it compiles all the same.
#![cfg_attr(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")), allow(dead_code))]

mod backend;
mod config;
mod connections;
mod dialect;
mod driver;
mod error;
mod flask;
mod migrations;
mod pools;
mod statement;
mod store;
mod sweep;
mod sweeper;

pub use backend::SqlBackend;
pub use config::{SqlConfig, Synchronous};
pub use pools::SqlPools;
pub use store::SqlStore;
