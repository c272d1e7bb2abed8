//! What the driver's errors mean to the library.
//!
//! They never become the cause of one of ours: a duplicate key's error prints the key, that of a command which is not allowed
//! prints the command, and `Debug` prints whole replies of the server. What is passed on is said in words of our own.

use std::io;

use mongodb::error::{ErrorKind, WriteFailure};
use session_core::{Error, Operation};

/// An error of the driver without anything secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Report {
    #[error("no MongoDB server that takes writes was found at {hosts} in time: {reason}")]
    NoServer { hosts: String, reason: &'static str },
    #[error("the connection to {hosts} broke: {kind}")]
    Broken { hosts: String, kind: io::ErrorKind },
    #[error("{hosts} refused the user or the password: check both in the URL, and its authSource")]
    Login { hosts: String },
    #[error("{hosts} does not let this user do that: grant the role readWrite on the database")]
    Forbidden { hosts: String },
    #[error("the primary gave up being one, or is not one yet (error {code})")]
    NoPrimary { code: i32 },
    #[error("not enough members of the replica set confirmed the write in time (error {code})")]
    Unconfirmed { code: i32 },
    #[error("the server is in no state to do it (error {code})")]
    Busy { code: i32 },
    #[error("the key is there already")]
    Duplicate,
    #[error("the server answered with error {code}")]
    Refused { code: i32 },
    #[error("the driver failed: {problem}")]
    Driver { problem: &'static str },
}

impl Report {
    /// What this error of the driver says.
    pub(crate) fn of(error: &mongodb::error::Error, hosts: &str) -> Self {
        let hosts = || hosts.to_owned();
        match &*error.kind {
            ErrorKind::Authentication { .. } => Report::Login { hosts: hosts() },
            ErrorKind::ServerSelection { message, .. } => Report::NoServer { hosts: hosts(), reason: reason(message) },
            ErrorKind::DnsResolve { .. } => Report::NoServer { hosts: hosts(), reason: "the DNS does not know it" },
            ErrorKind::Io(cause) => Report::Broken { hosts: hosts(), kind: cause.kind() },
            ErrorKind::ConnectionPoolCleared { .. } => {
                Report::Broken { hosts: hosts(), kind: io::ErrorKind::ConnectionAborted }
            }
            ErrorKind::Command(command) => Report::answered(command.code, hosts()),
            ErrorKind::Write(WriteFailure::WriteError(write)) => Report::answered(write.code, hosts()),
            ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => Report::Unconfirmed { code: concern.code },
            ErrorKind::Shutdown => Report::Driver { problem: "the client was shut down" },
            ErrorKind::InvalidTlsConfig { .. } => Report::Driver { problem: "its TLS settings cannot be used" },
            ErrorKind::IncompatibleServer { .. } => {
                Report::Driver { problem: "the server is too old or too new for it" }
            }
            ErrorKind::InvalidResponse { .. } => Report::Driver { problem: "it cannot read the server's answer" },
            _ => Report::Driver { problem: "it refused the call" },
        }
    }

    fn answered(code: i32, hosts: String) -> Self {
        match code {
            11000 | 11001 => Report::Duplicate,
            13 => Report::Forbidden { hosts },
            18 => Report::Login { hosts },
            // NotWritablePrimary and its relatives, interrupted by a shutdown or a step-down, PrimarySteppedDown.
            10107 | 13435 | 10058 | 11600 | 11602 | 13436 | 189 | 91 => Report::NoPrimary { code },
            // Host unreachable or not found, time limit, interrupted, network time-out, write conflict, majority not
            // available, limit exceeded, disk full, socket.
            6 | 7 | 50 | 11601 | 89 | 112 | 134 | 262 | 14031 | 9001 => Report::Busy { code },
            _ => Report::Refused { code },
        }
    }

    /// The error of a call.
    pub(crate) fn during(self, operation: Operation) -> Error {
        match self {
            Report::NoServer { .. } | Report::Broken { .. } | Report::NoPrimary { .. } | Report::Busy { .. } => {
                Error::unavailable(operation, self)
            }
            // It was carried out on the primary and may yet be taken back there: an answer that was lost, in effect.
            Report::Unconfirmed { .. } => Error::Timeout { operation },
            _ => Error::backend(operation, self),
        }
    }
}

/// Why no server was found. The driver's text names the state of each server at length, so only what is known is taken from it.
fn reason(message: &str) -> &'static str {
    const KNOWN: &[(&str, &str)] = &[
        ("onnection refused", "the connection was refused; is the server running, and the port right?"),
        ("lookup address", "the host's name is not known"),
        ("certificate", "the server's certificate cannot be trusted"),
        ("tls", "TLS failed"),
        ("RSGhost", "the replica set was not initiated"),
        ("ReplicaSetNoPrimary", "the replica set has no primary, or not this name"),
        ("criteria", "no member of the replica set is the primary"),
    ];
    let known = KNOWN.iter().find(|(text, _)| message.contains(text));
    known.map_or("none answered", |(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s49_what_may_pass_by_itself_is_an_outage_worth_repeating_and_the_rest_is_not() {
        let during = |code| Report::answered(code, "db".into()).during(Operation::Swap);
        for code in [10107, 189, 91, 11602, 7, 9001, 112] {
            assert!(matches!(during(code), Error::Unavailable { .. }), "{code}");
        }
        for code in [13, 18, 10334, 2, 59] {
            assert!(matches!(during(code), Error::Backend { .. }), "{code}");
        }
        let unconfirmed = Report::Unconfirmed { code: 64 }.during(Operation::Swap);
        assert!(matches!(unconfirmed, Error::Timeout { .. }));
    }

    #[test]
    fn s59_the_line_says_what_to_mend() {
        let line = Report::Login { hosts: "db:1".into() }.to_string();
        assert_eq!(line, "db:1 refused the user or the password: check both in the URL, and its authSource");
        assert!(reason("… Connection refused (os error 111) …").starts_with("the connection was refused"));
        assert_eq!(reason("anything else"), "none answered");
    }
}
