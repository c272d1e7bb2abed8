//! Rules of ours that no other tool knows, checked line by line.

mod files;
mod paths;
mod secrets;
mod source;
mod unfinished;

use crate::metadata::{self, Package, TESTKIT};
use crate::process::Result;
use files::File;
use source::Source;

/// A file of a library longer than this wants to be split.
const LONGEST: usize = 400;

/// One violation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    /// The line, counted from one.
    line: usize,
    /// What is wrong there.
    what: String,
}

impl Finding {
    /// A violation in the line with this index, counted from zero.
    fn at(index: usize, what: impl Into<String>) -> Self {
        Self { line: index + 1, what: what.into() }
    }
}

/// No secret of a library is compared in a time that tells about it. The testkit knows no secrets
/// but those it made up.
pub(crate) fn secrets() -> Result<()> {
    let mut libraries = metadata::libraries()?;
    libraries.retain(|package| package.name != TESTKIT);
    let mut files = rust_of(&libraries)?;
    files.retain(|file| is_production(&file.path));
    judge(&files, |file| secrets::findings(&Source::read(&file.text)))
}

/// No file of a library is too long.
pub(crate) fn lines() -> Result<()> {
    judge(&rust_of(&metadata::libraries()?)?, too_long)
}

/// Nothing is ignored, left unfinished, or tied to one machine.
pub(crate) fn unfinished() -> Result<()> {
    judge(&files::all()?, |file| {
        let mut found = paths::findings(&file.text);
        if file.is_rust() {
            found.extend(unfinished::in_rust(&Source::read(&file.text)));
        } else if file.path.ends_with(".md") {
            found.extend(unfinished::in_markdown(&file.text));
        }
        found
    })
}

/// The path and text of every Rust file.
pub(crate) fn rust_files() -> Result<Vec<(String, String)>> {
    let files = files::all()?.into_iter().filter(File::is_rust);
    Ok(files.map(|File { path, text }| (path, text)).collect())
}

/// The Rust files of some packages.
fn rust_of(packages: &[Package]) -> Result<Vec<File>> {
    let mut files = files::all()?;
    files.retain(|file| file.is_rust() && packages.iter().any(|package| file.is_in(package)));
    Ok(files)
}

/// Whether a path is of code that a user runs: in `src`, and not a file of tests.
fn is_production(path: &str) -> bool {
    let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
    path.contains("/src/") && !is_test
}

/// Applies a rule to each file.
fn judge(files: &[File], rule: impl Fn(&File) -> Vec<Finding>) -> Result<()> {
    let found = files.iter().flat_map(|file| {
        let findings = rule(file).into_iter();
        findings.map(|Finding { line, what }| format!("{}:{line}: {what}", file.path))
    });
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        println!("{} files are clean", files.len());
        return Ok(());
    }
    Err(found.join("\n").into())
}

/// Whether a file has too many lines.
fn too_long(file: &File) -> Vec<Finding> {
    let lines = file.text.lines().count();
    if lines <= LONGEST {
        return Vec::new();
    }
    let what = format!("{lines} lines; split what is longer than {LONGEST}");
    vec![Finding::at(lines - 1, what)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_longest_file_is_allowed_and_one_line_more_is_not() {
        assert!(too_long(&file("a.rs", &"x\n".repeat(LONGEST))).is_empty());
        assert_eq!(too_long(&file("a.rs", &"x\n".repeat(LONGEST + 1))).len(), 1);
    }

    #[test]
    fn findings_are_errors_that_say_where() {
        let files = [file("a/src/lib.rs", "")];
        let error = judge(&files, |_| vec![Finding::at(6, "bad")]).unwrap_err();
        assert_eq!(error.to_string(), "a/src/lib.rs:7: bad");
        assert!(judge(&files, |_| Vec::new()).is_ok());
    }

    #[test]
    fn tests_are_not_production() {
        assert!(is_production("session-core/src/token.rs"));
        for path in ["a/tests/b.rs", "a/src/b/tests.rs", "a/examples/b.rs", "a/build.rs"] {
            assert!(!is_production(path), "{path}");
        }
    }
}
