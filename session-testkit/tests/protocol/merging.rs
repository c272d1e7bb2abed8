//! Changes that meet.

use std::sync::Arc;
use std::time::Duration;

use session_core::{
    Backend, ConflictPolicy, CookieAction, Error, MemoryBackend, Operation, ServerSide, SessionConfig, Sessions,
    StoreConfig,
};
use session_testkit::{Behaviour, Gate};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::{Server, count_on};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_who_count_to_fifty_make_3200() {
    let visitor = Server::default().visitor().await;
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let mut tab = visitor.clone();
        tasks.spawn(async move {
            for _ in 0..50 {
                tab.request(|session| count_on(session, "n")).await.result.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(visitor.reads_number("n").await, 3200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn six_parallel_sets_survive() {
    for _ in 0..50 {
        let visitor = Server::default().visitor().await;
        let start = Arc::new(Barrier::new(6));
        let mut tasks = JoinSet::new();
        for n in 0..6 {
            let (tab, start) = (visitor.clone(), Arc::clone(&start));
            tasks.spawn(async move {
                let session = tab.arrive().await;
                start.wait().await;
                session.set(format!("key{n}").as_str(), n).unwrap();
                tab.finish(&session).await.result.unwrap();
            });
        }
        tasks.join_all().await;
        for n in 0..6 {
            assert_eq!(visitor.arrive().await.require::<u32>(format!("key{n}").as_str()).unwrap(), n);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_thirty_two_racing_requests_one_takes_the_value() {
    for _ in 0..20 {
        let mut visitor = Server::default().visitor().await;
        visitor.request(|session| session.set("voucher", "10 %").unwrap()).await.result.unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..32 {
            let tab = visitor.clone();
            tasks.spawn(async move { tab.arrive().await.take_once::<String>("voucher").await.unwrap() });
        }
        let taken: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(taken, ["10 %"]);
        assert_eq!(visitor.reads("voucher").await, None);
    }
}

#[tokio::test]
async fn a_message_added_while_others_are_read_is_not_lost() {
    let mut visitor = Server::default().visitor().await;
    visitor.request(|session| session.flash("saved").unwrap()).await.result.unwrap();
    let page = visitor.arrive().await;
    assert_eq!(page.take_flashes().unwrap().len(), 1);
    visitor.request(|session| session.flash("sent").unwrap()).await.result.unwrap();
    visitor.finish(&page).await.result.unwrap();
    let left = visitor.arrive().await.take_flashes().unwrap();
    assert_eq!(left.iter().map(|flash| flash.message.as_str()).collect::<Vec<_>>(), ["sent"]);
}

#[tokio::test]
async fn a_session_that_is_emptied_while_another_sets_keeps_what_was_set() {
    let mut visitor = Server::default().visitor().await;
    let emptying = visitor.arrive().await;
    emptying.remove("cart").unwrap();
    visitor.request(|session| session.set("theme", "dark").unwrap()).await.result.unwrap();
    visitor.finish(&emptying).await.result.unwrap();
    assert_eq!(visitor.reads("theme").await.as_deref(), Some("dark"));
    assert_eq!(visitor.reads("cart").await, None);
}

/// A `get` followed by a `set` is a read-modify-write that merging cannot mend.
#[tokio::test]
async fn what_was_computed_from_an_old_value_is_refused_where_the_policy_is_strict() {
    for (policy, total) in [(ConflictPolicy::Merge, 1), (ConflictPolicy::Strict, 5)] {
        let mut visitor = Server::with(SessionConfig::default().conflict(policy)).visitor().await;
        let slow = visitor.arrive().await;
        let read = slow.get::<u32>("n").unwrap().unwrap_or(0);
        visitor.request(|session| session.set("n", 5).unwrap()).await.result.unwrap();
        slow.set("n", read + 1).unwrap();
        let result = visitor.finish(&slow).await.result;
        assert_eq!(result.is_err(), policy == ConflictPolicy::Strict, "{result:?}");
        assert!(result.err().is_none_or(|error| matches!(error, Error::Conflict)));
        assert_eq!(visitor.reads_number("n").await, total);
    }
}

/// A write of unknown outcome at the head of the line is that request's misfortune, and nobody else's.
#[tokio::test(start_paused = true)]
async fn one_lost_answer_takes_nobody_else_in_line_down() {
    let memory = Arc::new(MemoryBackend::default());
    let gate = Arc::new(Gate::on(Arc::clone(&memory)));
    let (slow, other) = (process(&gate), process(&memory));
    let session = other.fresh();
    count_on(&session, "n");
    let CookieAction::Set { token, .. } = other.commit(&session).await.cookie else { panic!("no cookie") };

    let mut loaded = Vec::new();
    for _ in 0..9 {
        loaded.push(slow.open([token.expose()]).await.unwrap());
    }
    // All nine have seen an older version; the answer to the first one's second try is lost.
    count_on(&session, "n");
    session.save().await.unwrap();
    gate.script(Operation::Swap, [Behaviour::Pass, Behaviour::Hang, Behaviour::Hold]);
    let mut tasks = JoinSet::new();
    for session in loaded {
        count_on(&session, "n");
        let sessions = slow.clone();
        tasks.spawn(async move { sessions.commit(&session).await.result });
    }
    tokio::time::sleep(Duration::from_millis(1600)).await;
    count_on(&session, "n");
    session.save().await.unwrap();
    gate.release(1);

    let results = tasks.join_all().await;
    let failed: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(matches!(failed[..], [Error::Timeout { operation: Operation::Swap }]), "{failed:?}");
    assert_eq!(slow.open([token.expose()]).await.unwrap().require::<u32>("n").unwrap(), 3 + 8);
}

fn process<B: Backend>(backend: &Arc<B>) -> Sessions {
    let store = ServerSide::on(Arc::clone(backend), StoreConfig::default()).unwrap();
    Sessions::new(store, SessionConfig::default()).unwrap()
}
