//! One request: its session opened, its handler run, its session committed.

use session_core::{CookieAction, Error, Session, Sessions};

use super::kind::{Step, own};

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Status {
    Ok,
    /// 409: the change was refused.
    Refused,
    /// 503, or no answer at all.
    Unavailable,
    /// 500: never expected here.
    Broken,
}

impl Status {
    fn of(error: &Error) -> Self {
        match error {
            error if error.is_refused() => Status::Refused,
            error if error.is_outage() => Status::Unavailable,
            _ => Status::Broken,
        }
    }
}

/// What an answer does to the browser's cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cookie {
    Stays,
    Goes,
    Set(String),
}

impl Cookie {
    pub(super) fn token(&self) -> Option<&str> {
        match self {
            Cookie::Set(token) => Some(token),
            Cookie::Stays | Cookie::Goes => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) cookie: Cookie,
    /// The user that the handler could see at its end.
    pub(super) user: Option<String>,
    /// A `take_once` handed its value out.
    pub(super) took: bool,
    /// The change log was replayed on a fresher session.
    pub(super) replayed: bool,
}

impl Answer {
    /// That of a request which was cut off: there is none.
    pub(super) fn none() -> Self {
        Answer { status: Status::Unavailable, cookie: Cookie::Stays, user: None, took: false, replayed: false }
    }
}

pub(super) async fn answer(sessions: Sessions, steps: &'static [Step], name: char, cookie: Option<String>) -> Answer {
    let session = match sessions.open(cookie.as_deref()).await {
        Ok(session) => session,
        Err(error) => return Answer { status: Status::of(&error), ..Answer::none() },
    };
    let mut answer = Answer { status: Status::Ok, ..Answer::none() };
    for step in steps {
        if let Err(status) = take(&session, *step, name, &mut answer.took).await {
            answer.status = status;
            break;
        }
    }
    answer.user = session.get("user").ok().flatten();
    let committed = sessions.commit(&session).await;
    if let Err(error) = committed.result
        && answer.status == Status::Ok
    {
        answer.status = Status::of(&error);
    }
    answer.replayed = committed.report.replays > 0;
    answer.cookie = match committed.cookie {
        CookieAction::None => Cookie::Stays,
        CookieAction::Remove => Cookie::Goes,
        CookieAction::Set { token, .. } => Cookie::Set(token.expose().to_owned()),
    };
    answer
}

/// One step; the status that the handler ends with where it cannot go on.
async fn take(session: &Session, step: Step, name: char, took: &mut bool) -> Result<(), Status> {
    let done = match step {
        Step::Take(key) if session.contains(key) => match session.take_once::<String>(key).await {
            Ok(None) => return Err(Status::Refused),
            taken => taken.map(|_| *took = true),
        },
        Step::Save => session.save().await,
        _ => change(session, step, name),
    };
    done.map_err(|error| Status::of(&error))
}

/// A step that only works on memory.
fn change(session: &Session, step: Step, name: char) -> session_core::Result<()> {
    match step {
        Step::Set(key) => session.set(key, own(key, name))?,
        Step::Put(key, value) => session.set(key, value)?,
        Step::Update(key) => drop(session.update(key, |n: Option<u32>| n.unwrap_or(0) + 1)?),
        Step::Remove(key) => drop(session.remove(key)?),
        Step::Flash => session.flash(own("flash", name))?,
        Step::TakeFlashes => drop(session.take_flashes()?),
        Step::Clear => session.clear(),
        Step::Rotate => session.rotate(),
        Step::Renew => session.rotate_keeping_deadlines(),
        Step::Destroy => session.destroy(),
        Step::Save | Step::Take(_) => {}
    }
    Ok(())
}
