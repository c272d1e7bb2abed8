//! Idle and absolute deadlines, and what moves them.

use std::time::Duration;

use session_core::SessionConfig;
use session_core::plan::Plan;

use super::ada_with;
use crate::suite::store_fixture::StoreFixture;

const MINUTE: Duration = Duration::from_secs(60);

fn short_idle() -> SessionConfig {
    SessionConfig::default().idle(100 * MINUTE).absolute(1000 * MINUTE)
}

/// A session that nobody used for the idle time has ended, and not a millisecond before; nor after, unless the store rounds.
pub async fn idle_deadline_ends_a_session(fixture: &StoreFixture) {
    let visitor = ada_with(fixture, short_idle()).await;
    fixture.time().pass(100 * MINUTE - Duration::from_millis(1)).await;
    assert!(visitor.is_live().await);
    fixture.time().pass(Duration::from_millis(1) + fixture.time().tolerance()).await;
    assert!(!visitor.is_live().await);
}

/// By whoever's clock: an unused session ends.
pub async fn unused_session_ends(fixture: &StoreFixture) {
    // Shorter is no idle time that the configuration takes.
    let idle = fixture.time().short().max(Duration::from_secs(1));
    let visitor = ada_with(fixture, SessionConfig::default().idle(idle)).await;
    assert!(visitor.is_live().await);
    fixture.time().pass(idle + 2 * fixture.time().unit()).await;
    assert!(!visitor.is_live().await);
}

/// Used again and again, a session outlives the idle time, but not its absolute end.
pub async fn absolute_deadline_ends_a_used_session(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, short_idle()).await;
    for minutes in (50..1000).step_by(50) {
        fixture.time().pass(50 * MINUTE).await;
        assert!(visitor.is_live().await, "after {minutes} minutes");
        visitor.request(|_| Ok(())).await;
    }
    fixture.time().pass(50 * MINUTE - Duration::from_millis(1)).await;
    assert!(visitor.is_live().await);
    fixture.time().pass(Duration::from_millis(1)).await;
    assert!(!visitor.is_live().await);
}

/// Changes move the idle deadline too, and never beyond the absolute end.
pub async fn change_moves_the_idle_deadline(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, short_idle()).await;
    for n in 1..20 {
        fixture.time().pass(50 * MINUTE).await;
        visitor.request(|session| session.set("n", n)).await;
    }
    let session = visitor.open().await;
    fixture.time().assert_near(session.deadline(), session.created().plus(1000 * MINUTE));
    fixture.time().pass(50 * MINUTE).await;
    assert!(!visitor.is_live().await);
}

/// A read moves the deadline only when less than 90 % of the idle time is left.
pub async fn touches_are_throttled(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, short_idle()).await;
    let first = visitor.open().await.deadline();
    fixture.time().pass(10 * MINUTE).await;
    assert_eq!(visitor.request(|_| Ok(())).await.report.steps, []);
    assert_eq!(visitor.open().await.deadline(), first);

    fixture.time().pass(Duration::from_millis(1) + fixture.time().tolerance()).await;
    assert_eq!(visitor.request(|_| Ok(())).await.report.steps, [Plan::Touch]);
    fixture.time().assert_near(visitor.open().await.deadline(), fixture.now().plus(100 * MINUTE));
    assert_eq!(visitor.request(|_| Ok(())).await.report.steps, []);
}

/// Without refreshing, reads move nothing.
pub async fn refresh_can_be_turned_off(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, short_idle().refresh(false)).await;
    fixture.time().pass(99 * MINUTE).await;
    assert_eq!(visitor.request(|_| Ok(())).await.report.steps, []);
    fixture.time().pass(MINUTE + fixture.time().tolerance()).await;
    assert!(!visitor.is_live().await);
}

/// A touch that meets a change changes nothing: the change stays, and so does the later deadline.
pub async fn touch_that_meets_a_change_is_dropped(fixture: &StoreFixture) {
    let mut visitor = ada_with(fixture, short_idle()).await;
    fixture.time().pass(20 * MINUTE).await;
    let reading = visitor.open().await;
    visitor.request(|session| session.set("n", 1_u64)).await;
    let deadline = visitor.open().await.deadline();
    assert!(visitor.answer(&reading).await.result.is_ok());
    assert_eq!((visitor.number("n").await, visitor.open().await.deadline()), (Some(1), deadline));
}
