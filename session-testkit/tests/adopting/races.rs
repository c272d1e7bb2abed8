//! What others do between the read and the move, and within the move.

use session_core::Operation::{Insert, Swap};
use session_core::{Error, Session};
use session_testkit::Behaviour::{FailAfter, Hold};
use tokio::task::JoinHandle;

use crate::support::{Process, World, count, count_on, keys, number, request, set};

/// A request that has loaded its session, and commits when it is told to.
async fn under_way(process: &Process, id: &str) -> Session {
    process.sessions.open([id]).await.unwrap()
}

async fn finish(process: &Process, session: &Session) -> Result<(), Error> {
    process.sessions.commit(session).await.result
}

/// Counts in a task of its own, which stops before its next call of `held`.
async fn counting(process: &Process, id: &str) -> JoinHandle<Result<(), Error>> {
    let (sessions, id) = (process.sessions.clone(), id.to_owned());
    let task = tokio::spawn(async move { count(&sessions, &id).await });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(!task.is_finished(), "it is held");
    task
}

#[tokio::test]
async fn s44_a_write_to_the_old_store_after_the_read_is_a_conflict_and_both_changes_stay() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    let session = under_way(&process, &id).await;
    count(&world.old_user(), &id).await.unwrap();
    count_on(&session);
    let committed = process.sessions.commit(&session).await;
    assert!(committed.result.is_ok());
    assert_eq!(committed.report.replays, 1);
    assert_eq!(number(&world.new_user(), &id).await, Some(2));
}

#[tokio::test]
async fn a_write_to_the_old_store_within_the_move_is_a_conflict_too() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    process.old.script(Swap, [Hold]);
    let task = counting(&process, &id).await;
    count(&world.old_user(), &id).await.unwrap();
    assert_eq!(number(&process.sessions, &id).await, Some(1), "what is provisional counts for nothing");
    process.old.release(1);
    task.await.unwrap().unwrap();
    assert_eq!(number(&world.new_user(), &id).await, Some(2));
}

#[tokio::test]
async fn s43_a_logout_in_the_old_store_is_not_undone() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    let session = under_way(&process, &id).await;
    request(&world.old_user(), &id, Session::destroy).await.result.unwrap();
    count_on(&session);
    assert!(matches!(finish(&process, &session).await, Err(Error::Gone)));
    assert!(keys(&process.sessions, &id).await.is_empty() && keys(&world.new_user(), &id).await.is_empty());
}

#[tokio::test]
async fn s43_a_logout_within_the_move_is_not_undone() {
    for by_the_old in [true, false] {
        let world = World::default();
        let (mover, other, id) = (world.process(), world.process(), world.visitor().await);
        mover.old.script(Swap, [Hold]);
        let task = counting(&mover, &id).await;
        let logout = if by_the_old { world.old_user() } else { other.sessions.clone() };
        request(&logout, &id, Session::destroy).await.result.unwrap();
        assert!(keys(&other.sessions, &id).await.is_empty(), "logged out at once");
        mover.old.release(1);
        assert!(matches!(task.await.unwrap(), Err(Error::Gone)));
        assert!(keys(&other.sessions, &id).await.is_empty() && keys(&world.new_user(), &id).await.is_empty());
    }
}

#[tokio::test]
async fn s42_a_logout_after_the_decision_ends_what_has_moved() {
    let world = World::default();
    let (mover, other, id) = (world.process(), world.process(), world.visitor().await);
    mover.new.script(Swap, [Hold]);
    let task = counting(&mover, &id).await;
    assert_eq!(number(&other.sessions, &id).await, Some(1), "it has moved: it is read there");
    request(&other.sessions, &id, Session::destroy).await.result.unwrap();
    mover.new.release(1);
    assert!(task.await.unwrap().is_ok(), "it was stored before the logout");
    assert!(keys(&other.sessions, &id).await.is_empty() && keys(&world.new_user(), &id).await.is_empty());
}

/// A request that has read the session before it moved, and moves it once more when it has ended.
#[tokio::test]
async fn s43_a_second_move_after_the_logout_brings_nothing_back() {
    let world = World::default();
    let (first, late, id) = (world.process(), world.process(), world.visitor().await);
    let session = under_way(&late, &id).await;
    count(&first.sessions, &id).await.unwrap();
    request(&first.sessions, &id, Session::destroy).await.result.unwrap();
    late.old.script(Swap, [Hold]);
    count_on(&session);
    let sessions = late.sessions.clone();
    let task = tokio::spawn(async move { sessions.commit(&session).await.result });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(!task.is_finished() && keys(&first.sessions, &id).await.is_empty());
    late.old.release(1);
    assert!(matches!(task.await.unwrap(), Err(Error::Gone)));
    assert!(keys(&first.sessions, &id).await.is_empty() && keys(&world.new_user(), &id).await.is_empty());
}

