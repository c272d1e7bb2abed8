//! `GET /login`, `POST /login`, `POST /logout`

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use session_core::Key;
use session_tower::{Cookies, Csrf, Session, SessionError};

use super::frame;
use crate::app::AppState;
use crate::pages::{hidden_token, page};

const USERNAME: Key<String> = Key::new("username");

/// What the login form sends.
#[derive(Deserialize)]
pub(crate) struct LoginForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    csrf_token: String,
}

/// What the logout form sends.
#[derive(Deserialize)]
pub(crate) struct LogoutForm {
    #[serde(default)]
    csrf_token: String,
}

/// The name that the session keeps, and the form.
pub(crate) async fn form(
    State(state): State<AppState>,
    cookies: Cookies,
    session: Session,
) -> Result<Response, SessionError> {
    show(&state, &cookies, &session, None).await
}

/// Keeps the name under a new id: whoever knew the old one knows nothing of this session.
pub(crate) async fn login(
    State(state): State<AppState>,
    cookies: Cookies,
    session: Session,
    Form(form): Form<LoginForm>,
) -> Result<Response, SessionError> {
    // The page's other form has a token that is bound to the session: it shows as well that the request comes from here.
    let token = &form.csrf_token;
    let checked =
        state.csrf.verify_stranger(&cookies, token).or_else(|_| state.csrf.verify_session(&session, &cookies, token));
    if let Err(refused) = checked {
        return Ok(refused.into_response());
    }
    let username = form.username.trim();
    if username.is_empty() {
        let page = show(&state, &cookies, &session, Some("Please enter a name.")).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    session.rotate();
    session.set(USERNAME, username)?;
    session.flash(format!("Hello, {username}."))?;
    Ok(Redirect::to("/login").into_response())
}

/// Ends the session, whatever its id has become meanwhile.
pub(crate) async fn logout(
    State(csrf): State<Csrf>,
    cookies: Cookies,
    session: Session,
    Form(form): Form<LogoutForm>,
) -> Result<Response, SessionError> {
    if let Err(refused) = csrf.verify_session(&session, &cookies, &form.csrf_token) {
        return Ok(refused.into_response());
    }
    let was_live = !session.is_new();
    session.destroy();
    if was_live {
        session.flash("You are logged out.")?;
    }
    Ok(Redirect::to("/login").into_response())
}

async fn show(
    state: &AppState,
    cookies: &Cookies,
    session: &Session,
    problem: Option<&str>,
) -> Result<Response, SessionError> {
    let username = session.get(USERNAME)?;
    let frame = frame(state, session)?;
    let login = login_form(&state.csrf.stranger_token(cookies)?, problem);
    let content = match username {
        None => html! { h1 { "Not logged in" } (login) },
        Some(name) => {
            let token = state.csrf.session_token(session, cookies).await?;
            html! { h1 { "Logged in as " span id="username" { (name) } } (logout_form(&token)) (login) }
        }
    };
    Ok(page("Login", &frame, &content).into_response())
}

fn login_form(token: &str, problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem { p role="alert" { (problem) } }
        form method="post" action="/login" {
            (hidden_token(token))
            p { label { "Name " input type="text" name="username" maxlength="200" autocomplete="username" required; } }
            p { button type="submit" { "Log in" } }
        }
    }
}

fn logout_form(token: &str) -> Markup {
    html! {
        form method="post" action="/logout" {
            (hidden_token(token))
            p { button type="submit" { "Log out" } }
        }
    }
}
