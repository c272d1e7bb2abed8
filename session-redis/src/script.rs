//! The scripts: each one a single command, and so a single step for everybody else.

use std::sync::LazyLock;

use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, ToRedisArgs, Value};

use crate::link::Link;

/// Room for a command with a small session, so that it does not grow piece by piece.
const ROOM: usize = 640;

macro_rules! scripts {
    ($folder:literal; $($name:ident = $file:literal;)*) => {
        $(pub(crate) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(include_str!(concat!($folder, "common.lua")), include_str!(concat!($folder, $file))))
        });)*
    };
}

scripts! {
    "scripts/";
    INSERT = "insert.lua";
    SWAP = "swap.lua";
    TOUCH = "touch.lua";
    REMOVE = "remove.lua";
    RENAME = "rename.lua";
}

/// The same for records that Flask-Session shares.
pub(crate) mod flask {
    use super::{LazyLock, Script};

    scripts! {
        "scripts/flask/";
        GET = "get.lua";
        INSERT = "insert.lua";
        SWAP = "swap.lua";
        RETIRE = "retire.lua";
        TOUCH = "touch.lua";
        REMOVE = "remove.lua";
        RENAME = "rename.lua";
    }
}

/// A script, and the name under which the server remembers it.
pub(crate) struct Script {
    text: &'static str,
    hash: String,
}

impl Script {
    fn new(text: &'static str) -> Self {
        Script { text, hash: redis::Script::new(text).get_hash().to_owned() }
    }

    /// Runs it by its name, and by its text where the server has never heard of it or has forgotten it.
    pub(crate) async fn run<A: ToRedisArgs>(
        &self,
        link: &dyn Link,
        keys: &[&str],
        arguments: &[A],
    ) -> RedisResult<Value> {
        let call = |name, script: &str| {
            let mut command = Cmd::with_capacity(3 + keys.len() + arguments.len(), ROOM);
            command.arg(name).arg(script).arg(keys.len()).arg(keys).arg(arguments);
            command
        };
        match link.send(&call("EVALSHA", &self.hash)).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                link.send(&call("EVAL", self.text)).await
            }
            answered => answered,
        }
    }
}
