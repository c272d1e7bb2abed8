//! `cargo xtask test`: every test, in steps, and in the end what ran.
//!
//! Nothing is skipped quietly: an ignored test, a step that does not compile and a run without a
//! single test are failures.

use std::io::{self, Write};
use std::process::{Command, ExitCode};

use crate::process::{self, Result};
use crate::setup;
use crate::steps::{Progress, Report, seconds};
use crate::totals::{Counter, Totals};

/// What each call of cargo begins with.
const COMMON: &[&str] = &["test", "--all-features", "--no-fail-fast"];
/// What chooses packages: with one of these, it is not the whole workspace.
const CHOOSES_PACKAGES: &[&str] = &["-p", "--package", "--manifest-path", "--workspace", "--all"];

/// One call of cargo.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// Its name in the progress and in the summary.
    name: &'static str,
    /// The arguments of cargo.
    arguments: Vec<String>,
}

/// What became of one step, and how many tests ran in it.
#[derive(Debug)]
struct Ran {
    /// The step, its time, its error.
    report: Report<()>,
    /// The tests it counted.
    totals: Totals,
}

/// Runs all tests, or those that `arguments` choose; the last line says how many passed.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let steps = steps(arguments);
    let mut progress = Progress::new(steps.len() + 1);
    let ran = run_steps(&steps, &mut progress);
    println!("\n{}total time {}\n", table(&ran), seconds(progress.elapsed()));
    let verdict = verdict(&ran);
    for problem in &verdict.problems {
        println!("problem: {problem}");
    }
    println!("{} passed, {} failed", verdict.passed, verdict.failed);
    ExitCode::from(u8::from(!verdict.problems.is_empty()))
}

/// The calls of cargo. A choice of the caller's is handed on in one call, since cargo takes no
/// `--doc` beside other kinds of targets.
fn steps(arguments: &[String]) -> Vec<Step> {
    if arguments.is_empty() {
        let tests = ["--lib", "--bins", "--tests"];
        return vec![
            step("build", &["--no-run"], true),
            step("tests", &tests, true),
            step("doc tests", &["--doc"], true),
        ];
    }
    let chosen: Vec<&str> = arguments.iter().map(String::as_str).collect();
    vec![step("chosen tests", &chosen, !chooses_packages(&chosen))]
}

/// One call of cargo, for the whole workspace or not.
fn step(name: &'static str, chosen: &[&str], whole: bool) -> Step {
    let workspace: &[&str] = if whole { &["--workspace"] } else { &[] };
    let words = [COMMON, workspace, chosen].concat();
    let arguments = words.into_iter().map(str::to_owned).collect();
    Step { name, arguments }
}

/// Whether the caller says which packages to test; cargo would ignore that beside `--workspace`.
fn chooses_packages(arguments: &[&str]) -> bool {
    let mut own = arguments.iter().take_while(|word| **word != "--");
    own.any(|word| CHOOSES_PACKAGES.contains(&word.split('=').next().unwrap_or(word)))
}

/// Runs the setup and the steps; without the former, or without a build, the rest says nothing.
fn run_steps(steps: &[Step], progress: &mut Progress) -> Vec<Ran> {
    let setup = progress.step("setup", || setup::run(false));
    let mut ran = vec![Ran { report: setup, totals: Totals::default() }];
    for step in steps {
        if ran.iter().any(|ran| is_fatal(&ran.report)) {
            println!("\n{}: not run", step.name);
            break;
        }
        ran.push(run_step(step, progress));
    }
    ran
}

/// Whether no later step can say anything.
fn is_fatal(report: &Report<()>) -> bool {
    report.outcome.is_err() && ["setup", "build"].contains(&report.name.as_str())
}

/// Runs one call of cargo and counts while its output streams through.
fn run_step(step: &Step, progress: &mut Progress) -> Ran {
    let mut counter = Counter::default();
    let mut command = process::cargo(step.arguments.iter().map(String::as_str));
    let report = progress.step(step.name, || count(&mut command, &mut io::stdout(), &mut counter));
    let totals = counter.totals();
    Ran { report, totals }
}

/// Adds up the results in a command's output, and passes that on.
fn count(command: &mut Command, to: &mut impl Write, counter: &mut Counter) -> Result<()> {
    let status = process::stream(command, to, |line| counter.read(line))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("cargo test failed ({status})").into())
}

/// What is to be said in the end.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    /// Tests that passed.
    passed: u64,
    /// Tests that failed or were ignored, and steps that failed without counting a failed test.
    failed: u64,
    /// Why the run is no success; empty if it is.
    problems: Vec<String>,
}

