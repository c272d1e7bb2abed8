//! What can be wrong with a store.

use super::fault::faults;

faults! {
    /// One mistake in an otherwise correct store, and the check that is there to find it.
    StoreFault {
        /// An unknown token is an error.
        UnknownIsAnError => p1_an_unknown_token_is_absent,
        /// Blanks and quotes around a token are overlooked.
        ParsesLeniently => p1_malformed_text_is_no_token,
        /// Tokens are compared by their first half.
        ComparesHalfAToken => p1_a_forged_token_is_absent,
        /// Time stands still.
        NeverExpires => p1_an_expired_session_is_absent,
        /// `delete` says yes and does nothing.
        DeleteForgets => p1_a_deleted_session_is_absent,
        /// All sessions share the first one's token.
        SharesTokens => p2_each_session_has_its_own_token,
        /// `replace` says yes and writes nothing.
        ReplaceForgets => p3_replace_is_read_back,
        /// `replace` is a plain write: the last one wins.
        ReplaceIgnoresTheVersion => p3_replace_of_another_version_is_a_conflict,
        /// A write to a session that has ended claims to be done.
        GoneIsDone => p3_nothing_revives_the_deleted,
        /// A rotation of a session that has ended makes a new one of it.
        RotateRevives => p3_nothing_revives_the_expired,
        /// `touch` says yes and does nothing.
        TouchForgets => p4_a_touched_session_lives_on,
        /// `touch` is a `replace`: it makes a new version.
        TouchIsAReplace => p4_a_touch_is_no_conflict,
        /// `touch` sets the deadline, be it earlier.
        TouchShortens => p4_a_touch_never_shortens,
        /// `rotate` keeps the token.
        RotateKeepsTheToken => p5_rotate_gives_another_token,
        /// `rotate` leaves the old token live.
        RotateLeavesTheOldToken => p5_the_old_token_is_retired,
        /// A write under a retired id claims that the session has ended.
        RetiredIsGone => p5_a_retired_id_refuses_everything,
        /// `rotate` takes whatever version is there.
        RotateIgnoresTheVersion => p5_rotate_of_another_version_is_a_conflict,
        /// A retired id is as unknown as any other at once.
        ForgetsRetiredIds => p5_a_retired_id_is_forgotten_after_120_s,
        /// A second `delete` claims that there was something.
        DeleteIsAlwaysDone => p6_delete_is_idempotent,
        /// A conditional `delete` removes whatever is there.
        DeleteIgnoresTheVersion => p6_delete_goes_by_the_version,
        /// Sessions are stored without their contents.
        StoresNothing => p8_values_come_back,
        /// It takes more than its capabilities say.
        TakesTooMuch => p8_too_large_is_refused,
        /// `Debug` prints tokens.
        DebugPrintsTokens => p10_nothing_prints_a_secret,
        /// No call ends.
        NeverAnswers => p11_every_operation_ends,
    }
}
