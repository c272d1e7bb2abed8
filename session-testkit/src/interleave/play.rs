//! Requests under way: polled by hand, one at a time, until nobody can go on by itself.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::request::{Answer, Cookie};
use super::stage::Actor;
use super::world::{Phase, World};

/// Longer than any pause in the code under test.
const PAUSE: Duration = Duration::from_millis(20);

impl World<'_> {
    /// Lets a request go on, and whoever waited in line behind it.
    pub(super) fn run(&mut self, actor: Actor) {
        self.poll(actor);
        if self.is_stuck(actor) {
            // In line, or in the pause before another replay: the latter ends here.
            self.pass_time();
            self.poll(actor);
        }
        if self.is_stuck(actor) && !self.line.contains(&actor) {
            self.line.push(actor);
        }
        self.advance_line();
    }

    /// Drops a request where it stands.
    pub(super) fn cut(&mut self, actor: Actor) {
        self.requests[actor].future = None;
        self.stage.forget(actor);
        self.line.retain(|other| *other != actor);
        self.requests[actor].answer = Some(Answer::none());
        self.requests[actor].phase = Phase::Lost;
        self.advance_line();
    }

    /// Polls those in line, until none of them moves.
    fn advance_line(&mut self) {
        loop {
            let before = self.line.len();
            for actor in self.line.clone() {
                self.poll(actor);
                if !self.is_stuck(actor) {
                    self.line.retain(|other| *other != actor);
                }
            }
            if self.line.len() == before {
                return;
            }
        }
    }

    fn is_stuck(&self, actor: Actor) -> bool {
        self.requests[actor].phase == Phase::Runs && self.stage.waits_for(actor).is_none()
    }

    pub(super) fn poll(&mut self, actor: Actor) {
        let request = &mut self.requests[actor];
        let Some(future) = &mut request.future else { return };
        self.stage.enter(Some(actor));
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.stage.enter(None);
        if let Poll::Ready(answer) = polled {
            request.future = None;
            // What changes no cookie, or goes to no browser, may as well be heard at once.
            let silent = answer.cookie == Cookie::Stays || request.kind.is_attack();
            request.phase = if silent { Phase::Heard } else { Phase::Answered };
            request.answer = Some(answer);
        }
    }

    fn pass_time(&self) {
        self.runtime.block_on(tokio::time::advance(PAUSE));
    }
}
