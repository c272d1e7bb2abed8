//! What a driver's error means to the library, without the key that the driver puts into it.

use std::io;

use session_core::{Error, Operation};

/// What went wrong with a command.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The connection failed.
    Io(io::Error),
    /// No answer in time, or no free connection.
    TimedOut,
    /// The server answered that it can't, and why.
    Refused(&'static str),
}

/// The cause of an error: which server, and what to look at. Never the driver's own error, which prints the key.
#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("no connection to {server}: is memcached running there, and reachable?")]
    Unreachable { server: String, source: io::Error },
    #[error("{server}: {reason}")]
    Refused { server: String, reason: &'static str },
}

impl Fault {
    /// The error of an operation that met this fault at `server`.
    pub(crate) fn during(self, operation: Operation, server: &str) -> Error {
        let server = server.to_owned();
        match self {
            Fault::TimedOut => Error::Timeout { operation },
            Fault::Io(source) => Error::unavailable(operation, Cause::Unreachable { server, source }),
            Fault::Refused(reason) => Error::backend(operation, Cause::Refused { server, reason }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn s59_an_error_names_the_server_and_what_to_look_at() {
        let error = Fault::Io(io::ErrorKind::ConnectionRefused.into()).during(Operation::Get, "cache:11211");
        assert!(error.is_outage());
        let cause = error.source().unwrap();
        assert_eq!(cause.to_string(), "no connection to cache:11211: is memcached running there, and reachable?");
        assert_eq!(cause.source().unwrap().to_string(), "connection refused");
        let error = Fault::Refused("full").during(Operation::Swap, "cache:11211");
        assert_eq!(error.source().unwrap().to_string(), "cache:11211: full");
        assert!(matches!(Fault::TimedOut.during(Operation::Swap, "cache"), Error::Timeout { .. }));
    }
}
