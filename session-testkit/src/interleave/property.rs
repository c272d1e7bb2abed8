//! What must hold at the end of every schedule, and what excuses it.

use std::fmt;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// Every one.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The name, as the model has it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

names! {
    /// What must hold, whatever the order.
    Property {
        /// A change whose success the visitor saw is there, unless another request took it away by right.
        NothingIsLost "nothing acknowledged is lost",
        /// So many acknowledged increments make at least so much.
        CountersAreExact "counters are exact",
        /// So many increments make at most so much, in any session.
        ARetryCountsOnce "a retry counts once",
        /// Of racing requests one gets the value.
        TakeOnce "take_once hands out once",
        /// After a logout nobody is logged in under any id that was ever sent.
        NothingResurrects "nothing resurrects",
        /// After a rotation the id before it opens nothing.
        TheOldIdIsDead "the old id is dead",
        /// A rotation never succeeds without a cookie.
        ARotationHasItsCookie "a rotation has its cookie",
        /// Whatever the order of answers, and whatever an attacker does.
        ALoginStands "a login stands",
        /// A login fails only where its own store calls do.
        ALoginIsNeverRefused "a login is never refused",
        /// Whoever holds the id from before a login sees nothing of what came after it.
        AnOldIdNeverReads "an old id never reads the successor",
        /// A request writes to the session that it presented, or to its own.
        SuccessorsKeysStand "successor's keys stand",
        /// No session under an id that the client chose.
        NeverAdopted "an unknown id is never adopted",
        /// A cookie is removed only by whoever ended its session.
        ARemovalTakesItsOwn "a removal takes only its own",
        /// A logout that ended something removes the cookie, or sets another.
        ALogoutTakesItsCookie "a logout takes its cookie along",
        /// A request that succeeds leaves no live record that nobody knows.
        NoOrphan "no orphan behind a success",
        /// A touch keeps the session.
        ATouchedSessionLives "a touched session lives",
        /// A request that fails changes no cookie, but by an earlier `save()`.
        AnErrorSetsNoCookie "an error sets no cookie",
        /// Undisturbed requests cost what is documented.
        RoundTrips "round trips",
        /// Nobody waits for ever.
        EveryRequestEnds "every request ends",
        /// No request ends in an error of its own (500).
        NoRequestFailsByItself "no request fails by itself",
    }
}

names! {
    /// What no server can help, and the documentation states.
    Limit {
        /// The session was ended meanwhile.
        Ended "ended",
        /// Another request wrote the key.
        Changed "changed by another",
        /// Two sessions: the last answer stands, a logout ends its own.
        TwoRotations "two rotations at once",
        /// A rotation whose answer was lost: that session is out of reach.
        UnheardRotation "a rotation nobody heard of",
        /// A visitor without a live id has as many sessions as requests under way.
        NoLiveId "no live id",
        /// Which answer comes last decides.
        LogoutAndLogin "logout and login at once",
        /// The store failed a request, and those in line behind it gave up with it.
        LineFailed "the store failed in front of it",
        /// It may be done all the same, under an id that nobody knows.
        LateInsert "an insert that timed out",
    }
}
