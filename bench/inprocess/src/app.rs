//! A small application on the memory store, and sessions in it.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Router};
use session_cookie::CookieStore;
use session_core::{CookieAction, MemoryStore, SecretKeys, SessionConfig, Sessions};
use session_tower::{Session, SessionError, SessionLayer};
use tower_layer::layer_fn;

use crate::Result;

pub(crate) fn sessions() -> Result<Sessions> {
    Ok(Sessions::new(MemoryStore::default(), SessionConfig::development())?)
}

/// Sessions in the cookie: `encrypted` or `signed`.
pub(crate) fn sealed(seal: &str) -> Result<Sessions> {
    let keys = SecretKeys::new("a secret that everybody may know, of more than 32 bytes")?;
    let store = match seal {
        "signed" => CookieStore::signed(&keys)?,
        _ => CookieStore::encrypted(&keys)?,
    };
    Ok(Sessions::new(store, SessionConfig::development())?)
}

/// A session of `bytes` bytes beside its number; the cookie's value.
pub(crate) async fn begin(sessions: &Sessions, bytes: usize) -> Result<String> {
    let session = sessions.fresh();
    session.set("n", 0_u64)?;
    session.set("fill", "x".repeat(bytes))?;
    let committed = sessions.commit(&session).await;
    committed.result?;
    let CookieAction::Set { token, .. } = committed.cookie else { return Err("no cookie".into()) };
    Ok(token.expose().to_owned())
}

/// `/plain` outside of the layer; `/bare`, `/read` and `/write` inside. `/wrapped` is inside a layer that does nothing: what axum takes
/// for any layer. `/extended` is inside one that hands something to the handler: what any session layer takes at least.
pub(crate) fn router(sessions: Sessions) -> Router {
    let inside = Router::new().route("/bare", get(ok)).route("/read", get(read)).route("/write", get(write));
    let wrapped = Router::new().route("/wrapped", get(ok)).layer(layer_fn(|inner| inner));
    let extended = Router::new().route("/extended", get(ok)).layer(Extension(Arc::new(())));
    inside.layer(SessionLayer::new(sessions)).merge(wrapped).merge(extended).route("/plain", get(ok))
}

async fn ok() -> &'static str {
    "ok"
}

async fn read(session: Session) -> std::result::Result<(StatusCode, String), SessionError> {
    Ok(match session.get::<u64>("n")? {
        Some(n) => (StatusCode::OK, n.to_string()),
        None => (StatusCode::NOT_FOUND, "no session".into()),
    })
}

async fn write(session: Session) -> std::result::Result<String, SessionError> {
    let n = session.update("n", |n: Option<u64>| n.unwrap_or(0) % 10 + 1)?;
    session.save().await?;
    Ok(n.to_string())
}
