//! The properties, judged at the end of everything.

use std::collections::BTreeSet;
use std::iter::successors;

use super::ending::{Arrived, Ending, Part, Place};
use super::kind::{Kind, own};
use super::property::{Limit, Property};
use super::request::{Cookie, Status};
use super::stage::{MOST, letter};
use super::world::{Fault, World};

/// A broken property, and the limit that excuses it, if one does.
pub(super) type Verdict = (Property, Option<Limit>);

/// What is wrong with how this schedule ended.
pub(super) fn judge(world: &World<'_>) -> Vec<Verdict> {
    if !world.has_ended() {
        return vec![(Property::EveryRequestEnds, None)];
    }
    let ending = Ending::of(world);
    let mut verdicts = Vec::new();
    for part in &ending.parts {
        ending.judge_values(part, &mut verdicts);
        ending.judge_rotation(part, &mut verdicts);
        ending.judge_login(part, &mut verdicts);
        ending.judge_logout(part, &mut verdicts);
        ending.judge_traces(part, &mut verdicts);
        ending.judge_calls(part, &mut verdicts);
    }
    ending.judge_counter(&mut verdicts);
    ending.judge_take_once(&mut verdicts);
    if ending.live("F").is_some() {
        verdicts.push((Property::NeverAdopted, None));
    }
    verdicts
}

