//! What a driver's error means to the library, in words that hold no key, no value and no password.

use std::borrow::Cow;
use std::fmt;

use redis::{ErrorKind, RedisError};
use session_core::{Error, Operation};

/// The cause of an error: where, and what. The driver's own error is not passed on: an old server's repeats the arguments of a
/// command that it does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    place: String,
    what: Cow<'static, str>,
    meaning: Meaning,
}

/// What an error calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It may be otherwise in a moment.
    Away,
    /// No answer came; a write may have been carried out.
    Late,
    /// It will be otherwise when somebody has mended it.
    Setup,
    /// It will not be otherwise.
    Refused,
    /// What lies there is not ours.
    Foreign,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    pub(crate) fn new(place: &str, error: &RedisError) -> Self {
        let (meaning, what) = meaning(error);
        Fault { place: place.to_owned(), what, meaning }
    }

    /// An answer that no script of ours gives.
    pub(crate) fn no_answer(place: &str) -> Self {
        Fault { place: place.to_owned(), what: "it answers what Redis would not".into(), meaning: Meaning::Refused }
    }

    /// The error of a call.
    pub(crate) fn during(self, operation: Operation) -> Error {
        match self.meaning {
            Meaning::Away => Error::unavailable(operation, self),
            Meaning::Late => Error::Timeout { operation },
            Meaning::Setup | Meaning::Refused => Error::backend(operation, self),
            Meaning::Foreign => Error::Corrupt { reason: "something else than a string lies under its key" },
        }
    }

    /// The error of opening a store: none where waiting may help.
    pub(crate) fn opening(self) -> Result<(), Error> {
        match self.meaning {
            Meaning::Setup => {
                let fix = "correct the URL or the server's settings";
                Err(Error::config("url", self.to_string(), fix))
            }
            _ => Ok(()),
        }
    }
}

fn meaning(error: &RedisError) -> (Meaning, Cow<'static, str>) {
    match error.kind() {
        ErrorKind::Io if error.is_timeout() => (Meaning::Late, "it does not answer in time".into()),
        // What the operating system says, or the TLS library.
        ErrorKind::Io => (Meaning::Away, error.to_string().into()),
        ErrorKind::AuthenticationFailed => (Meaning::Setup, REFUSED_USER.into()),
        ErrorKind::ClusterConnectionNotFound => (Meaning::Away, "no server of the cluster can be reached".into()),
        ErrorKind::Server(_) | ErrorKind::Extension => answered(error),
        // An answer that broke off half-way is one, too.
        ErrorKind::Parse => (Meaning::Away, "what it answers cannot be read; is it a Redis server?".into()),
        _ => (Meaning::Refused, format!("the driver refuses ({})", error.category()).into()),
    }
}

const REFUSED_USER: &str = "it refuses the user or the password";

/// What the server's error codes mean. Servers before version 7 put those of a command within a script into the text.
const CODES: &[(&str, Meaning, &str)] = &[
    ("WRONGTYPE", Meaning::Foreign, ""),
    ("OOM", Meaning::Away, "its memory is full (maxmemory)"),
    ("READONLY", Meaning::Away, "it is a replica, which only answers reads"),
    ("NOREPLICAS", Meaning::Away, "it has too few replicas to write (min-replicas-to-write)"),
    ("MISCONF", Meaning::Away, "it cannot write to its disk"),
    ("LOADING", Meaning::Away, "it is starting"),
    ("MASTERDOWN", Meaning::Away, "it is a replica that has lost its primary"),
    ("CLUSTERDOWN", Meaning::Away, "its cluster is not whole"),
    ("TRYAGAIN", Meaning::Away, "its cluster is moving keys"),
    ("BUSY", Meaning::Away, "it is busy with somebody's script"),
    ("max number of clients", Meaning::Away, "it has too many clients (maxclients)"),
    ("invalid password", Meaning::Setup, REFUSED_USER),
    ("WRONGPASS", Meaning::Setup, REFUSED_USER),
    ("NOAUTH", Meaning::Setup, "it wants a user or a password"),
    ("NOPERM", Meaning::Setup, "its user lacks a permission (ACL)"),
    ("DENIED", Meaning::Setup, "it takes no connections from here (protected mode)"),
    ("MOVED", Meaning::Setup, "it belongs to a cluster; name its servers with `RedisConfig::cluster`"),
    ("CROSSSLOT", Meaning::Setup, "it belongs to a cluster; name its servers with `RedisConfig::cluster`"),
    ("cluster support disabled", Meaning::Setup, "it belongs to no cluster; name it as the `url`"),
    ("DB index is out of range", Meaning::Setup, "it has no database of this number"),
    ("SELECT is not allowed", Meaning::Setup, "it belongs to a cluster; name its servers with `RedisConfig::cluster`"),
];

fn answered(error: &RedisError) -> (Meaning, Cow<'static, str>) {
    let code = error.code().unwrap_or_default();
    let text = if code == "ERR" { error.detail().unwrap_or_default() } else { "" };
    match CODES.iter().find(|(known, ..)| *known == code || text.contains(known)) {
        Some((_, meaning, what)) => (*meaning, (*what).into()),
        None if is_code(code) => (Meaning::Refused, format!("it answers with the error {code}").into()),
        None => (Meaning::Refused, "it answers with an error".into()),
    }
}

/// Whether it looks like a code; what a stranger's server sends may be anything.
fn is_code(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(code: &str, text: &str) -> Error {
        let error = redis::make_extension_error(code.to_owned(), Some(text.to_owned()));
        Fault::new("redis://db:6379", &error).during(Operation::Swap)
    }

    #[test]
    fn s49_a_server_that_cannot_write_now_is_away() {
        for code in ["OOM", "READONLY", "NOREPLICAS", "LOADING", "MASTERDOWN", "MISCONF", "BUSY"] {
            assert!(matches!(fault(code, "…"), Error::Unavailable { .. }), "{code}");
            let old = format!("Error running script (call to f_0): @user_script: 9: -{code} not now");
            assert!(matches!(fault("ERR", &old), Error::Unavailable { .. }), "{code} within a script");
        }
        assert!(matches!(fault("ERR", "max number of clients reached"), Error::Unavailable { .. }));
        assert!(matches!(fault("WRONGTYPE", "…"), Error::Corrupt { .. }));
        assert!(matches!(fault("CROSSSLOT", "…"), Error::Backend { .. }));
    }

    #[test]
    fn s59_neither_keys_nor_words_of_the_server_are_repeated() {
        for (code, text) in [
            ("ERR", "unknown command 'EVALSHA', with args beginning with: 'hunter2' 'session:hunter2'"),
            ("HUNTER2HUNTER2HUNTER2HUNTER2", "hunter2"),
            ("hunter2", "hunter2"),
            ("NOPERM", "User hunter2 has no permissions"),
        ] {
            let Error::Backend { source, .. } = fault(code, text) else { panic!("{code}") };
            let printed = format!("{source} {source:?}").to_lowercase();
            assert!(printed.contains("redis://db:6379: it") && !printed.contains("hunter2"), "{printed}");
        }
    }
}
