//! What can happen next in a [`World`], and what it does.

use std::time::Duration;

use session_core::{Entry, Operation};

use super::kind::Kind;
use super::property::Property;
use super::request::{Answer, Cookie, answer};
use super::stage::{Actor, Fate, Said, letter};
use super::world::{DUE, Fault, MARKERS, Moment, NOW, Phase, Request, World, now_or_never};

/// Longer than a change under a retired id is refused, shorter than a marker lives.
const PAUSE: Duration = Duration::from_secs(16);

/// Something that can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// A request arrives at the store, sent at this moment of the past: its first read is carried out.
    Arrive(Actor, usize),
    /// An event happens.
    Happen(Actor),
    /// The store deals with the call at which a request waits.
    Store(Actor, Fate),
    /// The write that was not answered is carried out.
    CatchUp,
    /// A request is dropped where it waits: at a call that is not carried out, or in line.
    Cut(Actor),
    /// The browser hears an answer.
    Hear(Actor),
    /// An answer is lost on its way.
    Lose(Actor),
}

impl World<'_> {
    /// Everything that can happen now; nothing at the end.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (actor, request) in self.requests.iter().enumerate() {
            match request.phase {
                Phase::Unsent => self.add_arrival(actor, &mut choices),
                Phase::Runs => self.add_store(actor, &mut choices),
                Phase::Answered if self.matters_now(request) => {
                    choices.push(Choice::Hear(actor));
                    choices.extend(self.may_fail().then_some(Choice::Lose(actor)));
                }
                _ => {}
            }
        }
        choices.extend(self.stage.is_late().then_some(Choice::CatchUp));
        choices
    }

    /// Once all requests are sent, nothing but the order of the answers depends on when one is heard: they may as well wait for
    /// each other. Removals do not wait, since they are judged by what lies there.
    fn matters_now(&self, answered: &Request) -> bool {
        let is_on_its_way = |request: &Request| matches!(request.phase, Phase::Runs);
        let will_be_sent = |request: &Request| matches!(request.phase, Phase::Unsent);
        let removes = answered.answer.as_ref().is_some_and(|answer| answer.cookie == Cookie::Goes);
        removes || self.requests.iter().any(will_be_sent) || !self.requests.iter().any(is_on_its_way)
    }

    fn may_fail(&self) -> bool {
        self.setting.faults && self.fault.is_none()
    }

    /// A request arrives with what the browser knew when it was sent, which may be any time ago.
    fn add_arrival(&self, actor: Actor, choices: &mut Vec<Choice>) {
        let kind = self.requests[actor].kind;
        // Of requests that are all the same, the first arrives first.
        let twin = self.requests[..actor].iter().any(|other| other.kind == kind && other.phase == Phase::Unsent);
        if kind.is_event() {
            // A marker's life, and the time in which a retired id is refused, are longer than a request.
            let under_way = self.requests.iter().any(|request| request.phase == Phase::Runs);
            choices.extend((kind == Kind::Expiry || !under_way).then_some(Choice::Happen(actor)));
        } else if !twin {
            let fixed = kind.is_attack() || matches!(kind, Kind::FirstVisit | Kind::ForgedId);
            let last = self.moments.len() - 1;
            choices.extend((if fixed { last } else { 0 }..=last).map(|moment| Choice::Arrive(actor, moment)));
        }
    }

    fn add_store(&self, actor: Actor, choices: &mut Vec<Choice>) {
        let call = self.stage.waits_for(actor);
        choices.extend(call.map(|_| Choice::Store(actor, Fate::Pass)));
        if self.setting.late && self.fault.is_none() && call.is_some_and(|call| call != Operation::Get) {
            choices.push(Choice::Store(actor, Fate::Late));
        }
        if !self.may_fail() {
            return;
        }
        // Where nobody is in line, to be cut off is to give up.
        choices.extend((!self.line.is_empty()).then_some(Choice::Cut(actor)));
        let outcomes: &[bool] = match call {
            None => &[],
            // Whether it was carried out makes no difference.
            Some(Operation::Get) => &[false],
            Some(_) => &[false, true],
        };
        for done in outcomes.iter().copied() {
            choices.push(Choice::Store(actor, Fate::Unheard { done }));
            choices.push(Choice::Store(actor, Fate::Fails { done }));
        }
    }

    /// Makes it happen.
    pub(super) fn apply(&mut self, choice: Choice) {
        match choice {
            Choice::Arrive(actor, moment) => self.arrive(actor, moment),
            Choice::Happen(actor) => self.happen(actor),
            Choice::Store(actor, fate) => self.store(actor, fate),
            Choice::CatchUp => self.catch_up(),
            Choice::Cut(actor) => {
                self.fault = Some(Fault::Store(actor));
                self.cut(actor);
            }
            Choice::Hear(actor) => self.hear(actor),
            Choice::Lose(actor) => {
                self.fault = Some(Fault::Lost);
                self.requests[actor].phase = Phase::Lost;
            }
        }
        self.note_moment();
    }

    /// What a request does depends on its cookie alone: of the moments with one cookie the last says most.
    fn note_moment(&mut self) {
        let heard = |actor| self.requests.get::<usize>(actor).is_some_and(|request| request.phase == Phase::Heard);
        let moment = Moment { jar: self.jar.clone(), heard: std::array::from_fn(heard) };
        self.moments.retain(|other| other.jar != moment.jar);
        self.moments.push(moment);
    }

    fn happen(&mut self, actor: Actor) {
        self.requests[actor].phase = Phase::Heard;
        let until = match self.requests[actor].kind {
            Kind::Expiry => NOW.plus(DUE),
            Kind::MarkersExpire => NOW.plus(MARKERS),
            _ => NOW,
        };
        now_or_never(self.stage.expire(until)).expect("memory answers");
        if until != NOW.plus(DUE) {
            // No request is on its way for that long.
            self.moments.clear();
        }
        if until == NOW {
            self.clock.advance(PAUSE);
        }
    }

    fn arrive(&mut self, actor: Actor, moment: usize) {
        let Moment { jar, heard } = self.moments[moment].clone();
        let kind = self.requests[actor].kind;
        let cookie = match kind {
            kind if kind.is_attack() => Some("k0".to_owned()),
            Kind::FirstVisit => None,
            Kind::ForgedId => Some("F".to_owned()),
            _ => jar,
        };
        let future = answer(self.sessions.clone(), kind.steps(), letter(actor), cookie.clone());
        let request = &mut self.requests[actor];
        (request.after, request.cookie, request.phase) = (heard, cookie, Phase::Runs);
        request.future = Some(Box::pin(future));
        self.run(actor);
        if self.requests[actor].cookie.is_some() {
            self.store(actor, Fate::Pass);
        }
    }

    fn store(&mut self, actor: Actor, fate: Fate) {
        match fate {
            Fate::Pass => {}
            Fate::Unheard { .. } => self.fault = Some(Fault::Store(actor)),
            Fate::Fails { .. } => self.fault = Some(Fault::Outage(actor)),
            Fate::Late => self.fault = Some(Fault::Late(actor)),
        }
        self.stage.decide(actor, fate);
        self.run(actor);
        self.look_at_the_store();
    }

    fn catch_up(&mut self) {
        now_or_never(self.stage.catch_up(self.now())).expect("memory answers");
        if self.requests.iter().any(|request| request.kind.ends()) {
            self.survivors = self.live().collect();
        }
    }

    /// What can only be seen right after a call.
    fn look_at_the_store(&mut self) {
        let Some(line) = self.stage.last() else { return };
        let request = &self.requests[line.actor];
        let own = |key: &str| Some(key) == request.cookie.as_deref() || key.starts_with(letter(line.actor));
        if line.call.operation == Operation::Swap && !line.call.marks && line.done && !own(&line.call.key) {
            self.broken = Some(Property::SuccessorsKeysStand);
        }
        if line.call.operation == Operation::Remove && line.call.seen.is_none() && line.done && request.kind.ends() {
            self.survivors = self.live().collect();
        }
    }

    fn hear(&mut self, actor: Actor) {
        let answer = self.requests[actor].answer.take().unwrap_or_else(Answer::none);
        let live = self.live().any(|key| Some(key) == self.jar);
        if answer.cookie == Cookie::Goes && live && !self.stage.may_have_ended_one(actor) {
            self.broken = Some(Property::ARemovalTakesItsOwn);
        }
        self.jar = answer.cookie.token().map(str::to_owned);
        self.requests[actor].answer = Some(answer);
        self.requests[actor].phase = Phase::Heard;
    }

    /// The ids that open something.
    fn live(&self) -> impl Iterator<Item = String> + use<> {
        let entries = self.entries().into_iter();
        entries.filter_map(|(key, entry)| matches!(entry, Entry::Live(_)).then_some(key))
    }
}

