//! The names of all checks, in one place, and what each needs: the registry and the test macro both read it from here.

/// The checks of `suite::backend`.
#[doc(hidden)]
#[macro_export]
macro_rules! __backend_checks {
    ([$($callback:tt)*] $($arguments:tt)*) => { $($callback)*! { $($arguments)* =>
        p1_unknown_is_absent [];
        p1_expired_is_absent [];
        p1_deleted_is_absent [];
        p1_a_deadline_is_exact [MovableClock];
        p1_keys_compare_byte_for_byte [];
        p1_an_outage_is_an_error [Outage];
        p2_insert_writes_a_new_entry [];
        p2_insert_never_overwrites [];
        p2_insert_never_overwrites_a_marker [];
        p2_insert_writes_over_the_expired [];
        p2_of_racing_inserts_one_wins [];
        p3_swap_replaces_the_version_seen [];
        p3_swap_of_another_version_is_a_conflict [];
        p3_swap_never_revives_the_deleted [];
        p3_swap_never_revives_the_expired [];
        p3_swap_on_a_marker_is_retired [];
        p3_a_repeated_swap_is_done [];
        p3_a_repeat_after_a_later_swap_is_a_conflict [];
        p3_of_racing_swaps_one_wins [];
        p4_touch_moves_the_deadline_only [];
        p4_a_touched_entry_lives_on [];
        p4_a_touch_is_no_change [];
        p4_touch_never_shortens [];
        p4_touch_of_another_version_is_a_conflict [];
        p4_a_touch_never_undoes_a_swap [];
        p4_touch_never_revives [];
        p4_touch_on_a_marker_is_retired [];
        p5_a_marker_names_its_successor [];
        p5_a_marker_cannot_be_written_over [];
        p5_a_marker_cannot_be_removed [];
        p5_a_repeated_marker_is_done [];
        p5_a_marker_expires [];
        p5_of_racing_markers_one_wins [];
        p5_rename_moves_and_retires [AtomicRename];
        p5_rename_of_another_version_is_a_conflict [AtomicRename];
        p5_rename_never_revives [AtomicRename];
        p5_rename_on_a_marker_is_retired [AtomicRename];
        p5_a_repeated_rename_is_harmless [AtomicRename];
        p5_of_racing_renames_one_wins [AtomicRename];
        p6_remove_is_idempotent [];
        p6_remove_of_another_version_is_a_conflict [];
        p6_remove_goes_by_the_present_version [];
        p6_remove_leaves_the_others [];
        p6_nothing_survives_a_removal [];
        p7_sweep_removes_the_expired_in_batches [Sweep];
        p7_sweep_leaves_the_living [];
        p7_sweep_removes_expired_markers [Sweep];
        p8_an_empty_payload_comes_back [];
        p8_any_bytes_come_back [];
        p8_a_megabyte_comes_back [];
        p8_the_largest_payload_comes_back [];
        p9_a_dropped_swap_is_all_or_nothing [];
        p9_a_dropped_insert_is_all_or_nothing [];
        p9_a_dropped_touch_leaves_the_record [];
        p9_a_dropped_remove_is_all_or_nothing [];
        p10_debug_prints_no_secret [];
        p10_errors_print_no_secret [Outage];
        p11_every_call_ends [];
        p11_many_at_once_end [];
        p11_an_outage_ends_in_time [Outage];
    } };
}

/// The checks of `suite::server_side`.
#[doc(hidden)]
#[macro_export]
macro_rules! __server_side_checks {
    ([$($callback:tt)*] $($arguments:tt)*) => { $($callback)*! { $($arguments)* =>
        trips_untouched_is_0 [];
        trips_malformed_is_0 [];
        trips_unknown_is_1 [];
        trips_read_is_1 [];
        trips_read_with_a_due_touch_is_2 [];
        trips_modified_is_2 [];
        trips_new_is_1 [];
        trips_rotate_is_2_or_3 [];
        trips_rotate_that_meets_a_change [];
        trips_logout_is_2 [];
        trips_logout_with_a_flash_is_3 [];
        corrupt_is_an_error_and_left_alone [];
        corrupt_can_start_anew [];
        corrupt_is_also_an_empty_payload [];
        outage_is_no_logout [];
        outage_at_the_commit_changes_nothing [];
        outage_of_a_touch_is_dropped [];
        outage_of_one_answer_is_mended [];
        outage_of_an_insert_takes_another_token [];
        p9_a_cut_change_is_all_or_nothing [];
        p9_a_cut_login_is_all_or_nothing [];
        p9_a_cut_logout_is_all_or_nothing [];
        p10_a_session_prints_no_secret [];
    } };
}

