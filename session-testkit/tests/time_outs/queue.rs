//! Those who wait for each other.

use std::time::Duration;

use session_core::{Operation, Session};
use session_testkit::Behaviour;
use tokio::task::JoinSet;

use crate::support::{World, count_on, count_on_in, number, timed};

/// Requests that have loaded and counted on, each to meet a conflict when it commits.
async fn contenders(world: &World, cookie: &str, many: usize) -> Vec<Session> {
    let mut loaded = Vec::new();
    for _ in 0..many {
        let session = world.gated.open([cookie]).await.unwrap();
        count_on(&session);
        loaded.push(session);
    }
    count_on_in(&world.free, cookie).await;
    loaded
}

fn commit_all(world: &World, loaded: Vec<Session>) -> JoinSet<session_core::Result<()>> {
    let mut tasks = JoinSet::new();
    for session in loaded {
        let sessions = world.gated.clone();
        tasks.spawn(async move { sessions.commit(&session).await.result });
    }
    tasks
}

/// Sixteen who wait behind one whom the store fails do not each wait for the same.
#[tokio::test(start_paused = true)]
async fn p11_those_behind_a_failure_fail_quickly() {
    let world = World::new();
    let cookie = world.ada().await;
    let loaded = contenders(&world, &cookie, 16).await;
    let hangs = std::iter::repeat_n(Behaviour::Hang, 1000);
    world.gate.script(Operation::Get, hangs);
    let (results, time) = timed(commit_all(&world, loaded).join_all()).await;
    assert!(results.iter().all(|result| result.as_ref().is_err_and(session_core::Error::is_outage)), "{results:?}");
    assert!(time < Duration::from_secs(5), "they waited one after the other: {time:?}");

    world.gate.open();
    count_on_in(&world.gated, &cookie).await;
    assert_eq!(number(&world.free, &cookie).await, Some(2), "the next request finds a whole queue");
}

/// One whose connection breaks while the others wait behind it does not take the queue along.
#[tokio::test(start_paused = true)]
async fn p9_one_who_is_dropped_in_front_lets_the_others_pass() {
    let world = World::new();
    let cookie = world.ada().await;
    let mut loaded = contenders(&world, &cookie, 9).await;
    let first = loaded.remove(0);
    world.gate.script(Operation::Get, [Behaviour::Hold]);
    let sessions = world.gated.clone();
    let holder = tokio::spawn(async move { sessions.commit(&first).await.result });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut others = commit_all(&world, loaded);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(others.try_join_next().is_none(), "they wait");
    holder.abort();
    for result in others.join_all().await {
        result.unwrap();
    }
    assert_eq!(number(&world.free, &cookie).await, Some(9), "eight of ours and the other one's");
}

/// One who gives up waiting does not take the queue along either.
#[tokio::test(start_paused = true)]
async fn p9_one_who_is_dropped_while_waiting_lets_the_others_pass() {
    let world = World::new();
    let cookie = world.ada().await;
    let mut loaded = contenders(&world, &cookie, 3).await;
    world.gate.script(Operation::Get, [Behaviour::Hold]);
    let mut tasks: Vec<_> = loaded
        .drain(..)
        .map(|session| {
            let sessions = world.gated.clone();
            tokio::spawn(async move { sessions.commit(&session).await.result })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    tasks.remove(1).abort();
    world.gate.release(1);
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(number(&world.free, &cookie).await, Some(3), "two of ours and the other one's");
}
