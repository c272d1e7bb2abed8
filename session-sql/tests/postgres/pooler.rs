//! Behind a pooler in transaction mode, which may send each message of a client to another connection of its own.

use session_core::{SessionConfig, Sessions};
use session_sql::{SqlConfig, SqlStore};
use session_testkit::server::PgBouncer;
use tokio::task::JoinSet;

use crate::common::{add_one, begin, is_absent, log_in, log_out, recovers, total};

async fn pooled(url: &str) -> Sessions {
    let store = SqlStore::connect_with(SqlConfig::new(url).transaction_pooler(true)).await.unwrap();
    Sessions::new(store, SessionConfig::default()).unwrap()
}

/// 64 clients on four connections, with every kind of statement: none meets another one's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_share_few_connections_and_meet_no_statement_of_another() {
    let url = PgBouncer::shared().database();
    let processes = [pooled(&url).await, pooled(&url).await];
    let shared = begin(&processes[0]).await;
    let mut visitors = JoinSet::new();
    for visitor in 0..64 {
        let (sessions, shared) = (processes[visitor % 2].clone(), shared.clone());
        visitors.spawn(async move {
            for _ in 0..5 {
                let token = begin(&sessions).await;
                add_one(&sessions, &token).await.unwrap();
                let token = log_in(&sessions, &token).await.unwrap().unwrap();
                assert_eq!(total(&sessions, &token).await.unwrap(), 1);
                add_one(&sessions, &shared).await.unwrap();
                log_out(&sessions, &token).await.unwrap();
                assert!(is_absent(&sessions, &token).await);
            }
        });
    }
    visitors.join_all().await;
    assert_eq!(total(&processes[0], &shared).await.unwrap(), 320);
}

/// One message there, one back, also here.
#[tokio::test]
async fn a_statement_is_one_round_trip_through_a_pooler() {
    let (proxy, url) = crate::common::behind(&PgBouncer::shared().database()).await;
    let sessions = pooled(&url).await;
    let token = begin(&sessions).await;
    for (trips, what) in [(2, "modified"), (2, "modified again")] {
        let before = proxy.traffic().round_trips;
        add_one(&sessions, &token).await.unwrap();
        assert_eq!(proxy.traffic().round_trips - before, trips, "{what}");
    }
    let before = proxy.traffic().round_trips;
    log_in(&sessions, &token).await.unwrap();
    assert_eq!(proxy.traffic().round_trips - before, 2, "rotated");
}

#[tokio::test]
async fn s50_a_pooler_that_is_killed_is_an_outage_until_it_is_back() {
    let mut pooler = PgBouncer::private(&[]);
    let sessions = pooled(&pooler.database()).await;
    let token = begin(&sessions).await;
    pooler.process().kill();
    assert!(add_one(&sessions, &token).await.unwrap_err().is_outage());
    pooler.process().restart();
    recovers(&sessions, &token).await;
    assert_eq!(total(&sessions, &token).await.unwrap(), 1);
}
