#![doc = include_str!("../README.md")]

mod backend;
mod config;
mod document;
mod error;
mod index;
mod place;
mod store;

pub use backend::MongoBackend;
pub use config::{Durability, MongoConfig};
pub use store::MongoStore;
