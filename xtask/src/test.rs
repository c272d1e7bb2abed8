//! `cargo xtask test`: every test, in steps, and in the end what ran.
//!
//! Nothing is skipped quietly: an ignored test, a step that does not compile and a run without a
//! single test are failures.

mod choice;
mod engine;

use std::io::{self, Write};
use std::process::{Command, ExitCode};

use crate::process::{self, Result};
use crate::setup;
use crate::steps::{Progress, Report, seconds};
use crate::totals::{Counter, Totals};

pub(crate) use choice::{Backend, Choice, Via};

/// What each call of cargo begins with.
const COMMON: &[&str] = &["test", "--all-features", "--no-fail-fast"];
/// What chooses packages: with one of these, it is not the whole workspace.
const CHOOSES_PACKAGES: &[&str] = &["-p", "--package", "--manifest-path", "--workspace", "--all"];

/// Where the suites are: `tests/conformance.rs` of each backend, and `tests/flask_conformance.rs`.
const SUITES: &[&str] = &["--test", "*conformance"];
/// What takes long: a bench in each crate that has one.
const SCALE: &[(Backend, &str)] = &[(Backend::Sql, "session-sql"), (Backend::Redis, "session-redis")];

/// One thing to do.
#[derive(Debug)]
struct Step {
    /// Its name in the progress and in the summary.
    name: &'static str,
    /// What it is.
    work: Work,
}

/// What there is to do.
#[derive(Debug)]
enum Work {
    /// A call of cargo, whose results are counted.
    Cargo(Vec<String>),
    /// A look.
    Look(fn() -> Result<()>),
}

/// What became of one step, and how many tests ran in it.
#[derive(Debug)]
struct Ran {
    /// The step, its time, its error.
    report: Report<()>,
    /// The tests it counted.
    totals: Totals,
}

/// Runs all tests, or those that are chosen; the last line says how many passed.
pub(crate) fn run(choice: &Choice) -> ExitCode {
    let steps = steps(choice);
    let mut progress = Progress::new(steps.len());
    let ran = run_steps(&steps, choice.via, &mut progress);
    println!("\n{}total time {}\n", table(&ran), seconds(progress.elapsed()));
    let verdict = verdict(&ran);
    for problem in &verdict.problems {
        println!("problem: {problem}");
    }
    println!("{} passed, {} failed", verdict.passed, verdict.failed);
    ExitCode::from(u8::from(!verdict.problems.is_empty()))
}

/// What there is to do, one after the other.
fn steps(choice: &Choice) -> Vec<Step> {
    let setup = || look("setup", || setup::run(false));
    let mut steps = match choice.via {
        _ if choice.long => return std::iter::once(setup()).chain(long(choice)).collect(),
        Some(Via::Containers) => vec![look("engine", engine::answers)],
        Some(Via::Url) => Vec::new(),
        Some(Via::Native) | None => vec![setup()],
    };
    match choice.is_suites_alone() {
        true => steps.push(cargo_step("suites", &[COMMON, &choice.packages(), SUITES, &own(choice)].concat())),
        false => steps.extend(everything(choice)),
    }
    if choice.via == Some(Via::Containers) {
        steps.push(look("cleanliness", engine::is_clean));
    }
    steps
}

/// The calls of cargo for every kind of test. A choice of the caller's is handed on in one call, since cargo takes no `--doc`
/// beside other kinds of targets.
fn everything(choice: &Choice) -> Vec<Step> {
    let own = own(choice);
    let whole = match chooses_packages(&own) {
        true => Vec::new(),
        false => choice.packages(),
    };
    if !own.is_empty() {
        return vec![cargo_step("chosen tests", &[COMMON, &whole, &own].concat())];
    }
    let kinds = [("build", &["--no-run"][..]), ("tests", &["--lib", "--bins", "--tests"]), ("doc tests", &["--doc"])];
    kinds.into_iter().map(|(name, kind)| cargo_step(name, &[COMMON, &whole, kind].concat())).collect()
}

/// The benches of those backends that are chosen; of all, the soak too.
fn long(choice: &Choice) -> Vec<Step> {
    let chosen = SCALE.iter().filter(|(backend, _)| choice.only.is_empty() || choice.only.contains(backend));
    let bench = |package, name| cargo_step(package, &["bench", "-p", package, "--bench", name]);
    let scale = chosen.map(|(_, package)| bench(package, "scale"));
    // It goes through all stores, one after the other.
    let soak = choice.only.is_empty().then(|| bench("login", "soak"));
    scale.chain(soak).collect()
}

/// What the caller hands to cargo.
fn own(choice: &Choice) -> Vec<&str> {
    choice.arguments.iter().map(String::as_str).collect()
}

/// One call of cargo.
fn cargo_step(name: &'static str, words: &[&str]) -> Step {
    Step { name, work: Work::Cargo(words.iter().map(|word| (*word).to_owned()).collect()) }
}

