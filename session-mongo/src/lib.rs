#![doc = include_str!("../README.md")]

mod backend;
mod config;
mod document;
mod error;
mod flask;
mod index;
mod place;
mod store;
mod sweep;

pub use backend::MongoBackend;
pub use config::{Durability, MongoConfig};
pub use store::MongoStore;
