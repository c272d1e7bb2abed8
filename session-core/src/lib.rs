#![doc = include_str!("../README.md")]

mod adopting;
mod backend;
mod clock;
mod config;
mod counters;
mod door;
mod error;
mod key;
mod layout;
mod memory;
mod movable;
mod patience;
pub mod plan;
mod record;
mod server_side;
mod session;
mod sessions;
mod setters;
mod store;
mod token;
mod versions;
mod wraps;

pub use adopting::AdoptingStore;
pub use backend::{AtomicRename, Backend, Entry, Marker, Removed, Rename, Stored, Swapped};
pub use clock::{Clock, SystemClock, Timestamp};
pub use config::{
    CommitOn, Compatibility, ConflictPolicy, CookieConfig, CorruptPolicy, DerivedKey, Environment, SameSite,
    SecretKeys, SessionConfig, StoreConfig, seconds,
};
pub use counters::Counts;
pub use error::{Cause, Error, Operation, Result};
pub use key::{Key, KeyName, ReadKey, WriteKey};
pub use layout::{Layout, Shape};
pub use memory::{MemoryBackend, MemoryStore};
pub use movable::Movable;
pub use record::{Codec, Life, Record, Value};
pub use server_side::ServerSide;
pub use session::{Flash, Session};
pub use sessions::{Committed, CookieAction, Report, SessionCookie, Sessions};
pub use store::{Attempt, Binding, Capabilities, Deleted, Loaded, Lookup, SessionStore, Written};
pub use token::{Locator, LogId, RecordKey, SessionBinding, Token, Version};
pub use wraps::Wraps;