/// Judges a run. Whatever makes it fail shows in the number of failures as well.
fn verdict(ran: &[Ran]) -> Verdict {
    let mut verdict =
        Verdict { passed: ran.iter().map(|ran| ran.totals.passed).sum(), failed: 0, problems: Vec::new() };
    for (failed, problem) in ran.iter().flat_map(problems) {
        verdict.failed += failed;
        verdict.problems.push(problem);
    }
    if verdict.passed == 0 && verdict.problems.is_empty() {
        verdict.failed = 1;
        verdict.problems.push("not one test ran".to_owned());
    }
    verdict
}

/// What is wrong with one step, each with the number of failures it stands for.
fn problems(ran: &Ran) -> Vec<(u64, String)> {
    let (name, totals) = (&ran.report.name, ran.totals);
    let mut found = Vec::new();
    if totals.failed > 0 {
        found.push((totals.failed, format!("{name}: {} failed", totals.failed)));
    }
    if totals.ignored > 0 {
        let text = format!("{name}: {} ignored, which counts as failed", totals.ignored);
        found.push((totals.ignored, text));
    }
    if let (Err(error), 0) = (&ran.report.outcome, totals.failed) {
        found.push((1, format!("{name}: {error}")));
    }
    found
}

/// One line a step.
fn table(ran: &[Ran]) -> String {
    let head = row("step", ["passed", "failed", "ignored", "time"].map(str::to_owned));
    let lines = ran.iter().map(|ran| {
        let Totals { passed, failed, ignored } = ran.totals;
        let time = seconds(ran.report.elapsed);
        row(&ran.report.name, [passed.to_string(), failed.to_string(), ignored.to_string(), time])
    });
    std::iter::once(head).chain(lines).collect()
}

/// One line of the table.
fn row(name: &str, [passed, failed, ignored, time]: [String; 4]) -> String {
    format!("{name:<14}{passed:>8}{failed:>8}{ignored:>8}{time:>14}\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ran(outcome: Result<()>, [passed, failed, ignored]: [u64; 3]) -> Ran {
        let report = Report { name: "tests".to_owned(), elapsed: Duration::ZERO, outcome };
        let totals = Totals { passed, failed, ignored };
        Ran { report, totals }
    }

    fn judged(ran: &[Ran]) -> (u64, u64, usize) {
        let verdict = verdict(ran);
        (verdict.passed, verdict.failed, verdict.problems.len())
    }

    fn lines(arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<_> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let steps = steps(&arguments);
        steps.iter().map(|step| step.arguments.join(" ")).collect()
    }

    #[test]
    fn a_green_run_adds_up() {
        assert_eq!(judged(&[ran(Ok(()), [3, 0, 0]), ran(Ok(()), [4, 0, 0])]), (7, 0, 0));
    }

    #[test]
    fn a_failed_test_is_counted_once_although_cargo_fails_too() {
        assert_eq!(judged(&[ran(Err("exit".into()), [3, 2, 0])]), (3, 2, 1));
    }

    #[test]
    fn a_step_that_fails_without_a_failed_test_counts_as_one() {
        assert_eq!(judged(&[ran(Err("abort".into()), [3, 0, 0])]), (3, 1, 1));
    }

    #[test]
    fn an_ignored_test_is_a_failure() {
        assert_eq!(judged(&[ran(Ok(()), [3, 0, 2])]), (3, 2, 1));
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        assert_eq!(judged(&[ran(Ok(()), [0, 0, 0])]), (0, 1, 1));
        assert_eq!(judged(&[]), (0, 1, 1));
    }

    #[test]
    fn the_whole_workspace_with_its_doc_tests_in_three_steps() {
        let common = "test --all-features --no-fail-fast --workspace";
        let wanted = ["--no-run", "--lib --bins --tests", "--doc"];
        assert_eq!(lines(&[]), wanted.map(|kind| format!("{common} {kind}")));
    }

    #[test]
    fn a_choice_of_packages_is_not_widened_and_a_filter_is() {
        let common = "test --all-features --no-fail-fast";
        assert_eq!(lines(&["-p", "x"]), [format!("{common} -p x")]);
        assert_eq!(lines(&["--package=x"]), [format!("{common} --package=x")]);
        assert_eq!(lines(&["s12", "--", "-p"]), [format!("{common} --workspace s12 -- -p")]);
    }

    #[test]
    fn results_are_counted_and_the_status_kept() {
        let script = "echo 'test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured'; exit 1";
        let (mut counter, mut copy) = (Counter::default(), Vec::new());
        let mut command = Command::new("sh");
        assert!(count(command.args(["-c", script]), &mut copy, &mut counter).is_err());
        let totals = counter.totals();
        assert_eq!((totals.passed, totals.ignored), (2, 1));
        assert!(copy.starts_with(b"test result: ok. 2"));
    }
}
