//! Whose rules decide when a session's cookie is sent.

use serde::Deserialize;

use crate::record::Record;

/// Whose rules decide when a session's cookie is sent, when its deadline moves, and which session is empty.
///
/// Set by [`SessionConfig::flask`](crate::SessionConfig::flask) and
/// [`SessionConfig::flask_session`](crate::SessionConfig::flask_session), which bring the settings that go with it.
///
/// | | native | Flask | Flask-Session |
/// |---|---|---|---|
/// | cookie sent | when its id is made | when changed, or permanent and refreshed | likewise |
/// | deadline moved | when 10 % of the idle time are used | with the cookie | by each request |
/// | `permanent` gives | `Max-Age` | `Expires` | `Expires` |
/// | empty is | no key but `_permanent` | no key at all | no key but `_permanent` |
/// | emptied | the cookie stays | the cookie is removed | the cookie is removed |
/// | a request that takes no session | changes nothing | is refreshed | is refreshed |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Compatibility {
    /// This library's own: an id is sent when it is made and never again.
    #[default]
    Native,
    /// Those of Flask's own sessions, which live in the cookie (`SecureCookieSessionInterface`).
    Flask,
    /// Those of Flask-Session 0.8, whose sessions live on the server.
    FlaskSession,
}

/// What a request did with a live session that it left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) empty: bool,
    pub(crate) permanent: bool,
    /// A value was set to what it was: no change, though Flask calls it one.
    pub(crate) rewritten: bool,
    /// `SESSION_REFRESH_EACH_REQUEST`.
    pub(crate) refresh: bool,
}

impl Compatibility {
    /// True for both of Flask's.
    #[must_use]
    pub const fn is_flask(self) -> bool {
        matches!(self, Compatibility::Flask | Compatibility::FlaskSession)
    }

    /// True where the deadline moves though nothing has changed.
    pub(crate) const fn refreshes(self, used: Use) -> bool {
        let by_read = match self {
            Compatibility::Native => return false,
            Compatibility::Flask => used.permanent && used.refresh,
            Compatibility::FlaskSession => used.refresh,
        };
        !used.empty && (by_read || used.rewritten)
    }

    /// True where the cookie is sent again though nothing has changed.
    pub(crate) const fn sends_again(self, used: Use) -> bool {
        self.is_flask() && !used.empty && (used.rewritten || used.permanent && used.refresh)
    }

    /// True where the record holds nothing worth keeping. Flask's own sessions count `_permanent` as a key.
    pub(crate) fn is_empty(self, record: &Record) -> bool {
        match self {
            Compatibility::Flask => record.is_bare(),
            _ => record.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Facts, Origin, Plan, plan};

    const READ: Use = Use { empty: false, permanent: false, rewritten: false, refresh: true };

    fn plan_of(rules: Compatibility, used: Use) -> Plan {
        let touch_due = rules.refreshes(used);
        plan(&Facts {
            origin: Origin::Live,
            changed: false,
            empty: used.empty,
            rotate: false,
            destroy: false,
            touch_due,
        })
    }

    /// The rows of the rules for a session that was not changed: who uses it, what is done, whether the cookie is sent.
    #[test]
    fn an_unchanged_session_is_refreshed_as_flask_does() {
        use Compatibility::{Flask, FlaskSession, Native};
        let permanent = Use { permanent: true, ..READ };
        let still = |used: Use| Use { refresh: false, ..used };
        let again = |used: Use| Use { rewritten: true, ..used };
        let empty = |used: Use| Use { empty: true, ..used };
        for (rules, used, done, sent) in [
            (Native, permanent, Plan::Nothing, false),
            (Native, again(permanent), Plan::Nothing, false),
            (Flask, READ, Plan::Nothing, false),
            (Flask, permanent, Plan::Touch, true),
            (Flask, still(permanent), Plan::Nothing, false),
            (Flask, again(READ), Plan::Touch, true),
            (Flask, again(still(READ)), Plan::Touch, true),
            (Flask, empty(permanent), Plan::Nothing, false),
            (FlaskSession, READ, Plan::Touch, false),
            (FlaskSession, permanent, Plan::Touch, true),
            (FlaskSession, still(permanent), Plan::Nothing, false),
            (FlaskSession, again(still(READ)), Plan::Touch, true),
            (FlaskSession, empty(permanent), Plan::Nothing, false),
            (FlaskSession, empty(again(permanent)), Plan::Nothing, false),
        ] {
            assert_eq!((plan_of(rules, used), rules.sends_again(used)), (done, sent), "{rules:?} {used:?}");
        }
    }
}
