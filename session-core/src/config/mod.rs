//! Settings: plain data with safe defaults, checked when something is built from them.

mod compatibility;
mod cookie;
mod environment;
pub mod seconds;
mod secret;
mod sessions;
mod store;

pub use compatibility::Compatibility;
pub(crate) use compatibility::Use;
pub(crate) use cookie::CookieRules;
pub use cookie::{CookieConfig, SameSite};
pub use environment::Environment;
pub use secret::{DerivedKey, SecretKeys};
pub use sessions::{CommitOn, ConflictPolicy, CorruptPolicy, SessionConfig};
pub use store::StoreConfig;