/// Something to look at.
fn look(name: &'static str, work: fn() -> Result<()>) -> Step {
    Step { name, work: Work::Look(work) }
}

/// Whether the caller says which packages to test; cargo would ignore that beside `--workspace`.
fn chooses_packages(arguments: &[&str]) -> bool {
    let mut own = arguments.iter().take_while(|word| **word != "--");
    own.any(|word| CHOOSES_PACKAGES.contains(&word.split('=').next().unwrap_or(word)))
}

/// Runs the steps; without what the tests need, or without a build, the rest says nothing.
fn run_steps(steps: &[Step], via: Option<Via>, progress: &mut Progress) -> Vec<Ran> {
    let mut ran: Vec<Ran> = Vec::new();
    for step in steps {
        if ran.iter().any(|ran| is_fatal(&ran.report)) {
            println!("\n{}: not run", step.name);
            break;
        }
        ran.push(run_step(step, via, progress));
    }
    ran
}

/// Whether no later step can say anything.
fn is_fatal(report: &Report<()>) -> bool {
    report.outcome.is_err() && ["setup", "engine", "build"].contains(&report.name.as_str())
}

/// Runs one step and counts while the output of cargo streams through.
fn run_step(step: &Step, via: Option<Via>, progress: &mut Progress) -> Ran {
    let mut counter = Counter::default();
    let report = progress.step(step.name, || match &step.work {
        Work::Look(look) => look(),
        Work::Cargo(arguments) => count(&mut command(arguments, via), &mut io::stdout(), &mut counter),
    });
    Ran { report, totals: counter.totals() }
}

/// The call of cargo, with what the testkit reads in the environment.
fn command(arguments: &[String], via: Option<Via>) -> Command {
    let mut command = process::cargo(arguments.iter().map(String::as_str));
    if let Some(via) = via {
        command.env(choice::VIA, via.word()).env(engine::RUN, engine::label());
    }
    command
}

/// Adds up the results in a command's output, and passes that on.
fn count(command: &mut Command, to: &mut impl Write, counter: &mut Counter) -> Result<()> {
    let status = process::stream(command, to, |line| counter.read(line))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("cargo failed ({status})").into())
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
    if verdict.passed == 0 && verdict.problems.is_empty() && !ran.iter().any(is_bench) {
        verdict.failed = 1;
        verdict.problems.push("not one test ran".to_owned());
    }
    verdict
}

/// Whether a step measures instead of testing: there is nothing to count.
fn is_bench(ran: &Ran) -> bool {
    SCALE.iter().any(|(_, package)| ran.report.name == *package)
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

    /// The calls of cargo that these options come to.
    fn lines(options: &[&str]) -> Vec<String> {
        let steps = steps(&chosen(options));
        let calls = steps.into_iter().filter_map(|step| match step.work {
            Work::Cargo(words) => Some(words.join(" ")),
            Work::Look(_) => None,
        });
        calls.collect()
    }

    fn chosen(options: &[&str]) -> Choice {
        #[derive(clap::Parser)]
        struct Arguments {
            #[command(flatten)]
            choice: Choice,
        }
        let words = std::iter::once(&"test").chain(options);
        <Arguments as clap::Parser>::parse_from(words).choice
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
        assert_eq!(lines(&["--", "-p", "x"]), [format!("{common} -p x")]);
        assert_eq!(lines(&["--", "--package=x"]), [format!("{common} --package=x")]);
        assert_eq!(lines(&["--", "s12", "--", "-p"]), [format!("{common} --workspace s12 -- -p")]);
    }

    #[test]
    fn containers_and_urls_are_for_the_suites_and_native_programs_for_everything() {
        let suites = "test --all-features --no-fail-fast --workspace --test *conformance";
        assert_eq!(lines(&["--via", "containers"]), [suites]);
        assert_eq!(lines(&["--via", "url"]), [suites]);
        assert_eq!(lines(&["--via", "native"]), lines(&[]));
        let names = steps(&chosen(&["--via", "containers"])).into_iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names, ["engine", "suites", "cleanliness"]);
    }

    #[test]
    fn some_backends_are_their_packages() {
        let common = "test --all-features --no-fail-fast";
        assert_eq!(
            lines(&["--only", "redis,sql", "--", "p3"]),
            [format!("{common} -p session-redis -p session-sql p3")]
        );
        let containers = format!("{common} -p session-redis --features session-testkit/containers --test *conformance");
        assert_eq!(lines(&["--via", "containers", "--only", "redis"]), [containers]);
        assert_eq!(lines(&["--long", "--only", "redis"]), ["bench -p session-redis --bench scale"]);
        assert_eq!(lines(&["--long"]).last().unwrap(), "bench -p login --bench soak");
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
