//! `GET /facts`

use std::time::Duration;

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use session_core::{Clock, SystemClock};
use session_tower::{Session, SessionError};

use super::frame;
use crate::app::AppState;
use crate::pages::page;

/// What can be told about a session. Never its token.
pub(crate) async fn show(State(state): State<AppState>, session: Session) -> Result<Html<String>, SessionError> {
    let content = html! { h1 { "Facts" } (facts(&session)) };
    Ok(page("Facts", &frame(&state, &session)?, &content))
}

fn facts(session: &Session) -> Markup {
    let now = SystemClock.now();
    if session.is_new() {
        return html! { p { "You have no session: nothing is stored, and your browser has no cookie of one." } };
    }
    html! {
        dl {
            dt { "Age" } dd { (span(now.since(session.created()))) }
            dt { "Expires, unless used, in" } dd { (span(session.deadline().since(now))) }
            dt { "Keys" } dd { (session.len()) }
            dt { "Outlives the browser" } dd { (if session.permanent() { "yes" } else { "no" }) }
            @if let Some(id) = session.log_id() { dt { "Name in logs" } dd { (id) } }
        }
    }
}

/// A time in words: its largest unit.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
