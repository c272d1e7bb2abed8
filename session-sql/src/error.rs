//! What a driver's error means to the library.

use session_core::{Error, Operation};

/// What an error of the database calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It may be otherwise in a moment: busy, full, gone.
    Away,
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

impl Fault {
    pub(crate) fn setup(problem: &'static str, fix: &'static str) -> Self {
        Fault::Setup { problem, fix }
    }

    /// What an error means that does not come from the database itself.
    pub(crate) fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_) => Fault::Refused,
            // No free connection in time, a closed pool, a broken connection.
            _ => Fault::Away,
        }
    }

    /// The error of a call. What SQLite reports names tables, columns and codes, and no values.
    pub(crate) fn during(self, operation: Operation, error: sqlx::Error) -> Error {
        match self {
            Fault::Away | Fault::Setup { .. } => Error::unavailable(operation, error),
            Fault::Refused => Error::backend(operation, error),
        }
    }

    /// The error of opening the database called `name`.
    pub(crate) fn opening(self, name: &str, error: sqlx::Error) -> Error {
        match self {
            Fault::Setup { problem, fix } => Error::config("url", format!("{name}: {problem}"), fix),
            other => other.during(Operation::Connect, error),
        }
    }
}
