//! `docs/security.md`: each requirement beside the tests that show it.
//!
//! The requirements are written by hand; the last column is made from the names of the tests, which begin with the numbers they
//! show (`s12_…`, `s08_s10_…`). `cargo xtask security` writes it, `cargo xtask check` refuses a page that has drifted.

use std::collections::BTreeMap;
use std::fs;

use crate::lints::rust_files;
use crate::process::Result;

/// The page.
const PAGE: &str = "docs/security.md";
/// The requirements are numbered from one to this.
const LAST: u32 = 72;
/// What a row says that can't be shown by a test alone.
const REVIEW: &str = "*checked by*";

/// The names of the tests for each number, and the folder they are in.
type Tests = BTreeMap<u32, Vec<String>>;

/// Writes the column of tests.
pub(crate) fn write() -> Result<()> {
    let tests = tests()?;
    let page = fs::read_to_string(PAGE)?;
    fs::write(PAGE, filled(&page, &tests))?;
    println!("{PAGE}: {} numbers shown", tests.len());
    Ok(())
}

/// Compares the page with the tests that there are.
pub(crate) fn check() -> Result<()> {
    let page = fs::read_to_string(PAGE)?;
    let filled = filled(&page, &tests()?);
    let problems = problems(&filled);
    if !problems.is_empty() {
        return Err(problems.join("\n").into());
    }
    if page != filled {
        return Err(format!("{PAGE} has drifted from the tests: run `cargo xtask security`").into());
    }
    println!("{LAST} numbers, each shown by a test or checked by a step");
    Ok(())
}

/// The tests of the workspace, by number.
fn tests() -> Result<Tests> {
    let mut tests = Tests::new();
    for (path, text) in rust_files()? {
        let package = path.split("/src/").next().unwrap_or(&path);
        let package = package.split("/tests/").next().unwrap_or(package);
        for name in text.lines().filter_map(test_name) {
            for number in numbers(name) {
                tests.entry(number).or_default().push(format!("`{package}::{name}`"));
            }
        }
    }
    tests.values_mut().for_each(|names| {
        names.sort();
        names.dedup();
    });
    Ok(tests)
}

/// The function that a line declares.
fn test_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").or_else(|| line.strip_prefix("pub(crate) ")).unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let end = line.find(['(', '<'])?;
    line[..end].strip_prefix("fn ")
}

/// The numbers that a name begins with.
fn numbers(name: &str) -> impl Iterator<Item = u32> {
    name.split('_').map_while(|word| word.strip_prefix('s')?.parse().ok())
}

/// The page with the column of tests made anew.
fn filled(page: &str, tests: &Tests) -> String {
    let lines = page.lines().map(|line| match row(line) {
        Some((number, text)) => {
            let shown = tests.get(&number).map(|names| names.join(", ")).unwrap_or_default();
            format!("| S{number} | {text} | {shown} |\n")
        }
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// A row's number and text.
fn row(line: &str) -> Option<(u32, &str)> {
    let (number, rest) = line.strip_prefix("| S")?.split_once(" | ")?;
    let (text, _) = rest.split_once(" |")?;
    Some((number.parse().ok()?, text.trim()))
}

/// What is wrong with a page: a number that is missing or stands twice, or that nothing shows.
fn problems(page: &str) -> Vec<String> {
    let rows: Vec<_> = page.lines().filter_map(|line| Some((row(line)?, line))).collect();
    let mut problems = Vec::new();
    for number in 1..=LAST {
        match rows.iter().filter(|((other, _), _)| *other == number).count() {
            1 => {}
            count => problems.push(format!("{PAGE}: S{number} stands there {count} times")),
        }
    }
    for ((number, text), line) in rows {
        let excused = text.contains(REVIEW);
        if line.ends_with("|  |") && !excused {
            problems.push(format!("{PAGE}: no test shows S{number}"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_their_numbers() {
        let all = |name| numbers(name).collect::<Vec<_>>();
        assert_eq!(all("s08_s10_cookie_flags"), [8, 10]);
        assert_eq!(all("s1_ids"), [1]);
        assert!(all("six_keys").is_empty() && all("p10_s").is_empty());
        assert_eq!(test_name("    pub async fn s05_x<T>(a: T) {"), Some("s05_x"));
        assert_eq!(test_name("// fn s05_x("), None);
    }

    #[test]
    fn the_column_is_made_from_the_tests_and_what_nothing_shows_is_told() {
        let tests = Tests::from([(1, vec!["`a::s01_x`".to_owned()])]);
        let page = filled("# Title\n| S1 | text | old |\n| S2 | other |  |\n", &tests);
        assert_eq!(page, "# Title\n| S1 | text | `a::s01_x` |\n| S2 | other |  |\n");
        let found = problems(&page);
        assert!(found.contains(&"docs/security.md: no test shows S2".to_owned()));
        assert!(found.contains(&"docs/security.md: S3 stands there 0 times".to_owned()));
        assert!(!found.iter().any(|problem| problem.contains("S1 ")));
    }
}
