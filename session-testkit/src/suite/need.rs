//! What a check needs of the store that it runs on.

use session_core::Capabilities;

/// Something that not every store has. A check that needs it is excluded where it is missing: declared in the
/// [`conformance!`](crate::conformance) invocation, and printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The backend renames in one command.
    AtomicRename,
    /// Deadlines are judged by the time that the caller brings along, so that a check can move the clock.
    MovableClock,
    /// The fixture has a second backend whose server does not answer: [`Fixture::broken`](crate::Fixture::broken).
    Outage,
    /// What has expired is removed by `sweep` and not by the server.
    Sweep,
    /// One session can be ended on the server.
    Revocable,
    /// Concurrent changes are noticed.
    Mergeable,
    /// A token stays valid across writes.
    SteadyToken,
}

impl Need {
    /// Every one of them.
    pub const ALL: [Need; 7] = [
        Need::AtomicRename,
        Need::MovableClock,
        Need::Outage,
        Need::Sweep,
        Need::Revocable,
        Need::Mergeable,
        Need::SteadyToken,
    ];

    /// Why a check that needs this is excluded.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Need::AtomicRename => "renaming takes two commands",
            Need::MovableClock => "the server judges time by its own clock",
            Need::Outage => "the fixture has no backend with a broken server",
            Need::Sweep => "the server itself removes what has expired",
            Need::Revocable => "a session lives on in whoever kept its cookie",
            Need::Mergeable => "concurrent changes are not noticed",
            Need::SteadyToken => "every write makes a new token",
        }
    }

    /// Whether a store with these capabilities has it; what they do not tell is taken to be there.
    pub(crate) fn among(self, capabilities: &Capabilities) -> bool {
        match self {
            Need::Sweep => !capabilities.self_expiring,
            Need::Revocable => capabilities.revocable,
            Need::Mergeable => capabilities.mergeable,
            Need::SteadyToken => !capabilities.token_per_write,
            Need::AtomicRename | Need::MovableClock | Need::Outage => true,
        }
    }
}

/// What checks run on.
pub trait Subject: Send + Sync + 'static {
    /// Whether it has what a check needs.
    fn has(&self, need: Need) -> bool;
}
