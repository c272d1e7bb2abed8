//! One visitor, nobody else: what moves when, what it costs.

use std::time::Duration;

use session_core::Operation::{Get, Insert, Remove, Swap, Touch};
use session_core::{AdoptingStore, Codec, Error, MemoryStore, Operation, SessionConfig, Sessions, StoreConfig};

use crate::support::{World, begin, id_in, keys, number, request, set};

const NONE: [Operation; 0] = [];

#[tokio::test]
async fn a_change_moves_the_session_under_its_id_and_nothing_else_does() {
    let (world, mut ids) = (World::default(), Vec::new());
    let process = world.process();
    for _ in 0..3 {
        ids.push(world.visitor().await);
    }
    assert_eq!(keys(&process.sessions, &ids[0]).await, ["cart"]);
    assert!(world.is_in_old(&ids[0]).await, "a read leaves it where it is");

    let before = process.sessions.open([ids[0].as_str()]).await.unwrap().log_id();
    let changed = request(&process.sessions, &ids[0], |session| session.set("name", "ada").unwrap()).await;
    assert!(changed.result.is_ok() && id_in(&changed).is_none(), "the visitor keeps the id");
    assert!(!world.is_in_old(&ids[0]).await);
    for sessions in [&process.sessions, &world.new_user()] {
        assert_eq!(keys(sessions, &ids[0]).await, ["cart", "name"]);
    }
    let stale = request(&world.old_user(), &ids[0], |session| session.set("late", 1).unwrap()).await;
    assert!(matches!(stale.result, Err(Error::Retired)), "a process that does not adopt yet changes nothing");
    assert!(id_in(&stale).is_none(), "and gives the visitor no other session");
    let after = process.sessions.open([ids[0].as_str()]).await.unwrap();
    assert_eq!(after.log_id(), before, "what is bound to the session outlives the move");
    assert!(world.is_in_old(&ids[1]).await && world.is_in_old(&ids[2]).await);

    let born = begin(&process.sessions).await;
    assert_eq!(keys(&world.new_user(), &born).await, ["cart"], "new sessions begin in the new store");
}

/// One read more for sessions that have not moved, none for the others.
#[tokio::test]
async fn what_it_costs() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    keys(&process.sessions, &id).await;
    assert_eq!(process.calls(), (vec![Get], vec![Get]), "a read before the move");
    set(&process.sessions, &id, "a").await.unwrap();
    assert_eq!(process.calls(), (vec![Get, Insert, Swap], vec![Get, Swap]), "the move");
    keys(&process.sessions, &id).await;
    assert_eq!(process.calls(), (vec![Get], NONE.to_vec()), "a read after it");
    set(&process.sessions, &id, "b").await.unwrap();
    assert_eq!(process.calls(), (vec![Get, Swap], NONE.to_vec()), "a change after it");
    let born = begin(&process.sessions).await;
    process.calls();
    keys(&process.sessions, &born).await;
    assert_eq!(process.calls(), (vec![Get], NONE.to_vec()), "one that began there");
    let login = request(&process.sessions, &world.visitor().await, |session| session.rotate()).await;
    assert!(id_in(&login).is_some());
    assert_eq!(process.calls(), (vec![Get, Insert], vec![Get, Swap]), "a login before the move");
    request(&process.sessions, &world.visitor().await, |session| session.destroy()).await;
    assert_eq!(process.calls(), (vec![Get], vec![Get, Remove]), "a logout before the move");
    keys(&process.sessions, "no id at all").await;
    assert_eq!(process.calls(), (NONE.to_vec(), NONE.to_vec()));
}

#[tokio::test]
async fn a_deadline_moves_in_the_old_store_and_an_expired_session_does_not_come_along() {
    let world = World::default();
    let (process, used, unused) = (world.process(), world.visitor().await, world.visitor().await);
    let day = Duration::from_secs(86_400);
    world.clock.advance(10 * day);
    request(&process.sessions, &used, |_| {}).await.result.unwrap();
    assert_eq!(process.calls().1, [Get, Touch]);
    world.clock.advance(10 * day);
    assert_eq!(keys(&process.sessions, &used).await, ["cart"], "it was used in time");
    assert!(set(&process.sessions, &unused, "a").await.is_ok());
    assert_eq!(keys(&process.sessions, &unused).await, Vec::<String>::new(), "it had ended: the change began another");
}

#[tokio::test]
async fn s42_an_emptied_session_and_a_logout_end_it_in_both() {
    let world = World::default();
    let process = world.process();
    for end in [session_core::Session::clear, session_core::Session::destroy] {
        for moved in [false, true] {
            let id = world.visitor().await;
            if moved {
                set(&process.sessions, &id, "a").await.unwrap();
            }
            request(&process.sessions, &id, end).await.result.unwrap();
            assert!(process.sessions.open([id.as_str()]).await.unwrap().is_new());
            assert!(!world.is_in_old(&id).await && keys(&world.new_user(), &id).await.is_empty());
        }
    }
}

#[tokio::test]
async fn two_saves_of_one_request_move_once() {
    let world = World::default();
    let (process, id) = (world.process(), world.visitor().await);
    let session = process.sessions.open([id.as_str()]).await.unwrap();
    session.set("a", 1).unwrap();
    session.save().await.unwrap();
    session.set("n", 2).unwrap();
    process.sessions.commit(&session).await.result.unwrap();
    assert_eq!(process.calls(), (vec![Get, Insert, Swap, Swap], vec![Get, Swap]));
    assert_eq!((keys(&world.new_user(), &id).await.len(), number(&world.new_user(), &id).await), (3, Some(2)));
}

#[test]
fn what_cannot_adopt_is_refused() {
    let bincode = MemoryStore::new(StoreConfig::default().codec(Codec::Bincode)).unwrap();
    let refused = AdoptingStore::new(MemoryStore::default(), bincode).unwrap_err().to_string();
    assert!(refused.starts_with("old store: its records are bincode"), "{refused}");
    let within = AdoptingStore::new(MemoryStore::default(), MemoryStore::default()).unwrap();
    let refused = AdoptingStore::new(within, MemoryStore::default()).unwrap_err().to_string();
    assert!(refused.starts_with("new store"), "{refused}");
    assert!(
        Sessions::new(
            AdoptingStore::new(MemoryStore::default(), MemoryStore::default()).unwrap(),
            SessionConfig::default()
        )
        .is_ok()
    );
}
