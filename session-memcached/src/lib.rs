#![doc = include_str!("../README.md")]

mod backend;
mod client;
mod config;
mod error;
mod flask;
mod item;
mod memo;
mod servers;
mod store;

pub use backend::MemcachedBackend;
pub use client::{AsyncMetaClient, MemcachedClient};
pub use config::MemcachedConfig;
pub use store::MemcachedStore;
