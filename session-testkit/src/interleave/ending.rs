//! How a schedule ended: what each request did and was told, and what lies in the store.

use std::collections::BTreeMap;

use session_core::{Entry, Operation, Session};

use super::kind::{FLASHES, Kind};
use super::request::{Answer, Cookie, Status};
use super::stage::{Actor, Line, MOST, Said, letter};
use super::world::{Fault, MARKERS, NOW, Phase, World, now_or_never};

/// What a request's cookie was, when it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    /// There was none, or it opened nothing (as does one that was retired long ago).
    New,
    Retired,
    Live,
}

/// One request, after the end.
pub(super) struct Part {
    pub(super) actor: Actor,
    pub(super) kind: Kind,
    pub(super) phase: Phase,
    pub(super) cookie: Option<String>,
    pub(super) after: [bool; MOST],
    pub(super) answer: Answer,
    pub(super) arrived: Arrived,
    pub(super) lines: Vec<Line>,
    pub(super) may_have_ended_one: bool,
}

impl Part {
    pub(super) fn is_ok(&self) -> bool {
        self.answer.status == Status::Ok
    }

    pub(super) fn is_mine(&self) -> bool {
        !self.kind.is_attack()
    }

    /// The visitor saw that it succeeded.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.phase == Phase::Heard && self.is_ok()
    }

    pub(super) fn heard(&self, other: &Part) -> bool {
        self.after[other.actor]
    }

    /// The id that its answer brings.
    pub(super) fn token(&self) -> Option<&str> {
        self.answer.cookie.token()
    }

    /// It was answered with a cookie, or with the removal of one.
    pub(super) fn is_sent(&self) -> bool {
        self.phase >= Phase::Answered && self.answer.cookie != Cookie::Stays
    }

    /// The value of `user` that it leaves.
    pub(super) fn user(&self) -> Option<String> {
        let leaves = |step: &super::kind::Step| step.leaves(letter(self.actor));
        self.kind.steps().iter().filter_map(leaves).find(|(key, _)| *key == "user").map(|(_, value)| value)
    }

    /// Nothing got in its way, so that the documented number of calls holds.
    pub(super) fn is_plain(&self) -> bool {
        let loaded = usize::from(self.cookie.is_some());
        let undisturbed = |line: &Line| matches!(line.said, Said::Done | Said::Live);
        !self.answer.replayed && self.lines.iter().skip(loaded).all(undisturbed)
    }

    /// It loaded what the other one had stored: messages are taken by what was seen.
    pub(super) fn loaded_after(&self, other: &Part) -> bool {
        let writes = |line: &Line| !matches!(line.call.operation, Operation::Get | Operation::Remove);
        // What was not answered may have been carried out at once.
        let stores = |line: &&Line| writes(line) && (line.done || line.said == Said::Unanswered);
        let stored = other.lines.iter().filter(stores).map(|line| line.at).min();
        self.lines.first().map(|line| line.at) > stored
    }

    /// It ended a session.
    pub(super) fn has_ended_one(&self) -> bool {
        let ended = |line: &Line| line.done && line.call.operation == Operation::Remove && line.call.seen.is_none();
        self.lines.iter().any(ended)
    }

    /// It moved the session to a new id.
    pub(super) fn has_moved(&self) -> bool {
        let moved = |line: &Line| line.done && (line.call.marks || line.call.operation == Operation::Rename);
        self.lines.iter().any(moved)
    }
}

/// What lies under an id.
pub(super) enum Place {
    Live(Contents),
    Retired { to: String },
}

/// A live session, as its visitor would read it.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) count: u32,
    pub(super) texts: BTreeMap<String, String>,
    pub(super) flashes: Vec<String>,
}

impl Contents {
    pub(super) fn user(&self) -> Option<&str> {
        self.texts.get("user").map(String::as_str)
    }

