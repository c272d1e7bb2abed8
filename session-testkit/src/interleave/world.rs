//! One run: a browser with its cookie, an attacker, the requests under way, and what can happen next.

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use session_core::{Clock, Entry, MemoryBackend, ServerSide, SessionConfig, Sessions, StoreConfig, Stored, Timestamp};
use tokio::runtime::Runtime;

use super::kind::Kind;
use super::property::Property;
use super::request::Answer;
use super::setting::Setting;
use super::stage::{Actor, MOST, Stage};
use crate::MovableClock;

/// The moment at which everything happens.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// What is left of the idle time where a touch is due: less than a marker lives, or (if markers are to expire first) more.
pub(super) const DUE: Duration = Duration::from_secs(60);
const DUE_LATER: Duration = Duration::from_secs(24 * 60 * 60);
/// How long markers live, and a moment more.
pub(super) const MARKERS: Duration = Duration::from_secs(121);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    Unsent,
    Runs,
    /// The answer is on its way to the browser.
    Answered,
    Heard,
    Lost,
}

/// The one thing that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    /// With a store call of this request, or with the request itself.
    Store(Actor),
    /// The store failed this request.
    Outage(Actor),
    /// A write of this request is carried out late.
    Late(Actor),
    /// With an answer on its way.
    Lost,
}

/// What the browser knew when a request was sent: its cookie, and whose answers it had heard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Moment {
    pub(super) jar: Option<String>,
    pub(super) heard: [bool; MOST],
}

pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) phase: Phase,
    /// The cookie that it was sent with.
    pub(super) cookie: Option<String>,
    /// Whose answers had been heard when it was sent.
    pub(super) after: [bool; MOST],
    pub(super) answer: Option<Answer>,
    pub(super) future: Option<Pin<Box<dyn Future<Output = Answer>>>>,
}

pub(super) struct World<'a> {
    pub(super) setting: &'a Setting,
    pub(super) stage: Stage,
    pub(super) sessions: Sessions,
    pub(super) jar: Option<String>,
    pub(super) requests: Vec<Request>,
    pub(super) fault: Option<Fault>,
    /// What was alive after the last end of a session.
    pub(super) survivors: BTreeSet<String>,
    /// Every moment at which the browser knew something else.
    pub(super) moments: Vec<Moment>,
    /// A property that was broken on the way.
    pub(super) broken: Option<Property>,
    /// Who waits in line behind another commit, in the order of arrival.
    pub(super) line: Vec<Actor>,
    pub(super) clock: MovableClock,
    pub(super) runtime: &'a Runtime,
}

/// The session that is there at the start.
pub(super) fn first_record(setting: &Setting) -> Stored {
    let stage = Stage::new(Arc::new(MemoryBackend::default()), false);
    let clock = MovableClock::at(NOW.minus(age(setting)));
    let sessions = sessions(&stage, &clock);
    let session = sessions.fresh();
    let filled = session.set("c", "c0").and(session.set("n", 0)).and(session.set("v", "v0"));
    filled.expect("plain values");
    if setting.logged_in {
        session.set("user", "alice").expect("a plain value");
    }
    if setting.has(Kind::Messages) {
        session.flash("seen before").expect("a plain message");
    }
    now_or_never(sessions.commit(&session)).result.expect("the store is empty");
    let entries = now_or_never(stage.entries(clock.now())).expect("memory answers");
    match entries.into_iter().next() {
        Some((_, Entry::Live(stored))) => stored,
        _ => unreachable!("it was just written"),
    }
}

/// How long ago the session was last used.
fn age(setting: &Setting) -> Duration {
    let idle = SessionConfig::default().idle;
    match setting.has(Kind::Read) || setting.has(Kind::Expiry) {
        true if setting.has(Kind::MarkersExpire) => idle - DUE_LATER,
        true => idle - DUE,
        false => Duration::ZERO,
    }
}

fn sessions(stage: &Stage, clock: &MovableClock) -> Sessions {
    let config =
        StoreConfig::default().layout(stage.clone()).retry_pause(Duration::ZERO).call_timeout(Duration::from_secs(60));
    let store = ServerSide::new(stage.clone(), config).expect("the configuration holds");
    let config = SessionConfig::default().budget(Duration::from_secs(60));
    Sessions::with_clock(store, config, clock.shared()).expect("the configuration holds")
}

/// Runs what waits for nothing.
pub(super) fn now_or_never<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nobody runs, so every call passes"),
    }
}

impl<'a> World<'a> {
    pub(super) fn new(setting: &'a Setting, first: &Stored, runtime: &'a Runtime) -> Self {
        let stage = Stage::new((setting.backend)(), setting.two_step);
        let clock = MovableClock::at(NOW);
        now_or_never(stage.put("k0", first, NOW)).expect("memory takes it");
        World {
            setting,
            sessions: sessions(&stage, &clock),
            stage,
            jar: Self::first_jar(setting),
            requests: setting.kinds.iter().map(|kind| Request::new(*kind)).collect(),
            fault: None,
            survivors: BTreeSet::new(),
            moments: vec![Moment { jar: Self::first_jar(setting), heard: [false; MOST] }],
            broken: None,
            line: Vec::new(),
            clock,
            runtime,
        }
    }

    /// No id yet, a made-up one, or that of the first record.
    fn first_jar(setting: &Setting) -> Option<String> {
        if setting.has(Kind::FirstVisit) {
            return None;
        }
        Some(if setting.has(Kind::ForgedId) { "F" } else { "k0" }.to_owned())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.requests.iter().all(|request| request.phase >= Phase::Heard)
    }

    /// The entries of the store, by name.
    pub(super) fn entries(&self) -> Vec<(String, Entry)> {
        now_or_never(self.stage.entries(self.now())).expect("memory answers")
    }

    /// The same for all schedules after which the same can happen and the same will be judged.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        now_or_never(self.stage.hash(self.now(), &mut hasher)).expect("memory answers");
        (&self.jar, self.fault, &self.survivors, &self.line, self.now().as_millis()).hash(&mut hasher);
        if self.requests.iter().any(|request| request.phase == Phase::Unsent) {
            self.moments.hash(&mut hasher);
        }
        for request in &self.requests {
            (request.phase, &request.cookie, request.after).hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl Request {
    fn new(kind: Kind) -> Self {
        Request { kind, phase: Phase::Unsent, cookie: None, after: [false; MOST], answer: None, future: None }
    }
}
