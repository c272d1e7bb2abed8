//! What an operator wants to see: how often what happened.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $(pub(crate) $name: Counter),* }

        /// How often what has happened since the start.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts { $($(#[$doc])* pub $name: u64),* }

        impl Counters {
            pub(crate) fn read(&self) -> Counts {
                Counts { $($name: self.$name.0.load(Ordering::Relaxed)),* }
            }
        }
    };
}

counters! {
    /// Calls to the backend, repeats included.
    store_calls,
    /// Calls that ended in an error.
    store_failures,
    /// Of these, calls that did not end in time.
    store_timeouts,
    /// Calls that were repeated.
    store_repeats,
    /// Cookies of the session's name that no token of the store can look like.
    malformed,
    /// Well-formed tokens that opened nothing.
    unknown,
    /// Requests that arrived with an id that was rotated.
    retired,
    /// Records that could not be read.
    corrupt,
    /// Change logs that were replayed on a fresher session.
    replays,
    /// Changes that were refused because another request was faster.
    refused,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
