//! Many at once.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Runs `racers` futures as tasks that start together, and gives back what they answered. A panic in one is a panic here.
pub(crate) async fn race<T, F>(racers: usize, mut racer: impl FnMut(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(racers));
    let mut tasks = JoinSet::new();
    for index in 0..racers {
        let (start, run) = (Arc::clone(&start), racer(index));
        tasks.spawn(async move {
            start.wait().await;
            run.await
        });
    }
    tasks.join_all().await
}

/// How many of the answers are so.
pub(crate) fn count<T>(answers: &[T], is_so: impl Fn(&T) -> bool) -> usize {
    answers.iter().filter(|answer| is_so(answer)).count()
}
