//! P9 and P11: every request ends within its budget, and what it leaves behind is whole.
//!
//! Time is paused: it moves only where everybody waits, and nothing sleeps for real.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod budget;
mod cut;
mod lost_answers;
mod queue;
mod support;
