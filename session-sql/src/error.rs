//! What a driver's error means to the library, in words that hold no key, no value and no password.

use std::fmt;
use std::io::ErrorKind;

use session_core::{Error, Operation};

/// What an error of the database calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It may be otherwise in a moment: busy, full, gone.
    Away,
    /// Another call was faster, or the two stood in each other's way; the same may work at once, on the same connection.
    Contended,
    /// No answer came; a write may have been carried out.
    Late,
    /// It will not be otherwise.
    Refused,
    /// It will be when somebody has mended it.
    Setup {
        /// What is wrong.
        problem: &'static str,
        /// What to do.
        fix: &'static str,
    },
}

fn not_encrypted() -> Fault {
    Fault::setup(
        "the connection cannot be encrypted",
        "turn on TLS at the server, the feature `tls` here, and see that the server's certificate is trusted",
    )
}

impl Fault {
    pub(crate) fn setup(problem: &'static str, fix: &'static str) -> Self {
        Fault::Setup { problem, fix }
    }

    /// What an error means that does not come from the database itself.
    pub(crate) fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_) => Fault::Refused,
            sqlx::Error::Io(error) if error.kind() == ErrorKind::TimedOut => Fault::Late,
            sqlx::Error::Tls(_) => not_encrypted(),
            // What rustls finds wrong with a server's certificate.
            sqlx::Error::Io(error) if error.kind() == ErrorKind::InvalidData => not_encrypted(),
            // No free connection in time, a closed pool, a broken connection.
            _ => Fault::Away,
        }
    }

    /// The error of a call on the database called `name`.
    pub(crate) fn during(self, operation: Operation, name: &str, error: &sqlx::Error) -> Error {
        let cause = Cause { name: name.to_owned(), what: self.words(error) };
        match self {
            Fault::Away | Fault::Contended | Fault::Setup { .. } => Error::unavailable(operation, cause),
            Fault::Late => Error::Timeout { operation },
            Fault::Refused => Error::backend(operation, cause),
        }
    }

    /// The error of opening the database called `name`.
    pub(crate) fn opening(self, name: &str, error: &sqlx::Error) -> Error {
        match self {
            Fault::Setup { problem, fix } => Error::config("url", format!("{name}: {problem}"), fix),
            other => other.during(Operation::Connect, name, error),
        }
    }

    /// What is passed on of an error. A server's own words repeat keys and values: of them, the code is enough to look it up.
    fn words(&self, error: &sqlx::Error) -> String {
        match (self, error) {
            (Fault::Setup { problem, .. }, _) => (*problem).into(),
            (_, sqlx::Error::Database(error)) => match error.code() {
                Some(code) => format!("it answers with the error {code}"),
                None => "it answers with an error".into(),
            },
            (_, sqlx::Error::Io(error)) => error.to_string(),
            (_, sqlx::Error::PoolTimedOut) => "no connection is free".into(),
            (_, sqlx::Error::PoolClosed) => "its connections were closed".into(),
            (_, sqlx::Error::Protocol(_)) => "its answer cannot be read".into(),
            (_, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) => "its row cannot be read".into(),
            _ => "the driver gives up".into(),
        }
    }
}

/// The cause of an error: which database, and what.
#[derive(Debug)]
struct Cause {
    name: String,
    what: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.what)
    }
}

impl std::error::Error for Cause {}
