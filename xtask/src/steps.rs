//! Steps with visible progress: which of how many, and how long it took.

use std::time::{Duration, Instant};

use crate::process::Result;

/// What became of one step.
#[derive(Debug)]
pub(crate) struct Report<T> {
    /// The step's name.
    pub(crate) name: String,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// What it answered.
    pub(crate) outcome: Result<T>,
}

/// Counts the steps of one command.
#[derive(Debug)]
pub(crate) struct Progress {
    /// How many steps there are.
    total: usize,
    /// How many were begun.
    begun: usize,
    /// When the command began.
    start: Instant,
}

impl Progress {
    /// Nothing done yet, of `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        let start = Instant::now();
        Self { total, begun: 0, start }
    }

    /// Runs one step between two lines that say so.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Report<T> {
        self.begun += 1;
        let (place, start) = (format!("[{}/{}]", self.begun, self.total), Instant::now());
        println!("\n{place} {name} (after {})", seconds(self.start.elapsed()));
        let (outcome, elapsed) = (work(), start.elapsed());
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("{place} {name}: {word} in {}", seconds(elapsed));
        if let Err(error) = &outcome {
            println!("{error}");
        }
        let name = name.to_owned();
        Report { name, elapsed, outcome }
    }

    /// How long the command has been running.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A duration as people say it: `0.4 s`, `41 s`, `3 min 5 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        whole @ 10..60 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let said = |millis| seconds(Duration::from_millis(millis));
        assert_eq!(said(420), "0.4 s");
        assert_eq!(said(59_900), "59 s");
        assert_eq!(said(185_000), "3 min 5 s");
    }

    #[test]
    fn a_step_reports_its_error_and_the_next_one_still_runs() {
        let mut progress = Progress::new(2);
        assert!(progress.step("bad", || Err::<(), _>("no".into())).outcome.is_err());
        assert_eq!(progress.step("good", || Ok(7)).outcome.unwrap(), 7);
        assert_eq!(progress.begun, 2);
    }
}
