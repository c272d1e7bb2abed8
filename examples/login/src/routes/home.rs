//! `GET /`

use axum::extract::State;
use axum::response::Html;
use maud::html;

use crate::app::AppState;
use crate::pages::{Frame, page};

/// Links. It takes no session, so it costs none.
pub(crate) async fn show(State(state): State<AppState>) -> Html<String> {
    let content = html! {
        h1 { "Sessions" }
        p { "A login page whose sessions lose nothing: concurrent requests merge, a logout stays a logout, an outage is not one." }
        ul {
            li { a href="/login" { "Log in" } ", and see the name that the session keeps" }
            li { a href="/visits" { "Count visits" } ", in many tabs at once if you like" }
            li { a href="/facts" { "Facts" } " about your session" }
        }
    };
    page("Sessions", &Frame { demo: state.demo, ..Frame::default() }, &content)
}
