//! The response's head: the session is committed, and the response gets its cookies, or becomes an error page.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use session_core::{Committed, CookieAction, Session, Sessions};

use crate::caching::Caching;
use crate::error::SessionError;
use crate::error_page::ErrorPage;
use crate::exchange::{Exchange, Taken};
use crate::received::without_blanks;
use crate::{log, session_cookie};

/// A commit that is under way.
pub(crate) type Commit = Pin<Box<dyn Future<Output = Committed> + Send>>;

/// How a session is committed.
pub(crate) enum Closing {
    /// It is done, or there is no session.
    Done(Option<Committed>),
    /// It takes a call to the store.
    Waits(Commit),
}

/// After this time the visitor may try again.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("2");

/// A response whose head is not sent yet.
pub(crate) struct Head<B> {
    response: Response<B>,
    taken: Taken,
}

impl<B> Head<B> {
    /// Closes the request. `Err` is the response as it was, where there is nothing to do.
    pub(crate) fn open(
        exchange: &Exchange,
        mut response: Response<B>,
        page: &impl ErrorPage<B>,
    ) -> Result<Self, Response<B>> {
        let reported = response.extensions_mut().remove::<SessionError>();
        let taken = exchange.close();
        if taken.is_none() && reported.is_none() {
            return Err(response);
        }
        let mut head = Head { response, taken: taken.unwrap_or_default() };
        if let Some(error) = reported {
            head.fail(&error, page);
        }
        Ok(head)
    }

    /// Commits the session, if a handler took it, or if it is refreshed by every request. What needs no store call is done here:
    /// only the others are worth a box.
    pub(crate) fn commit(&self, exchange: &Arc<Exchange>) -> Closing {
        if self.taken.refresh {
            return Closing::Waits(self.refresh(Arc::clone(exchange)));
        }
        let Some(session) = &self.taken.session else { return Closing::Done(None) };
        let (sessions, status) = (&exchange.sessions, self.response.status());
        let unstored = self.taken.marks.panicked && status.is_server_error();
        let done = match unstored {
            true => Some(sessions.close_unstored(session)),
            false => sessions.commit_at_once(session, status.as_u16()),
        };
        match done {
            Some(committed) => Closing::Done(Some(committed)),
            None => Closing::Waits(stored(exchange.sessions.clone(), session.clone(), status)),
        }
    }

    fn refresh(&self, exchange: Arc<Exchange>) -> Commit {
        let status = self.response.status().as_u16();
        Box::pin(async move { exchange.sessions.refresh(exchange.candidates(), status).await })
    }

    /// The response as it is sent.
    pub(crate) fn close(
        mut self,
        exchange: &Exchange,
        committed: Option<Committed>,
        page: &impl ErrorPage<B>,
    ) -> Response<B> {
        let mut private = self.taken.marks.personal;
        let mut action = CookieAction::None;
        if let Some(committed) = committed {
            // The handler has seen this error and answered with one of its own: that says more.
            let answered = committed.already_reported && is_error(self.response.status());
            if let Some(error) = committed.result.err().filter(|_| !answered) {
                self.fail(&error.into(), page);
            }
            private |= committed.was_live && !self.taken.refresh;
            action = committed.cookie;
            self.response.extensions_mut().insert(committed.report);
        }
        let sets_cookie = self.send_cookies(exchange, &action);
        let caching = Caching {
            // A refreshed session that no handler looked at shows in the cookie alone.
            varies: self.taken.marks.varies || matches!(action, CookieAction::Set { .. }),
            // Caches exist that pass over the qualified `no-cache`, and a session handed on is worse than a page not kept.
            private: private || matches!(action, CookieAction::Set { .. }),
            sets_cookie,
        };
        caching.apply(self.response.headers_mut());
        self.response
    }

    /// Puts the error page in place of the response, of which nothing is left: neither body nor headers nor cookies.
    fn fail(&mut self, error: &SessionError, page: &impl ErrorPage<B>) {
        self.response = page.page(error.error(), error.status());
        self.taken.outgoing.clear();
        let status = self.response.status();
        log::error_page(error.error(), status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            self.response.headers_mut().entry(RETRY_AFTER).or_insert(RETRY_SECONDS);
        }
    }

    /// Writes the `Set-Cookie` lines, the session's last; says whether there are any.
    fn send_cookies(&mut self, exchange: &Exchange, action: &CookieAction) -> bool {
        let rules = exchange.sessions.cookie();
        let headers = self.response.headers_mut();
        let mut any = false;
        for cookie in self.taken.outgoing.drain(..) {
            any |= set_cookie(headers, &cookie.name, cookie.line);
        }
        match session_cookie::line(rules, action) {
            Some(line) => set_cookie(headers, rules.name(), line) || any,
            None => any,
        }
    }
}

fn stored(sessions: Sessions, session: Session, status: StatusCode) -> Commit {
    Box::pin(async move { sessions.commit_for_status(&session, status.as_u16()).await })
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Adds a `Set-Cookie` line in place of those of its name: browsers may keep either of two.
fn set_cookie(headers: &mut HeaderMap, name: &str, line: HeaderValue) -> bool {
    let lines = headers.get_all(SET_COOKIE);
    if lines.iter().any(|other| name_of(other) == name.as_bytes()) {
        let others: Vec<_> = lines.iter().filter(|other| name_of(other) != name.as_bytes()).cloned().collect();
        headers.remove(SET_COOKIE);
        for other in others {
            headers.append(SET_COOKIE, other);
        }
    }
    // Refused beyond 32,768 lines, which no client reads.
    headers.try_append(SET_COOKIE, line).is_ok()
}

/// The name in a `Set-Cookie` line.
fn name_of(line: &HeaderValue) -> &[u8] {
    let end = line.as_bytes().iter().position(|byte| matches!(byte, b'=' | b';'));
    without_blanks(&line.as_bytes()[..end.unwrap_or(line.len())])
}
