//! The pages' HTML. `maud` escapes every value that is put in.

use axum::http::StatusCode;
use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use session_core::{Error, Flash};

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #f6f5f2; margin: 0; }
main, footer { max-width: 34rem; margin: 2rem auto; padding: 0 1.5rem; }
main { background: #fff; border: 1px solid #e3e0d8; border-radius: .75rem; padding: 1.5rem; }
nav a { margin-right: 1rem; } a { color: #05668d; }
input { font: inherit; padding: .35rem .6rem; border: 1px solid #bbb; border-radius: .4rem; }
button { font: inherit; padding: .35rem 1rem; border: 0; border-radius: .4rem; background: #05668d; color: #fff; }
.flash { background: #fff6d6; border-left: .3rem solid #e8b500; padding: .4rem .8rem; }
aside { font-size: .85rem; color: #666; border-top: 1px solid #e3e0d8; margin-top: 1.5rem; padding-top: .6rem; }
dt { font-weight: 600; }";

/// What a page shows beside its own content.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) flashes: Vec<Flash>,
    pub(crate) previous: Option<String>,
    pub(crate) demo: bool,
}

/// A whole page.
pub(crate) fn page(title: &str, frame: &Frame, content: &Markup) -> Html<String> {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    @for flash in &frame.flashes { p.flash role="status" { (flash.message) } }
                    (content)
                    @if let Some(previous) = &frame.previous { aside { "Your previous request. " (previous) } }
                }
                footer { nav { (links(frame.demo)) } }
            }
        }
    };
    Html(markup.into_string())
}

fn links(demo: bool) -> Markup {
    html! {
        a href="/" { "Start" } a href="/login" { "Login" } a href="/visits" { "Visits" } a href="/facts" { "Facts" }
        @if demo { a href="/keys" { "Keys" } }
    }
}

/// A form field that nobody sees.
pub(crate) fn hidden_token(token: &str) -> Markup {
    html! { input type="hidden" name="csrf_token" value=(token); }
}

/// What went wrong with the session, and what to do.
pub(crate) fn error(status: StatusCode, error: &Error) -> Html<String> {
    let advice = match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            "The sessions cannot be reached for the moment. You are not logged out: try again shortly."
        }
        StatusCode::CONFLICT => {
            "Something else changed your session at the same time, so this change was not stored. Reload and try again."
        }
        _ => "Your session could not be used. It was left as it is.",
    };
    let content =
        html! { h1 { (status.canonical_reason().unwrap_or("Error")) } p { (advice) } p { small { (error) } } };
    page("Session error", &Frame::default(), &content)
}
