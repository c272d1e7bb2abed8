//! A vector's requests, one after the other, by its clock.

use std::collections::HashMap;

use http::header::{COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderName, Request};
use serde_json::{Map, Value};
use session_testkit::MovableClock;
use session_tower::SessionLayer;
use session_tower::session_core::{Environment, SessionConfig, SessionStore, Sessions, Timestamp};
use tower::{Layer, ServiceExt, service_fn};

use crate::application::{Actions, Seen, application};
use crate::differences::{Answer, Asked, Tally};
use crate::vectors::{Step, Vector};

/// Where the vectors of Flask-Session begin; each of their steps is a second later.
const START: u64 = 1_735_689_600;

pub(crate) async fn replay(vector: &Vector, config: SessionConfig, store: Box<dyn SessionStore>, tally: &mut Tally) {
    let clock = MovableClock::at(Timestamp::from_millis(START * 1000));
    let config = environment(&vector.config).sessions(config).unwrap();
    let sessions = match Sessions::with_clock(store, config, clock.shared()) {
        Ok(sessions) => sessions,
        Err(refused) => return tally.refused(vector, &refused),
    };
    // What Flask's cookies are called here.
    let mut names = HashMap::new();
    for (at, step) in vector.steps.iter().enumerate() {
        clock.set(Timestamp::from_millis(step.now.unwrap_or(START + at as u64) * 1000));
        let sent = step.request_cookie.as_deref().map(|cookie| own_cookie(cookie, sessions.cookie().name(), &names));
        let answer = ask(&sessions, step, sent).await;
        for (theirs, ours) in step.set_cookie.iter().zip(&answer.set_cookie) {
            names.insert(value_of(theirs).to_owned(), value_of(ours).to_owned());
        }
        tally.judge(&Asked { vector, step, at }, &answer);
    }
}

fn environment(config: &Map<String, Value>) -> Environment {
    Environment::from_pairs(config.iter().map(|(name, value)| match value {
        Value::String(text) => (name, text.clone()),
        other => (name, other.to_string()),
    }))
}

/// The header with this store's token in place of Flask's. One that Flask made and this store did not stays as it is, and opens
/// nothing.
fn own_cookie(header: &str, name: &str, names: &HashMap<String, String>) -> String {
    let value = header.strip_prefix(&format!("{name}=")).unwrap_or(header);
    format!("{name}={}", names.get(value).map_or(value, String::as_str))
}

fn value_of(line: &str) -> &str {
    let pair = line.split(';').next().unwrap();
    pair.split_once('=').unwrap().1
}

async fn ask(sessions: &Sessions, step: &Step, cookie: Option<String>) -> Answer {
    let mut request = Request::new(());
    request.extensions_mut().insert(Actions(step.actions.clone()));
    if let Some(cookie) = &cookie {
        request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
    }
    let service = SessionLayer::new(sessions.clone()).layer(service_fn(application));
    let response = service.oneshot(request).await.unwrap();
    Answer {
        sent: cookie,
        status: response.status().as_u16(),
        set_cookie: lines(response.headers(), SET_COOKIE),
        vary: lines(response.headers(), VARY).pop(),
        seen: response.extensions().get::<Seen>().cloned().unwrap(),
    }
}

fn lines(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}
