//! What can go wrong, each with its cause.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// The cause of an error, as its driver reported it.
pub type Cause = Box<dyn StdError + Send + Sync + 'static>;

/// What this library's fallible calls return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The step of a store's work that an error belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Opening the connection.
    Connect,
    /// Reading a record.
    Get,
    /// Writing a new record.
    Insert,
    /// Replacing a record.
    Swap,
    /// Moving a deadline.
    Touch,
    /// Moving a record to a new id.
    Rename,
    /// Removing a record.
    Remove,
    /// Removing expired records.
    Sweep,
    /// Drawing random bytes.
    Random,
}

impl Operation {
    /// The step in lower case, as it stands in errors and spans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Operation::Connect => "connect",
            Operation::Get => "get",
            Operation::Insert => "insert",
            Operation::Swap => "swap",
            Operation::Touch => "touch",
            Operation::Rename => "rename",
            Operation::Remove => "remove",
            Operation::Sweep => "sweep",
            Operation::Random => "random",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything that can go wrong with a session.
///
/// What a client sends is never an error: an unknown, expired or forged cookie is "no session". No variant ever holds a
/// token, a key at rest, a stored value or a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store could not be reached, or refused for now. Answered as 503: an outage is never a logout.
    #[error("the session store is not available ({operation})")]
    Unavailable {
        /// What was being done.
        operation: Operation,
        /// The driver's error.
        source: Cause,
    },
    /// The store did not answer in time; a write may or may not have been carried out.
    #[error("the session store did not answer in time ({operation})")]
    Timeout {
        /// What was being done.
        operation: Operation,
    },
    /// The store answered with an error that trying again will not mend.
    #[error("the session store refused ({operation})")]
    Backend {
        /// What was being done.
        operation: Operation,
        /// The driver's error.
        source: Cause,
    },
    /// The session was changed meanwhile in a way that this change cannot be merged with; nothing was stored.
    #[error("the session was changed by another request; nothing was stored")]
    Conflict,
    /// The session ended meanwhile (logout, expiry); nothing was stored, nothing is brought back.
    #[error("the session ended during the request; nothing was stored")]
    Gone,
    /// The session moved to a new id meanwhile (a login); a change under the old id is refused.
    #[error("the session moved to a new id during the request; nothing was stored")]
    Retired,
    /// The store holds something that is no session record; it is left as it is.
    #[error("the stored session cannot be read: {reason}")]
    Corrupt {
        /// What is wrong with it, never a part of it.
        reason: &'static str,
    },
    /// A value that cannot be stored under this key, or is not of the wanted type.
    #[error("session key {key:?}: {problem}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong, and what was wanted.
        problem: Cow<'static, str>,
    },
    /// The key is not in the session (Python's `KeyError`).
    #[error("the session has no key {key:?}")]
    MissingKey {
        /// The key.
        key: String,
    },
    /// The session is larger than its store or cookie takes; nothing was sent, the stored session is as it was.
    #[error("the session's {what} would be {size}, the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size (bytes, or keys).
        size: usize,
        /// What is allowed.
        limit: usize,
    },
    /// The change needs a cookie, but the response's head has already been sent.
    #[error("the response's head was sent before this change, which needs a cookie")]
    HeadSent,
    /// A setting that cannot be right.
    #[error("{field}: {problem}; {fix}")]
    Config {
        /// The setting.
        field: Cow<'static, str>,
        /// What is wrong with it.
        problem: Cow<'static, str>,
        /// What to do.
        fix: Cow<'static, str>,
    },
}

impl Error {
    /// A store that could not be reached.
    pub fn unavailable(operation: Operation, source: impl Into<Cause>) -> Self {
        Error::Unavailable { operation, source: source.into() }
    }

    /// A store that answered with an error.
    pub fn backend(operation: Operation, source: impl Into<Cause>) -> Self {
        Error::Backend { operation, source: source.into() }
    }

    /// A setting that cannot be right, and how to mend it.
    pub fn config(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
        fix: impl Into<Cow<'static, str>>,
    ) -> Self {
        Error::Config { field: field.into(), problem: problem.into(), fix: fix.into() }
    }

    pub(crate) fn random(source: getrandom::Error) -> Self {
        Error::unavailable(Operation::Random, source)
    }

    pub(crate) fn value(key: &str, problem: impl Into<Cow<'static, str>>) -> Self {
        Error::Value { key: key.to_owned(), problem: problem.into() }
    }

    /// True where the store could not answer: [`Unavailable`](Error::Unavailable), [`Timeout`](Error::Timeout) or
    /// [`Backend`](Error::Backend). The visitor should try again (HTTP 503).
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Error::Unavailable { .. } | Error::Timeout { .. } | Error::Backend { .. })
    }

    /// True where another request was faster and this one's change was refused (HTTP 409).
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self, Error::Conflict | Error::Gone | Error::Retired)
    }

    /// True where the same call may succeed at once: a broken connection, a lost answer.
    pub(crate) const fn is_transient(&self) -> bool {
        matches!(self, Error::Unavailable { .. } | Error::Timeout { .. })
    }
}
