//! Settings: plain data with safe defaults, checked when something is built from them.

mod cookie;
mod environment;
mod secret;
mod seconds;
mod sessions;
mod store;

pub use cookie::{CookieConfig, SameSite};
pub(crate) use cookie::CookieRules;
pub use environment::Environment;
pub use secret::{DerivedKey, SecretKeys};
pub use sessions::{CommitOn, ConflictPolicy, CorruptPolicy, SessionConfig};
pub use store::StoreConfig;
