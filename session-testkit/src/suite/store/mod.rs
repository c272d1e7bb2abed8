//! The promises, asked of a [`SessionStore`]: client-side stores included.

mod absent;
mod bounds;
mod delete;
mod replace;
mod rotate;
mod touch;

pub use absent::*;
pub use bounds::*;
pub use delete::*;
pub use replace::*;
pub use rotate::*;
pub use touch::*;

use session_core::{Attempt, Record, SessionStore, Timestamp, Token, Written};

/// Creates a session, which must succeed; its token.
async fn create(store: &dyn SessionStore, record: &Record, deadline: Timestamp) -> (Token, Written) {
    let written = store.create(record, deadline).await.expect("create");
    (written.token.clone().expect("a new session has a token"), written)
}

fn done(attempt: Attempt) -> Written {
    match attempt {
        Attempt::Done(written) => written,
        other => panic!("expected Done, got {other:?}"),
    }
}
