//! The corner of each page that explains what the visitor's previous request did. Kept in the process, never in the session.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use session_core::plan::Plan;
use session_core::{LogId, Report};

/// How many sessions are remembered.
const MOST: usize = 1000;

/// What each session's last request did.
#[derive(Debug, Default)]
pub(crate) struct Corner(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    lines: HashMap<LogId, String>,
    order: VecDeque<LogId>,
}

impl Corner {
    /// What the session's previous request did.
    pub(crate) fn previous(&self, id: Option<LogId>) -> Option<String> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.lines.get(&id?).cloned()
    }

    fn keep(&self, id: LogId, line: String) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.lines.insert(id, line).is_none() {
            remembered.order.push_back(id);
        }
        if remembered.order.len() > MOST
            && let Some(oldest) = remembered.order.pop_front()
        {
            remembered.lines.remove(&oldest);
        }
    }
}

/// Notes what a request did, from the report that the session layer leaves in the response.
pub(crate) async fn remember(State(corner): State<Arc<Corner>>, request: Request, next: Next) -> Response {
    let name = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    if let Some(report) = response.extensions().get::<Report>()
        && let Some(id) = report.id()
    {
        corner.keep(id, format!("{name}: {}", explain(report)));
    }
    response
}

fn explain(report: &Report) -> String {
    let mut words: Vec<&str> = vec!["took the session"];
    words.extend(report.steps.iter().map(|step| match step {
        Plan::Create => "created it",
        Plan::Replace => "stored a change",
        Plan::Rotate => "gave it a new id",
        Plan::Touch => "moved its deadline",
        Plan::Delete => "removed the empty record",
        Plan::Destroy => "ended it",
        _ => "left it alone",
    }));
    let merged = match report.replays {
        0 => String::new(),
        1 => ", merged with another request's change".into(),
        n => format!(", merged {n} times with other requests' changes"),
    };
    let trips = report.store_calls;
    format!("{}{merged}. Round trips to the store: {trips}.", words.join(", "))
}