#[tokio::test]
async fn s44_two_moves_at_once_make_one_session_with_both_changes() {
    for step in ["before the decision", "after it"] {
        let world = World::default();
        let (first, second, id) = (world.process(), world.process(), world.visitor().await);
        let gate = if step == "after it" { &first.new } else { &first.old };
        gate.script(Swap, [Hold]);
        let task = counting(&first, &id).await;
        count(&second.sessions, &id).await.unwrap();
        gate.release(1);
        task.await.unwrap().unwrap();
        assert_eq!(number(&world.new_user(), &id).await, Some(2), "{step}");
        assert!(!world.is_in_old(&id).await);
    }
}

/// A read that looks into the new store before the move and into the old one after it.
#[tokio::test]
async fn s49_a_read_across_the_move_is_no_logout() {
    let world = World::default();
    let (mover, reader, id) = (world.process(), world.process(), world.visitor().await);
    reader.old.script(session_core::Operation::Get, [Hold]);
    let (sessions, read) = (reader.sessions.clone(), id.clone());
    let task = tokio::spawn(async move { keys(&sessions, &read).await });
    tokio::task::yield_now().await;
    set(&mover.sessions, &id, "a").await.unwrap();
    reader.old.release(1);
    assert_eq!(task.await.unwrap(), ["a", "cart"]);
}

/// The old store is away just when it was to decide: the change is answered 503, the visitor stays logged in.
#[tokio::test]
async fn s49_an_outage_before_the_decision_loses_nothing() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    process.old_fails(Swap);
    assert!(count(&process.sessions, &id).await.unwrap_err().is_outage());
    assert_eq!(keys(&process.sessions, &id).await, ["cart"], "the old store counts while both hold it");
    assert!(world.is_in_old(&id).await);
    set(&world.process().sessions, &id, "a").await.unwrap();
    // What was answered 503 may have been stored, as ever, and never twice.
    assert!(number(&world.new_user(), &id).await.is_none_or(|n| n == 1));
    let keys = keys(&world.new_user(), &id).await;
    assert!(keys.contains(&"a".to_owned()) && keys.contains(&"cart".to_owned()), "{keys:?}");
}

#[tokio::test]
async fn an_outage_that_is_followed_by_a_write_or_a_logout_in_the_old_store_counts_for_nothing() {
    let world = World::default();
    let (process, written, ended) = (world.process(), world.visitor().await, world.visitor().await);
    for id in [&written, &ended] {
        process.old_fails(Swap);
        assert!(count(&process.sessions, id).await.unwrap_err().is_outage());
    }
    set(&world.old_user(), &written, "b").await.unwrap();
    set(&process.sessions, &written, "a").await.unwrap();
    assert_eq!(keys(&world.new_user(), &written).await, ["a", "b", "cart"], "the provisional count is gone");
    request(&world.old_user(), &ended, Session::destroy).await.result.unwrap();
    assert!(keys(&process.sessions, &ended).await.is_empty());
}

/// The new store is away just when the move was to be settled: it is done all the same, and the next look settles it.
#[tokio::test]
async fn an_outage_after_the_decision_changes_nothing() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    process.new_fails(Swap);
    count(&process.sessions, &id).await.unwrap();
    process.calls();
    assert_eq!(number(&process.sessions, &id).await, Some(1));
    assert_eq!(process.calls().1.len(), 1, "one look more");
    assert_eq!(number(&process.sessions, &id).await, Some(1));
    assert!(process.calls().1.is_empty(), "settled");
}

/// Lost answers: each call was carried out and is repeated.
#[tokio::test]
async fn repeats_after_lost_answers_move_once() {
    let world = World::default();
    let process = world.process();
    for (new, old) in [(Some(Insert), None), (None, Some(Swap)), (Some(Swap), None), (Some(Insert), Some(Swap))] {
        let id = world.visitor().await;
        new.into_iter().for_each(|operation| process.new.script(operation, [FailAfter]));
        old.into_iter().for_each(|operation| process.old.script(operation, [FailAfter]));
        let committed = request(&process.sessions, &id, count_on).await;
        assert!(committed.result.is_ok() && committed.report.replays == 0, "{new:?} {old:?}");
        assert_eq!(number(&world.new_user(), &id).await, Some(1));
    }
}