impl Ending<'_> {
    fn judge_values(&self, part: &Part, verdicts: &mut Vec<Verdict>) {
        if part.answer.status == Status::Broken {
            verdicts.push((Property::NoRequestFailsByItself, None));
        }
        let saved = part.kind.saves() || part.kind.takes();
        if !part.is_ok() && part.answer.cookie != Cookie::Stays && !saved {
            verdicts.push((Property::AnErrorSetsNoCookie, None));
        }
        if !part.is_mine() || !part.is_acknowledged() {
            return;
        }
        for (key, value) in part.kind.steps().iter().filter_map(|step| step.leaves(letter(part.actor))) {
            if !self.visible().is_some_and(|seen| seen.has(key, &value)) {
                let name = if key == "user" { Property::ALoginStands } else { Property::NothingIsLost };
                verdicts.push((name, self.limit(part, key)));
            }
        }
    }

    fn judge_rotation(&self, part: &Part, verdicts: &mut Vec<Verdict>) {
        if !part.kind.moves() || !part.is_ok() {
            return;
        }
        // A renewal of a session that moved or ended is dropped.
        if part.token().is_none() && (part.kind.rotates() || part.has_moved()) {
            verdicts.push((Property::ARotationHasItsCookie, None));
        }
        let old = part.cookie.as_deref().filter(|_| part.arrived == Arrived::Live);
        if old.is_some_and(|old| self.live(old).is_some()) {
            verdicts.push((Property::TheOldIdIsDead, None));
        }
    }

    fn judge_login(&self, part: &Part, verdicts: &mut Vec<Verdict>) {
        if matches!(part.kind, Kind::Login | Kind::Relogin) && !part.is_ok() && !self.failed_in_store(part) {
            verdicts.push((Property::ALoginIsNeverRefused, self.limit_of_line(part)));
        }
        let logins = self.parts.iter().filter(|other| other.kind.logs_in() && other.is_mine());
        let mut victims = logins.map(|other| own("user", letter(other.actor)));
        if part.kind.is_attack() && victims.any(|victim| part.answer.user.as_ref() == Some(&victim)) {
            verdicts.push((Property::AnOldIdNeverReads, None));
        }
    }

    fn judge_logout(&self, part: &Part, verdicts: &mut Vec<Verdict>) {
        if !part.kind.destroys() || !part.is_ok() || part.kind == Kind::AttackLogout && !part.may_have_ended_one {
            return;
        }
        if part.has_ended_one() && part.answer.cookie == Cookie::Stays && part.is_mine() {
            verdicts.push((Property::ALogoutTakesItsCookie, None));
        }
        let users = self.users_ended_by(part);
        let sent = self.parts.iter().filter(|other| other.is_sent()).filter_map(Part::token).chain(["k0"]);
        for key in sent.collect::<BTreeSet<_>>() {
            if self.live(key).and_then(|seen| seen.user()).is_some_and(|user| users.contains(user)) {
                verdicts.push((Property::NothingResurrects, self.limit_of_logout(part, key)));
            }
        }
    }

    /// Those in line behind a request that the store fails do not each wait for the same.
    fn limit_of_line(&self, part: &Part) -> Option<Limit> {
        let failed = matches!(self.world.fault, Some(Fault::Outage(_)));
        (failed && part.answer.status == Status::Unavailable).then_some(Limit::LineFailed)
    }

    /// Who was logged in in the session that a logout presented.
    fn users_ended_by(&self, part: &Part) -> BTreeSet<String> {
        let Some(cookie) = part.cookie.as_deref() else { return BTreeSet::new() };
        let maker = self.maker(cookie).filter(|maker| maker.actor != part.actor);
        let from = maker.and_then(|maker| maker.cookie.as_deref());
        let led_here = |login: &&Part| {
            let made = maker.is_some_and(|maker| maker.actor == login.actor);
            maker.is_some() && (made || login.token() == from)
        };
        let logins = self.parts.iter().filter(|login| part.heard(login) && login.kind.logs_in());
        let mut users: BTreeSet<_> = logins.filter(led_here).map(|login| own("user", letter(login.actor))).collect();
        let is_first = maker.is_none_or(|maker| maker.arrived == Arrived::Live);
        if !self.world.setting.has(Kind::Relogin) && self.began_with_id() && is_first {
            users.insert("alice".to_owned());
        }
        users
    }

    /// A logout ends the branch that it presented.
    fn limit_of_logout(&self, part: &Part, key: &str) -> Option<Limit> {
        let next = |at: &&str| match self.places.get(*at) {
            Some(Place::Retired { to }) => Some(to.as_str()),
            _ => None,
        };
        // No chain is longer than the number of requests, unless a wrong store made a circle.
        let at = successors(part.cookie.as_deref(), next).take(MOST).last();
        if self.has_forked() && self.world.survivors.contains(key) && at != Some(key) {
            return Some(Limit::TwoRotations);
        }
        (self.has_unheard_rotation() && !part.may_have_ended_one).then_some(Limit::UnheardRotation)
    }

    /// What a request left behind.
    fn judge_traces(&self, part: &Part, verdicts: &mut Vec<Verdict>) {
        let made = self.lives().filter(|(key, _)| key.starts_with(letter(part.actor)));
        for _ in made.filter(|(key, _)| part.is_ok() && part.token() != Some(key)) {
            verdicts.push((Property::NoOrphan, self.failed_in_store(part).then_some(Limit::LateInsert)));
        }
        let touched =
            part.kind == Kind::Read && part.arrived == Arrived::Live && part.is_plain() && part.lines.len() == 2;
        let kept = self.visible().is_some_and(|seen| !seen.is_empty());
        let ends = |kind: &Kind| kind.ends() || kind.moves() || *kind == Kind::PopAll;
        if touched && !kept && !self.has_unheard_rotation() && !self.world.setting.kinds.iter().any(ends) {
            verdicts.push((Property::ATouchedSessionLives, None));
        }
    }

    fn judge_calls(&self, part: &Part, verdicts: &mut Vec<Verdict>) {
        if !part.is_plain() || !part.is_ok() || part.kind.saves() {
            return;
        }
        let is_new = part.arrived == Arrived::New;
        let rename = if is_new || !self.world.setting.two_step { 1 } else { 2 };
        let load = usize::from(part.cookie.is_some());
        let write = if part.kind.moves() { rename } else { 1 };
        // `take_once` commits at once: before a rotation, or after it.
        let take = usize::from(part.answer.took && part.kind.moves());
        let flash = usize::from(part.kind == Kind::LogoutFlash && !is_new);
        if part.lines.len() > load + write + take + flash {
            verdicts.push((Property::RoundTrips, None));
        }
    }

    fn judge_counter(&self, verdicts: &mut Vec<Verdict>) {
        let most = self.parts.iter().map(|part| part.kind.counts()).sum::<u32>();
        let counted = |part: &&Part| {
            let here = part.arrived == Arrived::Live && (part.is_mine() || self.began_with_id());
            part.is_acknowledged() && here && part.kind.counts() > 0 && self.limit(part, "n").is_none()
        };
        let least = self.parts.iter().filter(counted).map(|part| part.kind.counts()).sum::<u32>();
        if self.visible().map_or(0, |seen| seen.count) < least {
            verdicts.push((Property::CountersAreExact, None));
        }
        if self.lives().any(|(_, seen)| seen.count > most) {
            verdicts.push((Property::ARetryCountsOnce, None));
        }
    }

    fn judge_take_once(&self, verdicts: &mut Vec<Verdict>) {
        if self.parts.iter().filter(|part| part.answer.took).count() > 1 {
            // A rotation that takes nothing carries the value on; two of them carry it twice.
            let carried = self.has_forked() && self.parts.iter().any(|part| part.kind.moves() && !part.kind.takes());
            verdicts.push((Property::TakeOnce, carried.then_some(Limit::TwoRotations)));
        }
    }
}
