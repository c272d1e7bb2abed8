//! Two processes on one session.

use session_core::Sessions;
use session_testkit::server::RedisServer;
use tokio::task::JoinSet;

use crate::common::{add_one, begin, sessions, total};

pub(crate) const VISITORS: u64 = 64;
pub(crate) const ROUNDS: u64 = 50;

/// Visitors of one session, half of them at each process, who all add to one number.
pub(crate) async fn count(processes: &[Sessions; 2], token: &str) {
    let mut visitors = JoinSet::new();
    for visitor in 0..VISITORS {
        let (sessions, token) = (processes[usize::from(visitor % 2 == 0)].clone(), token.to_owned());
        visitors.spawn(async move {
            for _ in 0..ROUNDS {
                add_one(&sessions, &token).await.unwrap();
            }
        });
    }
    visitors.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_count_every_update() {
    let url = RedisServer::shared().url();
    let processes = [sessions(url).await, sessions(url).await];
    let token = begin(&processes[0]).await;
    count(&processes, &token).await;
    assert_eq!(total(&processes[0], &token).await.unwrap(), VISITORS * ROUNDS);
}
