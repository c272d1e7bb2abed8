#![doc = include_str!("../README.md")]

mod config;
mod head;
#[cfg(test)]
mod mutated;
mod seal;
mod store;

pub use config::{CookieStoreConfig, Sealing};
pub use store::CookieStore;
