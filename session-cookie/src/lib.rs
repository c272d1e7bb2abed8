#![doc = include_str!("../README.md")]

mod config;
mod head;
#[cfg(test)]
mod mutated;
mod seal;
mod store;

pub use config::{CookieStoreConfig, Sealing};
#[cfg(feature = "flask")]
pub use session_flask;
pub use store::CookieStore;
