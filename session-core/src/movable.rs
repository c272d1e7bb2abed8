//! What a store can do between which sessions are to move.

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::record::Record;
use crate::store::{Attempt, SessionStore, Written};
use crate::token::{Locator, Token, Version};

/// A store that keeps sessions under keys, so that one can be moved to it or away from it under the token that it has:
/// [`AdoptingStore`](crate::AdoptingStore). Every [`ServerSide`](crate::ServerSide) is one.
#[async_trait]
pub trait Movable: SessionStore {
    /// Where the session of a token lies, or would lie.
    fn place(&self, token: &Token) -> Locator;

    /// Stores a session at a place where nothing lives; `None` where something does. Harmless to repeat.
    ///
    /// # Errors
    /// An outage; [`Error::TooLarge`](crate::Error::TooLarge) for a record that it does not take.
    async fn put(&self, at: &Locator, record: &Record, deadline: Timestamp) -> Result<Option<Written>>;

    /// Retires an id whose session goes on at another place, which may be in another store: exactly the version seen. The id is
    /// remembered `until` then, or as long as after a rotation. Harmless to repeat.
    ///
    /// Lookups and refusals then name `heir.at` as the successor, and that locator carries `heir.version`.
    ///
    /// # Errors
    /// An outage.
    async fn hand_over(
        &self,
        at: &Locator,
        seen: &Version,
        heir: &Written,
        until: Option<Timestamp>,
    ) -> Result<Attempt>;
}