    pub(super) fn has(&self, key: &str, value: &str) -> bool {
        match key {
            FLASHES => self.flashes.iter().any(|flash| flash == value),
            _ => self.texts.get(key).is_some_and(|found| found == value),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0 && self.texts.is_empty() && self.flashes.is_empty()
    }
}

pub(super) struct Ending<'w> {
    pub(super) world: &'w World<'w>,
    pub(super) parts: Vec<Part>,
    pub(super) places: BTreeMap<String, Place>,
}

impl<'w> Ending<'w> {
    pub(super) fn of(world: &'w World<'w>) -> Self {
        let log = world.stage.log();
        let requests = world.requests.iter().enumerate().filter(|(_, request)| !request.kind.is_event());
        let parts = requests.map(|(actor, _)| part(world, actor, &log)).collect();
        let places = world.entries().into_iter().map(|(key, entry)| place(world, key, &entry)).collect();
        Ending { world, parts, places }
    }

    pub(super) fn live(&self, key: &str) -> Option<&Contents> {
        match self.places.get(key) {
            Some(Place::Live(contents)) => Some(contents),
            _ => None,
        }
    }

    /// What the browser's cookie opens.
    pub(super) fn visible(&self) -> Option<&Contents> {
        self.world.jar.as_deref().and_then(|jar| self.live(jar))
    }

    pub(super) fn lives(&self) -> impl Iterator<Item = (&str, &Contents)> {
        self.places.keys().filter_map(|key| Some((key.as_str(), self.live(key)?)))
    }

    /// Whose answer brought this id.
    pub(super) fn maker(&self, token: &str) -> Option<&Part> {
        self.parts.iter().rev().find(|part| part.token() == Some(token))
    }

    /// The session that was there at the start is the browser's.
    pub(super) fn began_with_id(&self) -> bool {
        !self.world.setting.has(Kind::FirstVisit) && !self.world.setting.has(Kind::ForgedId)
    }

    /// A store call of this request went wrong.
    pub(super) fn failed_in_store(&self, part: &Part) -> bool {
        let faults = [Fault::Store, Fault::Outage, Fault::Late];
        faults.iter().any(|fault| self.world.fault == Some(fault(part.actor)))
    }
}

fn part(world: &World<'_>, actor: Actor, log: &[Line]) -> Part {
    let request = &world.requests[actor];
    let lines: Vec<_> = log.iter().filter(|line| line.actor == actor).cloned().collect();
    let paused =
        (0..world.requests.len()).any(|other| request.after[other] && world.requests[other].kind == Kind::Pause);
    let arrived = match lines.first().map(|line| &line.said).filter(|_| request.cookie.is_some()) {
        Some(Said::Live) => Arrived::Live,
        // The only markers from before the pause are those of the first moment.
        Some(Said::Retired { until, .. }) if !(paused && *until < NOW.plus(MARKERS)) => Arrived::Retired,
        _ => Arrived::New,
    };
    Part {
        actor,
        kind: request.kind,
        phase: request.phase,
        cookie: request.cookie.clone(),
        after: request.after,
        answer: request.answer.clone().unwrap_or_else(Answer::none),
        arrived,
        lines,
        may_have_ended_one: world.stage.may_have_ended_one(actor),
    }
}

fn place(world: &World<'_>, key: String, entry: &Entry) -> (String, Place) {
    let place = match entry {
        Entry::Live(_) => Place::Live(contents(world, &key)),
        Entry::Retired(marker) => Place::Retired { to: marker.successor.as_str().to_owned() },
    };
    (key, place)
}

fn contents(world: &World<'_>, key: &str) -> Contents {
    let mut contents = Contents::default();
    // What cannot be read, as only a wrong store leaves it, shows in whoever tries.
    let Ok(session) = now_or_never(world.sessions.open([key])) else { return contents };
    for key in session.keys() {
        match key.as_str() {
            "n" => contents.count = session.require("n").expect("a number"),
            FLASHES => contents.flashes = messages(&session),
            text => drop(contents.texts.insert(text.to_owned(), session.require(text).expect("a text"))),
        }
    }
    contents
}

fn messages(session: &Session) -> Vec<String> {
    let flashes = session.take_flashes().expect("messages");
    flashes.into_iter().map(|flash| flash.message).collect()
}
