//! When a documented limit excuses a property.

use super::ending::{Arrived, Ending, Part};
use super::kind::Kind;
use super::property::Limit;
use super::request::Status;
use super::world::Phase;

impl Ending<'_> {
    /// Neither had heard of the other when it was sent.
    fn are_strangers(one: &Part, other: &Part) -> bool {
        one.actor != other.actor && !one.heard(other) && !other.heard(one)
    }

    /// Two sessions may have come of one. A renewal never begins another one, so it takes a login to part them.
    pub(super) fn has_forked(&self) -> bool {
        let movers = || self.parts.iter().filter(|part| part.kind.moves());
        let attacked = movers().any(|part| part.kind.is_attack());
        let parted = |one: &Part| movers().any(|other| Self::are_strangers(one, other));
        attacked || movers().filter(|part| part.kind.rotates()).any(parted)
    }

    /// A rotation was done, or may have been, without the browser hearing of it.
    pub(super) fn has_unheard_rotation(&self) -> bool {
        let unheard = |part: &&Part| part.phase == Phase::Lost || !part.is_ok();
        self.parts.iter().filter(|part| part.kind.moves()).any(|part| unheard(&part))
    }

    fn has_logout_beside_login(&self) -> bool {
        let logouts = self.parts.iter().filter(|part| part.kind == Kind::LogoutFlash && part.is_sent());
        let mut pairs = logouts.flat_map(|logout| self.parts.iter().map(move |other| (logout, other)));
        pairs.any(|(logout, other)| other.kind.moves() && Self::are_strangers(logout, other))
    }

    /// Why an acknowledged change of this request to this key may be missing.
    pub(super) fn limit(&self, part: &Part, key: &str) -> Option<Limit> {
        let others = self.parts.iter().filter(|other| other.actor != part.actor && !part.heard(other));
        let mut acted = others.filter(|other| other.answer.status != Status::Refused || other.kind.saves());
        let other = acted.find_map(|other| self.took_away(other, part, key));
        other.or_else(|| self.logins_at_once()).or_else(|| self.without_id(part))
    }

    /// Whether the other request, whose answer was not heard before, took the value away by right.
    fn took_away(&self, other: &Part, part: &Part, key: &str) -> Option<Limit> {
        if other.kind.destroys() || other.kind.clears() && key != "user" {
            return Some(Limit::Ended);
        }
        let unseen = other.kind == Kind::Messages && !other.loaded_after(part);
        if !other.kind.writes(key) || unseen {
            return None;
        }
        let stands = || self.visible().is_some_and(|seen| seen.user() == other.user().as_deref());
        let by_login = other.kind.logs_in() && other.is_mine() && stands();
        (key != "user" || other.heard(part) || by_login).then_some(Limit::Changed)
    }

    fn logins_at_once(&self) -> Option<Limit> {
        match (self.has_logout_beside_login(), self.has_unheard_rotation(), self.has_forked()) {
            (true, ..) => Some(Limit::LogoutAndLogin),
            (_, true, _) => Some(Limit::UnheardRotation),
            (.., true) => Some(Limit::TwoRotations),
            _ => None,
        }
    }

    /// A visitor without a live id has as many sessions as requests: the last answer's stands.
    fn without_id(&self, part: &Part) -> Option<Limit> {
        let own = self.world.jar.as_deref().is_some_and(|jar| part.token() == Some(jar));
        let began = |other: &Part| other.arrived == Arrived::New && other.token().is_some();
        (!own && self.parts.iter().any(began)).then_some(Limit::NoLiveId)
    }
}
