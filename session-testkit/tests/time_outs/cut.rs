//! Requests whose connection breaks.

use std::time::Duration;

use session_core::{CookieAction, Error, MemoryBackend, Operation, Session};
use session_testkit::{Behaviour, TwoStep, cut_after};
use tokio::time::timeout;

use crate::support::{World, cookie, count_on, number};

/// Commits once for each await, cutting there; says what the commit that ran to its end gave, and how often it was cut.
async fn cut_each(mut request: impl AsyncFnMut(usize) -> bool) -> usize {
    for awaits in 1..100 {
        // A minute is for ever: a commit that waits for one that was cut would hang.
        if timeout(Duration::from_secs(60), request(awaits)).await.expect("it ends") {
            return awaits - 1;
        }
    }
    panic!("it never ends");
}

#[tokio::test(start_paused = true)]
async fn p9_a_cut_opening_changes_nothing() {
    let world = World::new();
    let cookie = world.ada().await;
    world.gate.stepwise(true);
    let cuts = cut_each(async |awaits| cut_after(awaits, world.gated.open([cookie.as_str()])).await.is_some()).await;
    assert_eq!(cuts, 2, "before the call and after it");
    assert!(!world.free.open([cookie.as_str()]).await.unwrap().is_new());
}

/// A new session: cut before it is sent nothing is stored; cut after, an orphan that nobody knows.
#[tokio::test(start_paused = true)]
async fn p9_a_cut_creation_sends_no_cookie() {
    let world = World::new();
    world.gate.stepwise(true);
    let cuts = cut_each(async |awaits| {
        let session = world.gated.fresh();
        session.set("n", 1).unwrap();
        let ended = cut_after(awaits, world.gated.commit(&session)).await;
        if ended.is_none() {
            let again = world.gated.commit(&session).await;
            assert!(matches!(again.result, Err(Error::Timeout { .. })), "a cut commit is not repeated: {again:?}");
            assert!(matches!(again.cookie, CookieAction::None));
        }
        ended.is_some()
    })
    .await;
    assert_eq!(cuts, 2);
}

/// A login in two commands: cut at any await, the old id opens the session or is retired, and the successor's cookie was never sent.
#[tokio::test(start_paused = true)]
async fn p9_a_cut_login_in_two_commands_leaves_one_session_at_most() {
    let world = World::on(TwoStep::new(MemoryBackend::default()));
    let cuts = cut_each(async |awaits| {
        let old = world.ada().await;
        let session = world.gated.open([old.as_str()]).await.unwrap();
        session.rotate();
        count_on(&session);
        world.gate.stepwise(true);
        let ended = cut_after(awaits, world.gated.commit(&session)).await;
        world.gate.stepwise(false);
        let found = world.free.open([old.as_str()]).await.unwrap();
        assert!(found.get::<u64>("n").unwrap().is_none(), "nothing of the change is under the old id");
        if let Some(committed) = &ended {
            assert!(found.is_new());
            assert_eq!(number(&world.free, &cookie(committed)).await, Some(1));
        }
        ended.is_some()
    })
    .await;
    assert_eq!(cuts, 4, "before and after each of the two");
}

/// What a handler does.
type Prepare = fn(&Session);

/// The time-out of a call is a cut too: one that was sent and never answered leaves all or nothing.
#[tokio::test(start_paused = true)]
async fn p9_a_hanging_server_leaves_all_or_nothing() {
    let kinds = [
        (Operation::Swap, count_on as Prepare),
        (Operation::Rename, Session::rotate),
        (Operation::Remove, Session::destroy),
    ];
    for (operation, prepare) in kinds {
        for (behaviour, done) in [(Behaviour::Hang, false), (Behaviour::HangAfter, true)] {
            let world = World::new();
            let cookie = world.ada().await;
            let session = world.gated.open([cookie.as_str()]).await.unwrap();
            prepare(&session);
            world.gate.script(operation, [behaviour, behaviour]);
            let committed = world.gated.commit(&session).await;
            assert!(matches!(committed.result, Err(Error::Timeout { .. })), "{operation}: {committed:?}");
            let found = world.free.open([cookie.as_str()]).await.unwrap();
            let is_done = found.is_new() || found.get::<u64>("n").unwrap() == Some(1);
            assert_eq!(is_done, done, "{operation} after {behaviour:?}");
        }
    }
}

/// A dropped `save()` leaves the other handles of the request usable: they end, refused.
#[tokio::test(start_paused = true)]
async fn p9_a_dropped_save_wakes_those_who_wait_for_it() {
    let world = World::new();
    let cookie = world.ada().await;
    let session = world.gated.open([cookie.as_str()]).await.unwrap();
    count_on(&session);
    world.gate.script(Operation::Swap, [Behaviour::Hold]);
    let saving = tokio::spawn({
        let session = session.clone();
        async move { session.save().await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let waiting = tokio::spawn({
        let session = session.clone();
        async move { session.save().await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    saving.abort();
    let refused = tokio::time::timeout(Duration::from_secs(1), waiting).await.unwrap().unwrap();
    assert!(matches!(refused, Err(Error::Timeout { .. })), "{refused:?}");
    assert_eq!(number(&world.free, &cookie).await, None);
}
