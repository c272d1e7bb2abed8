//! From the service's response to the one that is sent.

use std::fmt::{self, Debug};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::error_page::ErrorPage;
use crate::exchange::Exchange;
use crate::head::{Closing, Commit, Head};
use http::Response;
use pin_project_lite::pin_project;

pin_project! {
    /// The future of [`SessionService`](crate::SessionService): the service's response, then the session's commit. Boxed is the
    /// commit alone, and only where it takes a call to the store.
    pub struct ResponseFuture<F, B, P> {
        #[pin]
        inner: F,
        exchange: Arc<Exchange>,
        page: P,
        // On the heap, so that a request that takes no session does not carry the room for it.
        closing: Option<Box<(Head<B>, Commit)>>,
    }
}

impl<F, B, P> ResponseFuture<F, B, P> {
    pub(crate) fn new(inner: F, exchange: Arc<Exchange>, page: P) -> Self {
        ResponseFuture { inner, exchange, page, closing: None }
    }
}

impl<F, B, P> Debug for ResponseFuture<F, B, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("committing", &self.closing.is_some()).finish_non_exhaustive()
    }
}

impl<F, B, P, E> Future for ResponseFuture<F, B, P>
where
    F: Future<Output = Result<Response<B>, E>>,
    P: ErrorPage<B>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (head, mut commit) = match this.closing.take() {
            Some(closing) => *closing,
            None => {
                let response = ready!(this.inner.poll(cx))?;
                let head = match Head::open(this.exchange, response, this.page) {
                    Ok(head) => head,
                    Err(untouched) => return Poll::Ready(Ok(untouched)),
                };
                match head.commit(this.exchange) {
                    Closing::Waits(commit) => (head, commit),
                    Closing::Done(committed) => {
                        return Poll::Ready(Ok(head.close(this.exchange, committed, this.page)));
                    }
                }
            }
        };
        match commit.as_mut().poll(cx) {
            Poll::Ready(committed) => Poll::Ready(Ok(head.close(this.exchange, Some(committed), this.page))),
            Poll::Pending => {
                *this.closing = Some(Box::new((head, commit)));
                Poll::Pending
            }
        }
    }
}