/// The checks of `suite::store`.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_checks {
    ([$($callback:tt)*] $($arguments:tt)*) => { $($callback)*! { $($arguments)* =>
        p1_an_unknown_token_is_absent [];
        p1_malformed_text_is_no_token [];
        p1_a_forged_token_is_absent [];
        p1_an_expired_session_is_absent [];
        p1_a_deleted_session_is_absent [Revocable];
        p1_an_absolute_end_counts [MovableClock];
        p2_each_session_has_its_own_token [];
        p3_replace_is_read_back [];
        p3_replace_of_another_version_is_a_conflict [Mergeable];
        p3_nothing_revives_the_deleted [Revocable];
        p3_nothing_revives_the_expired [Revocable];
        p4_a_touched_session_lives_on [];
        p4_a_touch_is_no_conflict [];
        p4_a_touch_never_shortens [];
        p5_rotate_gives_another_token [];
        p5_the_old_token_is_retired [Revocable];
        p5_a_retired_id_refuses_everything [Revocable];
        p5_rotate_of_another_version_is_a_conflict [Mergeable];
        p5_a_retired_id_is_forgotten_after_120_s [Revocable, MovableClock];
        p6_delete_is_idempotent [Revocable];
        p6_delete_goes_by_the_version [Revocable, Mergeable];
        p8_values_come_back [];
        p8_too_large_is_refused [];
        p10_nothing_prints_a_secret [];
        p11_every_operation_ends [];
    } };
}

/// The checks of `suite::sessions`.
#[doc(hidden)]
#[macro_export]
macro_rules! __sessions_checks {
    ([$($callback:tt)*] $($arguments:tt)*) => { $($callback)*! { $($arguments)* =>
        untouched_costs_nothing [];
        empty_new_session_is_not_stored [];
        read_writes_nothing [];
        same_value_is_no_change [];
        stored_is_read_back [];
        unknown_id_is_never_adopted [];
        emptied_session_is_deleted [];
        emptied_session_that_was_filled_stays [Mergeable];
        change_of_an_emptied_session_is_refused [Revocable];
        too_large_leaves_the_stored_one [];
        clear_keeps_the_life [];
        different_keys_both_survive [Mergeable];
        same_key_keeps_the_last [Mergeable];
        update_counts_on [Mergeable];
        update_counts_64_of_64 [Mergeable];
        update_counts_64_loaded_before [Mergeable];
        update_counts_64_on_one_handle [SteadyToken];
        update_counts_across_processes [Mergeable];
        strict_refuses_a_stale_read [Mergeable];
        strict_refuses_after_reading_all [Mergeable];
        strict_merges_what_was_not_read [Mergeable];
        flashes_are_taken_once [];
        flash_added_meanwhile_stays [Mergeable];
        flashes_of_two_both_stay [Mergeable];
        take_once_hands_out_to_one_of_32 [Mergeable];
        take_once_leaves_a_newer_value [Mergeable];
        take_once_of_nothing_is_none [];
        first_live_cookie_wins [];
        retired_cookie_yields_to_a_live_one [Revocable];
        cookie_is_sent_once [SteadyToken];
        max_age_is_the_rest_of_the_absolute_life [];
        permanent_change_rotates_keeping_deadlines [];
        save_stores_at_once [];
        save_keeps_its_cookie_after_a_failure [];
        save_after_the_head_needs_no_cookie [];
        save_after_the_head_stores_changes [SteadyToken];
        uncommitted_is_not_stored [];
        status_decides_what_is_stored [];
        refusal_is_final [Revocable];
        rotate_keeps_the_data [];
        rotate_kills_the_old_id [Revocable];
        retired_id_is_unknown_after_15_s [Revocable, MovableClock];
        rotate_begins_a_new_life [];
        renewal_keeps_the_life [];
        rotate_of_a_new_session_creates_it [];
        rotate_of_an_emptied_session_deletes [];
        slow_read_across_a_login_is_harmless [Revocable];
        slow_change_across_a_login_is_refused [Revocable];
        renewal_across_a_login_is_dropped [Revocable];
        double_login_ends_logged_in [];
        late_login_copies_nothing_of_the_successor [];
        login_after_a_logout_has_its_own_changes_alone [Revocable];
        login_after_the_successor_ended_has_its_own_changes_alone [Revocable];
        empty_login_after_a_logout_is_refused [Revocable];
        login_with_a_retired_id_starts_anew [];
        take_once_in_a_late_login_is_refused [Revocable];
        racing_logins_each_have_a_live_session [Revocable];
        destroy_ends_the_session [];
        destroy_of_nothing_sends_no_removal [Revocable];
        destroy_then_set_is_a_new_session [];
        destroy_then_failure_sends_no_cookie [];
        destroy_follows_a_rotation [Revocable];
        destroy_follows_a_chain [Revocable];
        destroy_with_a_retired_id_ends_the_successor [Revocable];
        change_after_a_logout_is_refused [Revocable];
        read_after_a_logout_is_harmless [Revocable];
        nothing_survives_a_racing_logout [Revocable];
        idle_deadline_ends_a_session [MovableClock];
        unused_session_ends [];
        absolute_deadline_ends_a_used_session [MovableClock];
        change_moves_the_idle_deadline [MovableClock];
        touches_are_throttled [MovableClock];
        refresh_can_be_turned_off [MovableClock];
        touch_that_meets_a_change_is_dropped [MovableClock, Mergeable];
    } };
}