/// The choice as a line of a trace, after it was made.
pub(super) fn describe(world: &World<'_>, choice: Choice) -> String {
    let who = |actor: Actor| format!("{} {}", letter(actor), world.requests[actor].kind.name());
    match choice {
        Choice::Happen(actor) => world.requests[actor].kind.name().to_owned(),
        Choice::Arrive(actor, _) => match world.requests[actor].cookie.as_deref() {
            None => format!("{} arrives without a cookie", who(actor)),
            Some(cookie) => format!("{} arrives with {cookie}: {}", who(actor), told(world, Fate::Pass)),
        },
        Choice::Store(actor, fate) => format!("{} {}", who(actor), told(world, fate)),
        Choice::Cut(actor) => format!("{} is cut off", who(actor)),
        Choice::CatchUp => "what was late is carried out".to_owned(),
        Choice::Hear(actor) => format!("{} is heard: {}", who(actor), answered(world, actor)),
        Choice::Lose(actor) => format!("{}: the answer {} is lost", who(actor), answered(world, actor)),
    }
}

fn answered(world: &World<'_>, actor: Actor) -> String {
    let answer = world.requests[actor].answer.as_ref();
    answer.map_or_else(String::new, |answer| format!("{:?}, cookie {:?}", answer.status, answer.cookie))
}

fn told(world: &World<'_>, fate: Fate) -> String {
    let Some(line) = world.stage.last() else { return String::new() };
    let name = if line.call.marks { "mark" } else { line.call.operation.name() };
    let said = match (fate, &line.said) {
        (Fate::Unheard { done: true }, _) => "carried out, unheard".to_owned(),
        (Fate::Unheard { done: false }, _) => "not carried out, unheard".to_owned(),
        (Fate::Fails { done: true }, _) => "carried out, failed".to_owned(),
        (Fate::Fails { done: false }, _) => "failed".to_owned(),
        (Fate::Late, _) => "on its way, unheard".to_owned(),
        (Fate::Pass, Said::Retired { to, .. }) => format!("retired, now {to}"),
        (Fate::Pass, said) => format!("{said:?}").to_lowercase(),
    };
    format!("{name} {}: {said}", line.call.key)
}
