//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::Result;

const USAGE: &str = "bench-driver --programs FOLDER --results FOLDER [--quick] [--rounds N] [--only PART]

  --programs  where the built servers are
  --results   where tables and plots go
  --quick     fewer and shorter rounds
  --rounds    how many rounds (5; with --quick 2)
  --only      peers whose name holds this word, beside ours and raw";

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    pub(crate) programs: PathBuf,
    pub(crate) results: PathBuf,
    pub(crate) quick: bool,
    pub(crate) rounds: usize,
    pub(crate) only: Option<String>,
}

impl Arguments {
    pub(crate) fn parse() -> Result<Self> {
        Self::of(std::env::args().skip(1))
    }

    fn of(words: impl IntoIterator<Item = String>) -> Result<Self> {
        let (mut programs, mut results, mut rounds, mut only, mut quick) = (None, None, None, None, false);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--quick" {
                quick = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{word} wants a value\n\n{USAGE}"))?;
            match word.as_str() {
                "--programs" => programs = Some(PathBuf::from(value)),
                "--results" => results = Some(PathBuf::from(value)),
                "--rounds" => rounds = Some(value.parse::<usize>()?.max(1)),
                "--only" => only = Some(value),
                other => return Err(format!("unknown argument {other}\n\n{USAGE}").into()),
            }
        }
        let (Some(programs), Some(results)) = (programs, results) else { return Err(USAGE.into()) };
        Ok(Arguments { programs, results, quick, rounds: rounds.unwrap_or(if quick { 2 } else { 5 }), only })
    }

    /// How long one measurement lasts; wrk counts whole seconds.
    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { 3 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments> {
        Arguments::of(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn quick_means_fewer_rounds_unless_they_are_given() {
        assert_eq!(parsed("--programs p --results r").unwrap().rounds, 5);
        assert_eq!(parsed("--programs p --results r --quick").unwrap().rounds, 2);
        assert_eq!(parsed("--quick --rounds 7 --programs p --results r").unwrap().rounds, 7);
    }

    #[test]
    fn what_is_unknown_or_missing_is_an_error() {
        assert!(parsed("--programs p").is_err());
        assert!(parsed("--programs p --results").is_err());
        assert!(parsed("--programs p --results r --fast yes").is_err());
    }
}
