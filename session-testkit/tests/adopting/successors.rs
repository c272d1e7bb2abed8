//! Logins and the ids that they retire, in either store and across both.

use session_core::Operation::Swap;
use session_core::{Error, Session};
use session_testkit::Behaviour::Hold;

use crate::support::{World, count, id_in, keys, request, set};

fn log_in(session: &Session) {
    session.rotate();
    session.set("username", "ada").unwrap();
}

#[tokio::test]
async fn s05_a_login_gives_the_session_a_new_id_in_the_new_store() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    let under_way = process.sessions.open([id.as_str()]).await.unwrap();
    let login = request(&process.sessions, &id, log_in).await;
    let new_id = id_in(&login).unwrap();
    assert_eq!(keys(&world.new_user(), &new_id).await, ["cart", "username"]);
    assert!(keys(&process.sessions, &id).await.is_empty() && !world.is_in_old(&id).await, "the old id reads nothing");
    under_way.set("late", 1).unwrap();
    let refused = process.sessions.commit(&under_way).await;
    assert!(matches!(refused.result, Err(Error::Retired)) && id_in(&refused).is_none());
    request(&process.sessions, &id, Session::destroy).await.result.unwrap();
    assert!(keys(&process.sessions, &new_id).await.is_empty(), "a logout under the old id ends the new one");
}

#[tokio::test]
async fn s05_a_login_within_a_move_refuses_the_move() {
    let world = World::default();
    let (mover, other, id) = (world.process(), world.process(), world.visitor().await);
    mover.old.script(Swap, [Hold]);
    let (sessions, moved) = (mover.sessions.clone(), id.clone());
    let task = tokio::spawn(async move { count(&sessions, &moved).await });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let new_id = id_in(&request(&other.sessions, &id, log_in).await).unwrap();
    mover.old.release(1);
    assert!(matches!(task.await.unwrap(), Err(Error::Retired)));
    assert_eq!(keys(&other.sessions, &new_id).await, ["cart", "username"]);
    assert!(keys(&other.sessions, &id).await.is_empty() && keys(&world.new_user(), &id).await.is_empty());
}

#[tokio::test]
async fn s05_a_login_that_meets_a_move_goes_on_with_what_has_moved() {
    let world = World::default();
    let (first, second, id) = (world.process(), world.process(), world.visitor().await);
    let login = second.sessions.open([id.as_str()]).await.unwrap();
    count(&first.sessions, &id).await.unwrap();
    log_in(&login);
    let new_id = id_in(&second.sessions.commit(&login).await).unwrap();
    assert_eq!(keys(&world.new_user(), &new_id).await, ["cart", "n", "username"]);
    assert!(keys(&first.sessions, &id).await.is_empty());
}

/// Ids that were retired in the old store before anything was adopted: their successors lie there, or have moved since.
#[tokio::test]
async fn s42_a_logout_under_an_id_that_the_old_store_retired_twice_ends_the_last_successor() {
    let world = World::default();
    let process = world.process();
    for moves in [false, true] {
        let id = world.visitor().await;
        let second = id_in(&request(&world.old_user(), &id, log_in).await).unwrap();
        let third = id_in(&request(&world.old_user(), &second, log_in).await).unwrap();
        if moves {
            set(&process.sessions, &third, "a").await.unwrap();
        }
        request(&process.sessions, &id, Session::destroy).await.result.unwrap();
        assert!(keys(&process.sessions, &third).await.is_empty(), "moved: {moves}");
    }
}

#[tokio::test]
async fn s42_a_logout_under_an_id_that_the_old_store_retired_ends_its_successor_wherever_it_is() {
    let world = World::default();
    let process = world.process();
    for moves in [false, true] {
        let id = world.visitor().await;
        let successor = id_in(&request(&world.old_user(), &id, log_in).await).unwrap();
        if moves {
            set(&process.sessions, &successor, "a").await.unwrap();
        }
        assert!(keys(&process.sessions, &id).await.is_empty());
        assert!(matches!(set(&process.sessions, &id, "late").await, Err(Error::Retired)));
        assert!(!keys(&process.sessions, &successor).await.is_empty());
        request(&process.sessions, &id, Session::destroy).await.result.unwrap();
        assert!(keys(&process.sessions, &successor).await.is_empty(), "moved: {moves}");
        assert!(!world.is_in_old(&successor).await && keys(&world.new_user(), &successor).await.is_empty());
    }
}
