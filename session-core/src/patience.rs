//! How long an answer is waited for.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};

/// What came of waiting.
pub(crate) struct Waited<T> {
    /// The answer; none where the time was over first.
    pub(crate) answer: Option<T>,
    /// When the time is over or was. None where the answer was there at once: then nobody has looked at a clock.
    pub(crate) end: Option<Instant>,
}

pin_project! {
    /// A call and the time for it. Written out, not an `async fn`: this is a part of every other future's size.
    pub(crate) struct Within<F> {
        #[pin]
        call: F,
        time: Duration,
        #[pin]
        timer: Option<Sleep>,
    }
}

/// The call's answer, if it comes within that time. As `tokio::time::timeout`, but that a call which answers at once, as one to memory
/// does, costs neither a clock nor a timer.
pub(crate) fn within<F: Future>(time: Duration, call: F) -> Within<F> {
    Within { call, time, timer: None }
}

impl<F: Future> Future for Within<F> {
    type Output = Waited<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let answer = match this.call.poll(cx) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => {
                if this.timer.is_none() {
                    this.timer.set(Some(sleep(*this.time)));
                }
                ready!(over(this.timer.as_mut(), cx));
                None
            }
        };
        Poll::Ready(Waited { answer, end: this.timer.as_ref().get_ref().as_ref().map(Sleep::deadline) })
    }
}

/// Ready when the timer's time has come.
fn over(timer: Pin<&mut Option<Sleep>>, cx: &mut Context<'_>) -> Poll<()> {
    let Some(timer) = timer.as_pin_mut() else { return Poll::Ready(()) };
    let deadline = timer.deadline();
    match timer.poll(cx) {
        // A call that uses up all that tokio lets a task do in one go leaves nothing for the timer: the clock decides.
        Poll::Pending if Instant::now() < deadline => Poll::Pending,
        _ => Poll::Ready(()),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_answers_at_once_needs_no_clock() {
        // Outside of a runtime a timer would panic.
        let mut waited = pin!(within(SECOND, ready(7)));
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        assert!(matches!(waited.as_mut().poll(cx), Poll::Ready(Waited { answer: Some(7), end: None })));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_never_answers_ends() {
        let start = Instant::now();
        let waited = within(Duration::from_millis(20), pending::<()>()).await;
        assert!(waited.answer.is_none() && waited.end.is_some());
        assert!((20..1_000).contains(&start.elapsed().as_millis()));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_always_busy_ends_too() {
        let busy = async {
            loop {
                tokio::task::consume_budget().await;
            }
        };
        assert!(within(Duration::from_millis(20), busy).await.answer.is_none());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_answer_in_time_is_the_answer() {
        let waited = within(SECOND, sleep(Duration::from_millis(5))).await;
        assert!(waited.answer.is_some());
        assert!(waited.end.unwrap() > Instant::now(), "time is left");
    }
}
