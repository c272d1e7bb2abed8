//! What can be wrong with a backend.

macro_rules! faults {
    ($(#[$doc:meta])* $name:ident { $($(#[$fault_doc:meta])* $fault:ident => $check:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$fault_doc])* $fault),* }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [$name] = &[$($name::$fault),*];

            /// The check that is there to find it.
            #[must_use]
            pub const fn check(self) -> &'static str {
                match self { $($name::$fault => stringify!($check)),* }
            }
        }
    };
}

pub(super) use faults;

faults! {
    /// One mistake in an otherwise correct backend, and the check that is there to find it.
    Fault {
        /// Expired entries are returned.
        ReturnsExpired => p1_expired_is_absent,
        /// An unknown key is an error.
        UnknownIsAnError => p1_unknown_is_absent,
        /// Removed entries can still be read.
        ReadsTheDeleted => p1_deleted_is_absent,
        /// An entry lives a millisecond beyond its deadline.
        LivesTooLong => p1_a_deadline_is_exact,
        /// Keys are compared without case, as many SQL collations do.
        IgnoresCase => p1_keys_compare_byte_for_byte,
        /// A server that does not answer looks like an absent session.
        OutageIsAbsent => p1_an_outage_is_an_error,
        /// `insert` says yes and writes nothing.
        InsertForgets => p2_insert_writes_a_new_entry,
        /// `insert` is an upsert.
        InsertOverwrites => p2_insert_never_overwrites,
        /// `insert` takes a marker for a free place.
        InsertOverwritesMarkers => p2_insert_never_overwrites_a_marker,
        /// `insert` takes an expired entry for a live one.
        InsertSeesTheExpired => p2_insert_writes_over_the_expired,
        /// `insert` looks first and writes then.
        InsertLooksFirst => p2_of_racing_inserts_one_wins,
        /// `swap` keeps the old deadline.
        SwapKeepsTheDeadline => p3_swap_replaces_the_version_seen,
        /// `swap` is a plain write: the last one wins.
        SwapIgnoresTheVersion => p3_swap_of_another_version_is_a_conflict,
        /// `swap` is an upsert: it brings a deleted session back.
        SwapRevives => p3_swap_never_revives_the_deleted,
        /// `swap` writes to an expired entry.
        SwapRevivesTheExpired => p3_swap_never_revives_the_expired,
        /// `swap` takes a retired id for an ended one.
        SwapTakesMarkersForGone => p3_swap_on_a_marker_is_retired,
        /// A repeated `swap` does not know its own version.
        SwapForgetsItself => p3_a_repeated_swap_is_done,
        /// A repeated `swap` is always done, whatever was written since.
        SwapIsAlwaysDone => p3_a_repeat_after_a_later_swap_is_a_conflict,
        /// `swap` looks first and writes then.
        SwapLooksFirst => p3_of_racing_swaps_one_wins,
        /// `touch` does nothing.
        TouchForgets => p4_a_touched_entry_lives_on,
        /// `touch` makes a new version.
        TouchChangesTheVersion => p4_a_touch_is_no_change,
        /// `touch` writes an empty value.
        TouchClearsTheValue => p4_touch_moves_the_deadline_only,
        /// `touch` sets the deadline, be it earlier.
        TouchShortens => p4_touch_never_shortens,
        /// `touch` moves whatever version is there.
        TouchIgnoresTheVersion => p4_touch_of_another_version_is_a_conflict,
        /// `touch` brings the expired back.
        TouchRevives => p4_touch_never_revives,
        /// `touch` keeps a marker alive.
        TouchMovesMarkers => p4_touch_on_a_marker_is_retired,
        /// `touch` reads the entry and writes it back.
        TouchRewritesTheValue => p4_a_touch_never_undoes_a_swap,
        /// A marker leads nowhere.
        MarkerLeadsNowhere => p5_a_marker_names_its_successor,
        /// A marker is a record like any other.
        MarkerIsOverwritten => p5_a_marker_cannot_be_written_over,
        /// A removal takes the marker away.
        RemoveTakesMarkers => p5_a_marker_cannot_be_removed,
        /// A marker that is there already is an obstacle to its own repeat.
        MarkerForgetsItself => p5_a_repeated_marker_is_done,
        /// A marker stays for ever.
        MarkerStays => p5_a_marker_expires,
        /// Retiring looks first and writes then.
        MarkerLooksFirst => p5_of_racing_markers_one_wins,
        /// `rename` leaves the old id live.
        RenameLeavesTheOldId => p5_rename_moves_and_retires,
        /// `rename` writes the new record before it looks at the version.
        RenameWritesOnConflict => p5_rename_of_another_version_is_a_conflict,
        /// `rename` of what has ended writes the new record.
        RenameRevives => p5_rename_never_revives,
        /// `rename` of a retired id writes the new record.
        RenameIgnoresMarkers => p5_rename_on_a_marker_is_retired,
        /// A repeated `rename` writes the new record again.
        RenameRepeatsItself => p5_a_repeated_rename_is_harmless,
        /// `rename` looks first and writes then.
        RenameLooksFirst => p5_of_racing_renames_one_wins,
        /// A second removal claims that there was something.
        RemoveIsAlwaysDone => p6_remove_is_idempotent,
        /// A conditional removal removes whatever is there.
        RemoveIgnoresTheVersion => p6_remove_of_another_version_is_a_conflict,
        /// An unconditional removal removes nothing.
        RemoveForgets => p6_remove_goes_by_the_present_version,
        /// A removal removes everything.
        RemoveFlushes => p6_remove_leaves_the_others,
        /// A removal leaves what was changed while it looked.
        RemoveLooksFirst => p6_nothing_survives_a_removal,
        /// `sweep` removes everything.
        SweepTakesTheLiving => p7_sweep_leaves_the_living,
        /// `sweep` knows no bound.
        SweepIsUnbounded => p7_sweep_removes_the_expired_in_batches,
        /// `sweep` does nothing.
        SweepForgets => p7_sweep_removes_expired_markers,
        /// An empty payload looks like an absent session.
        EmptyIsAbsent => p8_an_empty_payload_comes_back,
        /// A payload ends at its first NUL byte.
        EndsAtNul => p8_any_bytes_come_back,
        /// A payload ends after 64 KiB, as in a column of that size.
        EndsAt64Kib => p8_a_megabyte_comes_back,
        /// A payload ends one byte before the size that the capabilities promise.
        EndsBeforeItsLimit => p8_the_largest_payload_comes_back,
        /// `swap` writes in two steps.
        TearsSwaps => p9_a_dropped_swap_is_all_or_nothing,
        /// `insert` writes in two steps.
        TearsInserts => p9_a_dropped_insert_is_all_or_nothing,
        /// `touch` writes in two steps.
        TearsTouches => p9_a_dropped_touch_leaves_the_record,
        /// A dropped call leaves its lock behind.
        LeavesItsLock => p9_a_dropped_remove_is_all_or_nothing,
        /// `Debug` prints keys and payloads.
        DebugPrintsEverything => p10_debug_prints_no_secret,
        /// Errors name the key.
        ErrorsNameTheKey => p10_errors_print_no_secret,
        /// No call ends.
        NeverAnswers => p11_every_call_ends,
        /// Calls are made one after the other, and the second waits for ever.
        DeadlocksWhenBusy => p11_many_at_once_end,
        /// A write to a server that does not answer claims to be done.
        OutageIsSuccess => p11_an_outage_ends_in_time,
    }
}
