//! The one decision at the end of a request: pure, no I/O, a table.

/// Where a request's session comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The request brought no token.
    NoToken,
    /// It brought one that opens nothing.
    Absent,
    /// It brought an id that was rotated within the last 15 s: a change would be planted beside a login.
    Retired,
    /// It brought a live session.
    Live,
}

/// What is known at the end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Where the session comes from.
    pub origin: Origin,
    /// Its contents differ from what was loaded.
    pub changed: bool,
    /// It holds no key but `_permanent`.
    pub empty: bool,
    /// A new id is wanted.
    pub rotate: bool,
    /// The session is to end.
    pub destroy: bool,
    /// So little of the idle time is left that a read moves the deadline.
    pub touch_due: bool,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plan {
    /// No store call, no cookie.
    Nothing,
    /// Move the deadline.
    Touch,
    /// Store a new session under a new id.
    Create,
    /// Replace the record.
    Replace,
    /// Store under a new id and retire the old one.
    Rotate,
    /// The session became empty: remove its record, leave the cookie.
    Delete,
    /// End the session, and its successor if the id was rotated; then plan what was set after it.
    Destroy,
    /// The id was rotated a moment ago: the change is refused.
    Refuse,
}

/// Decides.
///
/// ```
/// use session_core::plan::{Facts, Origin, Plan, plan};
///
/// let login = Facts { origin: Origin::Live, changed: true, empty: false, rotate: true, destroy: false, touch_due: false };
/// assert_eq!(plan(&login), Plan::Rotate);
/// assert_eq!(plan(&Facts { changed: false, rotate: false, ..login }), Plan::Nothing);
/// ```
#[must_use]
pub fn plan(facts: &Facts) -> Plan {
    if facts.destroy {
        return Plan::Destroy;
    }
    match facts.origin {
        Origin::NoToken | Origin::Absent if facts.empty => Plan::Nothing,
        Origin::NoToken | Origin::Absent => Plan::Create,
        Origin::Retired if facts.rotate => Plan::Create,
        Origin::Retired if facts.empty => Plan::Nothing,
        Origin::Retired => Plan::Refuse,
        Origin::Live => plan_live(facts),
    }
}

fn plan_live(facts: &Facts) -> Plan {
    match (facts.empty, facts.rotate, facts.changed, facts.touch_due) {
        // A session that is emptied ends, with a new id or without.
        (true, true, ..) | (true, _, true, _) => Plan::Delete,
        (false, true, ..) => Plan::Rotate,
        (false, false, true, _) => Plan::Replace,
        (_, false, false, true) => Plan::Touch,
        (_, false, false, false) => Plan::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: [bool; 2] = [false, true];

    fn all() -> impl Iterator<Item = Facts> {
        let origins = [Origin::NoToken, Origin::Absent, Origin::Retired, Origin::Live];
        origins.into_iter().flat_map(|origin| {
            (0..32_u8).map(move |bits| {
                let bit = |n: u8| FLAGS[usize::from(bits >> n & 1)];
                Facts { origin, changed: bit(0), empty: bit(1), rotate: bit(2), destroy: bit(3), touch_due: bit(4) }
            })
        })
    }

    #[test]
    fn a_crawler_costs_nothing() {
        for facts in all().filter(|f| matches!(f.origin, Origin::NoToken | Origin::Absent) && f.empty && !f.destroy) {
            assert_eq!(plan(&facts), Plan::Nothing, "{facts:?}");
        }
    }

    #[test]
    fn s04_what_opens_nothing_is_never_written_to() {
        for facts in all().filter(|f| f.origin != Origin::Live && !f.destroy) {
            assert!(matches!(plan(&facts), Plan::Nothing | Plan::Create | Plan::Refuse), "{facts:?}");
        }
    }

    #[test]
    fn s72_an_old_id_changes_nothing_unless_it_logs_in_anew() {
        for facts in all().filter(|f| f.origin == Origin::Retired && !f.destroy) {
            let expected = match (facts.rotate, facts.empty) {
                (true, _) => Plan::Create,
                (false, true) => Plan::Nothing,
                (false, false) => Plan::Refuse,
            };
            assert_eq!(plan(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn destroy_comes_first() {
        assert!(all().filter(|f| f.destroy).all(|facts| plan(&facts) == Plan::Destroy));
    }

    #[test]
    fn an_unchanged_live_session_is_at_most_touched() {
        for facts in all().filter(|f| f.origin == Origin::Live && !f.destroy && !f.rotate && !f.changed) {
            let expected = if facts.touch_due { Plan::Touch } else { Plan::Nothing };
            assert_eq!(plan(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn a_changed_live_session_is_replaced_rotated_or_removed() {
        for facts in all().filter(|f| f.origin == Origin::Live && !f.destroy && (f.changed || f.rotate)) {
            let expected = match (facts.empty, facts.rotate) {
                (true, _) => Plan::Delete,
                (false, true) => Plan::Rotate,
                (false, false) => Plan::Replace,
            };
            assert_eq!(plan(&facts), expected, "{facts:?}");
        }
    }
}
