//! Writes whose answer never came.

use std::time::Duration;

use session_core::{Backend, CookieAction, Error, MemoryBackend, Operation};
use session_testkit::{Behaviour, TwoStep};

use crate::support::{World, cookie, count_on, count_on_in, number};

#[tokio::test(start_paused = true)]
async fn p11_a_change_that_timed_out_and_is_found_is_done() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    count_on(&session);
    world.gate.script(Operation::Swap, [Behaviour::HangAfter]);
    let committed = world.gated.commit(&session).await;
    committed.result.unwrap();
    assert_eq!(world.spy.take(), [Operation::Get, Operation::Swap, Operation::Swap]);
    assert_eq!(number(&world.free, &cookie).await, Some(1), "it counts once");
}

#[tokio::test(start_paused = true)]
async fn p11_a_change_that_timed_out_and_was_never_carried_out_is_repeated() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    count_on(&session);
    world.gate.script(Operation::Swap, [Behaviour::Hang]);
    world.gated.commit(&session).await.result.unwrap();
    assert_eq!(number(&world.free, &cookie).await, Some(1));
}

/// Carried out and overwritten since, or never carried out? A replay could count twice.
#[tokio::test(start_paused = true)]
async fn p11_a_change_of_unknown_outcome_is_an_error_and_never_replayed() {
    for (lost, total) in [(Behaviour::HangAfter, 2), (Behaviour::Hang, 1)] {
        let world = World::new();
        let cookie = world.ada().await;
        let session = world.gated.open([cookie.as_str()]).await.unwrap();
        count_on(&session);
        world.gate.script(Operation::Swap, [lost]);
        let (committed, ()) = tokio::join!(world.gated.commit(&session), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            count_on_in(&world.free, &cookie).await;
        });
        assert!(matches!(committed.result, Err(Error::Timeout { operation: Operation::Swap })), "{committed:?}");
        assert_eq!(committed.report.replays, 0);
        assert_eq!(number(&world.free, &cookie).await, Some(total), "after {lost:?}");

        count_on(&session);
        assert!(matches!(session.save().await, Err(Error::Timeout { .. })), "the handle takes no further commit");
        assert_eq!(number(&world.free, &cookie).await, Some(total));
    }
}

/// The first insert may arrive late, even after a logout: then nobody must know its token.
#[tokio::test(start_paused = true)]
async fn p11_an_insert_that_timed_out_is_repeated_under_a_new_token() {
    let world = World::new();
    let session = world.gated.fresh();
    session.set("n", 1).unwrap();
    world.gate.script(Operation::Insert, [Behaviour::HangAfter]);
    let ours = cookie(&world.gated.commit(&session).await);
    assert_eq!(world.spy.take(), [Operation::Insert, Operation::Insert]);

    let logout = world.free.open([ours.as_str()]).await.unwrap();
    logout.destroy();
    world.free.commit(&logout).await.result.unwrap();
    assert!(world.free.open([ours.as_str()]).await.unwrap().is_new());
    // The orphan is there: swept once it has expired, and until then of no use to anyone.
    assert_eq!(world.gate.inner().sweep(usize::MAX, session_core::Timestamp::MAX).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn p11_a_login_that_timed_out_and_is_found_has_its_cookie() {
    let world = World::new();
    let old = world.ada().await;
    let session = world.gated.open([old.as_str()]).await.unwrap();
    session.rotate();
    world.gate.script(Operation::Rename, [Behaviour::HangAfter]);
    let new = cookie(&world.gated.commit(&session).await);
    assert!(!world.free.open([new.as_str()]).await.unwrap().is_new());
    assert!(world.free.open([old.as_str()]).await.unwrap().is_new());
}

#[tokio::test(start_paused = true)]
async fn p11_a_login_in_two_commands_survives_a_lost_answer_to_either() {
    for lost in [Operation::Insert, Operation::Swap] {
        let world = World::on(TwoStep::new(MemoryBackend::default()));
        let old = world.ada().await;
        let session = world.gated.open([old.as_str()]).await.unwrap();
        session.rotate();
        world.gate.script(lost, [Behaviour::HangAfter]);
        let new = cookie(&world.gated.commit(&session).await);
        assert!(!world.free.open([new.as_str()]).await.unwrap().is_new(), "{lost}");
        assert!(world.free.open([old.as_str()]).await.unwrap().is_new(), "{lost}");
    }
}

#[tokio::test(start_paused = true)]
async fn p11_a_logout_that_timed_out_and_finds_nothing_has_ended_the_session() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    session.destroy();
    world.gate.script(Operation::Remove, [Behaviour::HangAfter]);
    let committed = world.gated.commit(&session).await;
    committed.result.unwrap();
    assert!(matches!(committed.cookie, CookieAction::Remove), "{:?}", committed.cookie);
    assert!(world.free.open([cookie.as_str()]).await.unwrap().is_new());
}
