//! The handlers.

pub(crate) mod demo;
pub(crate) mod facts;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod visits;

use session_tower::{Session, SessionError};

use crate::app::AppState;
use crate::pages::Frame;

/// What every page shows of a session: the messages left for it, and what its previous request did.
fn frame(state: &AppState, session: &Session) -> Result<Frame, SessionError> {
    Ok(Frame { flashes: session.take_flashes()?, previous: state.corner.previous(session.log_id()), demo: state.demo })
}
