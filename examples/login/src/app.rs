//! The application: routes, the session layer, and what every page has.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::{Response, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use session_core::{Error, Result, SessionStore, Sessions};
use session_tower::{Csrf, SessionLayer};

use crate::corner::Corner;
use crate::routes::{demo, facts, home, login, visits};
use crate::settings::Settings;
use crate::{corner, headers, pages};

/// The longest form that is read, in bytes.
const MAX_FORM: usize = 16 * 1024;

/// What handlers share.
#[derive(Clone, Debug)]
pub(crate) struct AppState {
    pub(crate) csrf: Csrf,
    pub(crate) corner: Arc<Corner>,
    pub(crate) demo: bool,
}

impl FromRef<AppState> for Csrf {
    fn from_ref(state: &AppState) -> Csrf {
        state.csrf.clone()
    }
}

pub(crate) fn build(store: Box<dyn SessionStore>, settings: Settings, demo_routes: bool) -> Result<Router> {
    let csrf = Csrf::new(&settings.keys);
    let sessions = Sessions::new(store, settings.sessions)?;
    let state = AppState { csrf, corner: Arc::new(Corner::default()), demo: demo_routes };
    let mut router = Router::new()
        .route("/", get(home::show))
        .route("/login", get(login::form).post(login::login))
        .route("/logout", post(login::logout))
        .route("/visits", get(visits::count))
        .route("/facts", get(facts::show));
    if demo_routes {
        router = router.route("/slow", get(demo::slow)).route("/put", get(demo::put)).route("/keys", get(demo::keys));
    }
    Ok(router
        .layer(SessionLayer::new(sessions).on_error(error_page))
        .route("/healthz", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(from_fn_with_state(Arc::clone(&state.corner), corner::remember))
        .layer(from_fn(headers::harden))
        .with_state(state))
}

/// The application's own page for what went wrong with a session.
fn error_page(error: &Error, status: StatusCode) -> Response<axum::body::Body> {
    match error.is_refused() {
        true => tracing::debug!(%error, "a change was refused"),
        false => tracing::error!(error = error as &dyn std::error::Error, "session error"),
    }
    (status, pages::error(status, error)).into_response()
}
