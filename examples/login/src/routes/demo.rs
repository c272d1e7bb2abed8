//! `GET /slow`, `GET /put`, `GET /keys`: requests that meet, for those who want to see it (`--demo-routes`).

use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::html;
use serde::Deserialize;
use session_tower::{Session, SessionError};

use super::{frame, visits};
use crate::app::AppState;
use crate::pages::page;

/// The longest that a request waits.
const MOST: u64 = 60_000;

/// How long to wait.
#[derive(Deserialize)]
pub(crate) struct Wait {
    #[serde(default)]
    ms: u64,
}

/// What to set, and how long to wait before.
#[derive(Deserialize)]
pub(crate) struct Put {
    key: String,
    value: String,
    #[serde(default)]
    ms: u64,
}

async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms.min(MOST))).await;
}

/// Takes the session, waits, then counts a visit.
pub(crate) async fn slow(
    state: State<AppState>,
    session: Session,
    Query(query): Query<Wait>,
) -> Result<Html<String>, SessionError> {
    wait(query.ms).await;
    visits::count(state, session).await
}

/// Takes the session, waits, then sets one key.
pub(crate) async fn put(session: Session, Query(query): Query<Put>) -> Result<String, SessionError> {
    wait(query.ms).await;
    session.set(&query.key, &query.value)?;
    Ok(format!("{}={}\n", query.key, query.value))
}

/// Every key and its value, if that is a text or a number.
pub(crate) async fn keys(State(state): State<AppState>, session: Session) -> Result<Html<String>, SessionError> {
    let pairs: Vec<_> = session.keys().into_iter().map(|key| (value(&session, &key), key)).collect();
    let content = html! {
        h1 { "Keys" }
        ul { @for (value, key) in &pairs { li { (key) "=" (value) } } }
    };
    Ok(page("Keys", &frame(&state, &session)?, &content))
}

fn value(session: &Session, key: &str) -> String {
    let text = session.get::<String>(key).ok().flatten();
    text.or_else(|| session.get::<u64>(key).ok().flatten().map(|number| number.to_string()))
        .unwrap_or_else(|| "…".into())
}
