//! One request, one budget.

use std::time::Duration;

use session_core::plan::Plan;
use session_core::{CookieAction, Error, Operation, Session, SessionConfig, Sessions, StoreConfig};
use session_testkit::{Behaviour, MovableClock};

use crate::support::{BUDGET, World, count_on, count_on_in, number, sessions, timed};

/// The most that a request may take: a timer's grain above its budget.
const LIMIT: Duration = BUDGET.saturating_add(Duration::from_millis(10));

#[tokio::test(start_paused = true)]
async fn p11_opening_ends_within_the_budget() {
    let world = World::new();
    let cookie = world.ada().await;
    world.gate.otherwise(Behaviour::Hang);
    let (opened, time) = timed(world.gated.open([cookie.as_str()])).await;
    assert!(matches!(opened, Err(Error::Timeout { operation: Operation::Get })), "{opened:?}");
    assert!(time <= LIMIT, "{time:?}");
    assert_eq!(world.gated.counts().store_timeouts, 2, "tried twice");

    world.gate.open();
    assert!(!world.gated.open([cookie.as_str()]).await.unwrap().is_new(), "there again, by itself");
}

#[tokio::test(start_paused = true)]
async fn p11_three_candidates_share_the_budget() {
    let world = World::new();
    let cookies = [world.ada().await, world.ada().await, world.ada().await];
    world.gate.otherwise(Behaviour::Slow(Duration::from_millis(1400)));
    let unknown = sessions(&world.spy, StoreConfig::default().prefix("elsewhere:"));
    let (opened, time) = timed(unknown.open(cookies.iter().map(String::as_str))).await;
    assert!(matches!(opened, Err(Error::Timeout { .. })), "{opened:?}");
    assert!(time <= LIMIT && time >= BUDGET, "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn p11_every_commit_ends_within_the_budget() {
    let kinds: [fn(&Session); 4] =
        [|session| session.set("n", 1).unwrap(), Session::rotate, Session::destroy, Session::clear];
    for prepare in kinds {
        let world = World::new();
        let cookie = world.ada().await;
        let session = world.gated.open([cookie.as_str()]).await.unwrap();
        prepare(&session);
        world.gate.otherwise(Behaviour::Hang);
        let (committed, time) = timed(world.gated.commit(&session)).await;
        assert!(matches!(committed.result, Err(Error::Timeout { .. })), "{committed:?}");
        assert!(matches!(committed.cookie, CookieAction::None));
        assert!(time <= LIMIT, "{time:?}");
        world.gate.open();
        assert!(!world.gated.open([cookie.as_str()]).await.unwrap().is_new(), "nothing was carried out");
    }
}

#[tokio::test(start_paused = true)]
async fn p11_a_new_session_ends_within_the_budget() {
    let world = World::new();
    let session = world.gated.fresh();
    session.set("n", 1).unwrap();
    world.gate.otherwise(Behaviour::Hang);
    let (committed, time) = timed(world.gated.commit(&session)).await;
    assert!(matches!(committed.result, Err(Error::Timeout { operation: Operation::Insert })), "{committed:?}");
    assert!(time <= LIMIT, "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn p11_a_touch_that_hangs_is_dropped_and_the_response_stands() {
    let world = World::new();
    let cookie = world.ada().await;
    let clock = MovableClock::default();
    let store = session_core::ServerSide::on(world.spy.clone(), StoreConfig::default()).unwrap();
    let gated = Sessions::with_clock(store, SessionConfig::default().refresh_below(1.0), clock.shared()).unwrap();
    clock.advance(Duration::from_secs(60));
    let session = gated.open([cookie.as_str()]).await.unwrap();
    world.gate.otherwise(Behaviour::Hang);
    let (committed, time) = timed(gated.commit(&session)).await;
    assert!(committed.result.is_ok() && committed.report.steps == [Plan::Touch], "{committed:?}");
    assert!(time <= LIMIT, "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn p11_only_time_in_calls_counts() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    tokio::time::sleep(10 * BUDGET).await;
    count_on(&session);
    world.gated.commit(&session).await.result.unwrap();
    assert_eq!(number(&world.free, &cookie).await, Some(1));
}

#[tokio::test(start_paused = true)]
async fn p11_each_save_after_the_head_has_a_budget_of_its_own() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    world.gated.commit(&session).await.result.unwrap();
    world.gate.otherwise(Behaviour::Slow(Duration::from_millis(1400)));
    for _ in 0..4 {
        count_on(&session);
        session.save().await.unwrap();
    }
    world.gate.open();
    assert_eq!(number(&world.free, &cookie).await, Some(4));
}

#[tokio::test(start_paused = true)]
async fn p11_saves_before_the_head_share_the_budget() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    world.gate.otherwise(Behaviour::Slow(Duration::from_millis(1400)));
    let (saved, time) = timed(async {
        for _ in 0..4 {
            count_on(&session);
            session.save().await?;
        }
        Ok(())
    })
    .await;
    assert!(matches!(saved, Err(Error::Timeout { .. })), "{saved:?}");
    assert!(time <= LIMIT, "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn p11_one_who_always_meets_another_gives_up_at_the_budget() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    count_on(&session);
    world.gate.otherwise(Behaviour::Slow(Duration::from_millis(300)));
    let (free, theirs) = (world.free.clone(), cookie.clone());
    let other = tokio::spawn(async move {
        loop {
            count_on_in(&free, &theirs).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let (committed, time) = timed(world.gated.commit(&session)).await;
    other.abort();
    assert!(matches!(committed.result, Err(Error::Timeout { .. })), "{committed:?}");
    assert!(committed.report.replays > 3, "{committed:?}");
    assert!(time <= LIMIT + Duration::from_millis(100), "pauses between replays are short: {time:?}");
}
