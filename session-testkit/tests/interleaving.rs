//! Every order of two or three requests, through the real code: no property is ever broken.
//!
//! All pairs of all kinds, with everything that may go wrong once (but for kinds that are alike); the triples that tell
//! most. With `INTERLEAVE=deep` in the environment these too with faults, all pairs with late writes, and all triples of
//! sixteen kinds: with `--release` about half a minute on two cores.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use session_testkit::interleave::{Explored, Kind, Limit, Property, Setting, TRIPLES, explore_all};

/// The kinds of whose triples all are explored where there is time.
const CORE: &[Kind] = &[
    Kind::SetX,
    Kind::Count,
    Kind::TakeOnce,
    Kind::Empty,
    Kind::Login,
    Kind::Elevate,
    Kind::Relogin,
    Kind::Logout,
    Kind::LogoutFlash,
    Kind::AttackSet,
    Kind::Callback,
    Kind::AttackSave,
    Kind::RotateTake,
    Kind::Renewal,
    Kind::RenewSet,
    Kind::CountSaveCount,
];

/// Kinds that a fault meets as it meets another: `sety` as `setx`, `relogin` as `login`, and so on.
const ALIKE: &[Kind] = &[Kind::SetY, Kind::Relogin, Kind::ForgedId, Kind::AttackCount];

/// Triples that have shown something once only together with a fault.
const WITH_FAULTS: &[[Kind; 3]] = &[
    // One lost answer in front of the line took everybody behind it down, a login too.
    [Kind::AttackSave, Kind::SetX, Kind::Login],
];

fn pairs() -> impl Iterator<Item = [Kind; 2]> {
    let pairs = Kind::ALL.iter().enumerate().flat_map(|(at, one)| Kind::ALL[at..].iter().map(move |two| [*one, *two]));
    pairs.filter(|pair| !pair.iter().all(|kind| kind.is_event()))
}

fn of<const N: usize>(sets: impl IntoIterator<Item = [Kind; N]>, logged_in: bool) -> impl Iterator<Item = Setting> {
    sets.into_iter().flat_map(move |kinds| Setting::new(&kinds).logged_in(logged_in).both_renames())
}

fn core() -> Vec<[Kind; 3]> {
    let ordered = |[one, two, three]: &[Kind; 3]| one <= two && two <= three;
    let all = CORE.iter().flat_map(|one| CORE.iter().flat_map(|two| CORE.iter().map(|three| [*one, *two, *three])));
    all.filter(ordered).collect()
}

fn explored() -> &'static Explored {
    static EXPLORED: OnceLock<Explored> = OnceLock::new();
    EXPLORED.get_or_init(|| {
        let mut settings: Vec<_> = of(pairs(), false).collect();
        let (alike, distinct): (Vec<_>, Vec<_>) =
            pairs().partition(|pair| pair.iter().any(|kind| ALIKE.contains(kind)));
        settings.extend(of(alike.iter().copied(), true));
        settings.extend(of(distinct, true).map(|pair| pair.faults(true)));
        let logouts = pairs().filter(|pair| pair.contains(&Kind::Logout));
        settings.extend(of(logouts, true).map(|pair| pair.late(true)));
        settings.extend(of(TRIPLES.iter().copied(), true));
        settings.extend(of(WITH_FAULTS.iter().copied(), true).map(|triple| triple.faults(true)));
        if std::env::var("INTERLEAVE").is_ok_and(|how| how == "deep") {
            settings.extend(of(alike, true).map(|pair| pair.faults(true)));
            settings.extend(of(pairs(), true).map(|pair| pair.late(true)));
            settings.extend(of(TRIPLES.iter().copied(), true).map(|triple| triple.faults(true)));
            settings.extend(of(core(), true));
        }
        // The large ones first, so that both threads end together.
        settings.reverse();
        explore_all(&settings)
    })
}

fn holds(property: Property) {
    let violations: Vec<_> = explored().violations().filter(|found| found.property == property).collect();
    assert!(violations.is_empty(), "{}", violations.iter().map(ToString::to_string).collect::<String>());
}

macro_rules! properties {
    ($($test:ident $property:ident)*) => {
        $(#[test]
        fn $test() {
            holds(Property::$property);
        })*

        #[test]
        fn no_property_is_forgotten() {
            assert_eq!([$(Property::$property),*], Property::ALL);
        }
    };
}

properties! {
    nothing_acknowledged_is_lost NothingIsLost
    counters_are_exact CountersAreExact
    a_retry_counts_once ARetryCountsOnce
    take_once_hands_out_once TakeOnce
    nothing_resurrects NothingResurrects
    the_old_id_is_dead TheOldIdIsDead
    a_rotation_has_its_cookie ARotationHasItsCookie
    a_login_stands ALoginStands
    a_login_is_never_refused ALoginIsNeverRefused
    an_old_id_never_reads_the_successor AnOldIdNeverReads
    successors_keys_stand SuccessorsKeysStand
    an_unknown_id_is_never_adopted NeverAdopted
    a_removal_takes_only_its_own ARemovalTakesItsOwn
    a_logout_takes_its_cookie_along ALogoutTakesItsCookie
    no_orphan_behind_a_success NoOrphan
    a_touched_session_lives ATouchedSessionLives
    an_error_sets_no_cookie AnErrorSetsNoCookie
    round_trips RoundTrips
    every_request_ends EveryRequestEnds
    no_request_fails_by_itself NoRequestFailsByItself
}

#[test]
fn every_limit_that_excuses_something_is_real() {
    let met: BTreeSet<_> = explored().findings.iter().filter_map(|found| found.limit).collect();
    assert!(met.iter().eq(Limit::ALL), "met {met:?}");
}

#[test]
fn all_schedules_are_explored() {
    let explored = explored();
    println!(
        "{} sets of requests: {} schedules, {} of them to a new end; {} states",
        explored.settings, explored.schedules, explored.ends, explored.states
    );
    // An explorer that drops schedules finds nothing wrong either.
    assert!(explored.settings > 1_500 && explored.ends > 50_000);
}
