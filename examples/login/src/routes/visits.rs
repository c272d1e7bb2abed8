//! `GET /visits`

use axum::extract::State;
use axum::response::Html;
use maud::html;
use session_core::Key;
use session_tower::{Session, SessionError};

use super::frame;
use crate::app::AppState;
use crate::pages::page;

/// How often this visitor came.
pub(crate) const VISITS: Key<u64> = Key::new("visits");

/// Counts one more. Of requests at the same time every one counts: `update` runs again where another was faster.
pub(crate) async fn count(State(state): State<AppState>, session: Session) -> Result<Html<String>, SessionError> {
    let visits = session.update(VISITS, |visits| visits.unwrap_or(0) + 1)?;
    let content = html! { h1 { "Visits: " span id="visits" { (visits) } } };
    Ok(page("Counter", &frame(&state, &session)?, &content))
}
