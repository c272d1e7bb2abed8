//! Nothing is ignored, and nothing is left for later.

use super::Finding;
use super::source::{Source, is_of_name};

/// The macros of unfinished work.
const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];

/// What a Rust file leaves out: in its code, and in the examples of its documentation.
pub(crate) fn in_rust(source: &Source) -> Vec<Finding> {
    let lines = source.code.lines().zip(source.comments.lines()).enumerate();
    let found = lines.filter_map(|(index, (code, comment))| {
        let documentation = documentation(comment);
        let what = ignored_test(code)
            .or_else(|| unfinished(code))
            .or_else(|| ignored_example(documentation))
            .or_else(|| unfinished(documentation))?;
        Some(Finding::at(index, what))
    });
    found.collect()
}

/// What a Markdown file leaves out.
pub(crate) fn in_markdown(text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines.filter_map(|(index, line)| Some(Finding::at(index, ignored_example(line.trim())?))).collect()
}

/// The text of a line of documentation; of any other comment, nothing.
fn documentation(comment: &str) -> &str {
    let comment = comment.trim();
    let text = comment.strip_prefix("///").or_else(|| comment.strip_prefix("//!"));
    text.unwrap_or_default().trim()
}

/// `#[ignore]`, with or without a reason or a condition.
fn ignored_test(code: &str) -> Option<String> {
    let mut attributes = code.match_indices("#[").map(|(start, _)| &code[start + 2..]);
    let is_ignored = attributes.any(|attribute| {
        let names: Vec<_> = attribute.split(|letter| !is_of_name(letter)).collect();
        names[0] == "ignore" || (names[0] == "cfg_attr" && names.contains(&"ignore"))
    });
    is_ignored.then(|| "a test is ignored".to_owned())
}

/// A fence of code that rustdoc is told to ignore.
fn ignored_example(line: &str) -> Option<String> {
    let words = line.strip_prefix("```").or_else(|| line.strip_prefix("~~~"))?;
    let mut words = words.split([',', ' ', '`', '~', '{', '}']);
    let is_ignored = words.any(|word| word == "ignore" || word.starts_with("ignore-"));
    is_ignored.then(|| "an example is ignored".to_owned())
}

/// A call of one of the macros.
fn unfinished(line: &str) -> Option<String> {
    let called = MACROS.iter().find(|name| calls(line, name))?;
    Some(format!("{called}! is left in"))
}

/// Whether a macro is called in the line, under just this name.
fn calls(line: &str, name: &str) -> bool {
    let call = format!("{name}!");
    line.match_indices(&call).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + call.len()..].trim_start().chars().next();
        !before.is_some_and(is_of_name) && after.is_some_and(|open| "([{".contains(open))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: &str) -> Vec<usize> {
        let findings = in_rust(&Source::read(text));
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn ignored_tests_are_found() {
        assert_eq!(rust("#[test]\n#[ignore]\nfn f() {}"), [2]);
        assert_eq!(rust("#[ignore = \"slow\"]"), [1]);
        assert_eq!(rust("#[test] #[ignore]"), [1]);
        assert_eq!(rust("#[cfg_attr(miri, ignore)]"), [1]);
        assert!(rust("#[cfg(ignore_case)] // #[ignore]\nlet s = \"#[ignore]\";").is_empty());
    }

    #[test]
    fn ignored_examples_are_found_in_documentation() {
        assert_eq!(rust("/// ```ignore\n//! ```rust,ignore\n    /// ```rust ignore"), [1, 2, 3]);
        assert!(rust("/// ```no_run\n/// says \"```ignore\"\n// ```ignore").is_empty());
    }

    #[test]
    fn ignored_examples_are_found_in_markdown() {
        let found = in_markdown("```rust\n```\n  ```ignore-x86_64\ntext ```ignore");
        assert_eq!(found, [Finding::at(2, "an example is ignored")]);
    }

    #[test]
    fn unfinished_work_is_found() {
        assert_eq!(rust("fn f() { todo!() }\nx = dbg!(y);\nunimplemented! { \"a\" }"), [1, 2, 3]);
        assert_eq!(rust("/// todo!()"), [1]);
        let fine = "// todo!()\nlet s = \"todo!()\"; my_todo!(); /// what `todo!` does";
        assert!(rust(fine).is_empty());
    }
}
