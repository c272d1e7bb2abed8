//! What a form's token is bound to: `Session::binding`.
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

use session_tower::session_core::{MemoryStore, Session, SessionConfig, Sessions};

async fn stored() -> Session {
    let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default()).unwrap();
    let session = sessions.fresh();
    assert!(session.binding().is_none(), "a stranger has none");
    session.set("n", 1).unwrap();
    assert!(session.binding().is_none(), "not stored yet");
    session.save().await.unwrap();
    session
}

#[tokio::test]
async fn s65_a_binding_lasts_as_long_as_the_id() {
    let session = stored().await;
    let binding = session.binding().unwrap();
    session.set("n", 2).unwrap();
    assert_eq!(session.binding().unwrap().expose(), binding.expose(), "a change leaves the id");
    session.rotate();
    assert!(session.binding().is_none(), "the next id is not known yet");
    session.save().await.unwrap();
    assert_ne!(session.binding().unwrap().expose(), binding.expose());
}

#[tokio::test]
async fn s65_what_is_about_to_end_or_to_move_binds_nothing() {
    let leaving: [fn(&Session); 4] =
        [Session::rotate, Session::destroy, Session::clear, |session| session.set_permanent(true)];
    for leaves in leaving {
        let session = stored().await;
        leaves(&session);
        assert!(session.binding().is_none());
    }
}

#[tokio::test]
async fn s36_a_binding_does_not_print() {
    let binding = stored().await.binding().unwrap();
    assert_eq!(format!("{binding:?}"), "SessionBinding(redacted)");
}
