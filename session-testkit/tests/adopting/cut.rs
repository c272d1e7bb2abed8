//! Requests that are dropped at each of their awaits, and visitors who come back long after.

use std::time::Duration;

use session_core::Session;
use session_testkit::cut_after;

use crate::support::{Process, World, count, count_on, keys, number, request, set};

/// Cuts a request after so many awaits; true where it ran to its end.
async fn cut(process: &Process, id: &str, awaits: usize, handler: fn(&Session)) -> bool {
    for gate in [&process.new, &process.old] {
        gate.stepwise(true);
    }
    let ended = cut_after(awaits, request(&process.sessions, id, handler)).await.is_some();
    for gate in [&process.new, &process.old] {
        gate.stepwise(false);
    }
    ended
}

#[tokio::test]
async fn p9_a_move_that_is_cut_off_anywhere_has_happened_or_has_not() {
    for awaits in 1.. {
        let world = World::default();
        let (process, other, id) = (world.process(), world.process(), world.visitor().await);
        let ended = cut(&process, &id, awaits, count_on).await;
        let before = number(&other.sessions, &id).await;
        assert!(
            matches!(before, None | Some(1)) && keys(&other.sessions, &id).await.contains(&"cart".into()),
            "{awaits}"
        );
        assert_eq!(number(&other.sessions, &id).await, before, "{awaits}: one answer for all");
        count(&other.sessions, &id).await.unwrap();
        let counted = number(&world.new_user(), &id).await;
        // What was cut off may come to be, once, as any write whose answer nobody has heard.
        assert!(counted == Some(before.unwrap_or(0) + 1) || (before.is_none() && counted == Some(2)), "{awaits}");
        request(&other.sessions, &id, Session::destroy).await.result.unwrap();
        assert!(keys(&other.sessions, &id).await.is_empty() && !world.is_in_old(&id).await, "{awaits}");
        if ended {
            assert!(awaits > 8, "there was something to cut");
            return;
        }
    }
}

/// The one who moved it is gone for good, and the visitor comes back just before the session would have ended.
#[tokio::test]
async fn a_move_that_was_cut_off_is_found_much_later() {
    for awaits in 1.. {
        let world = World::default();
        let (process, other, id) = (world.process(), world.process(), world.visitor().await);
        let ended = cut(&process, &id, awaits, count_on).await;
        world.clock.advance(Duration::from_secs(13 * 86_400));
        assert!(matches!(number(&other.sessions, &id).await, None | Some(1)), "{awaits}");
        set(&other.sessions, &id, "late").await.unwrap();
        let late = keys(&world.new_user(), &id).await;
        assert!(late.contains(&"cart".into()) && late.contains(&"late".into()), "{awaits}: {late:?}");
        if ended {
            return;
        }
    }
}

#[tokio::test]
async fn p9_a_login_that_is_cut_off_anywhere_leaves_one_live_session_at_most() {
    for awaits in 1.. {
        let world = World::default();
        let (process, other, id) = (world.process(), world.process(), world.visitor().await);
        let ended = cut(&process, &id, awaits, |session| session.rotate()).await;
        let left = keys(&other.sessions, &id).await;
        assert!(left.is_empty() || left == ["cart"], "{awaits}");
        if ended {
            return assert!(left.is_empty());
        }
    }
}
