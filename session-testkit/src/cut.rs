//! Futures that are dropped half-way.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Polls a future until it has been `Pending` for the `awaits`-th time, then drops it; its result if it ended before.
///
/// With a [stepwise `Gate`](crate::Gate::stepwise) under it, `for awaits in 1..` cuts a request at each of its awaits, until one
/// runs to its end.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use session_testkit::cut_after;
///
/// assert_eq!(cut_after(1, async { 7 }).await, Some(7));
/// assert_eq!(cut_after(1, tokio::task::yield_now()).await, None);
/// # }
/// ```
pub async fn cut_after<F: Future>(awaits: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut met = 0;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => {
            met += 1;
            if met < awaits { Poll::Pending } else { Poll::Ready(None) }
        }
    })
    .await
}

/// `Pending` exactly once, whoever polls.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
