//! No `==` on tokens, authentication codes, secrets and signatures: how long such a comparison
//! takes tells how much of a guess is right.
//!
//! The names decide. Where one misleads, a comment on that line or the one above says so:
//! `// not secret: why`.

use super::Finding;
use super::source::{Source, is_of_name};

/// Parts of names by which secrets go.
const SECRET_PARTS: &[&str] = &["token", "secret", "csrf", "signature"];
/// The same, as whole words of a name: `mac` is not in `machine`.
const SECRET_WORDS: &[&str] = &["mac", "hmac"];
/// What is asked of a secret here is none itself.
const HARMLESS: &[&str] =
    &["count", "deadline", "is_empty", "is_err", "is_none", "is_ok", "is_some", "kind", "len", "name", "version"];
/// The comment that allows a comparison.
const ALLOWED: &str = "not secret:";

/// The comparisons of secrets in the code outside of its tests.
pub(crate) fn findings(source: &Source) -> Vec<Finding> {
    let code = without_tests(&source.code);
    let comments: Vec<&str> = source.comments.lines().collect();
    let found = operators(&code).into_iter().filter_map(|at| {
        let name = compared_secret(&code, at)?;
        let line = code[..at].iter().filter(|letter| **letter == '\n').count();
        let what = format!("`{name}` is compared with == or !=");
        (!is_allowed(&comments, line)).then(|| Finding::at(line, what))
    });
    found.collect()
}

/// Where `==` and `!=` stand.
fn operators(code: &[char]) -> Vec<usize> {
    let pairs = code.windows(2).enumerate();
    pairs.filter(|(_, pair)| matches!(pair, ['=' | '!', '='])).map(|(at, _)| at).collect()
}

/// Whether the line, or the one above, says why the comparison is fine.
fn is_allowed(comments: &[&str], line: usize) -> bool {
    let near = [Some(line), line.checked_sub(1)].into_iter().flatten();
    near.filter_map(|line| comments.get(line)?.split_once(ALLOWED)).any(|(_, why)| !why.trim().is_empty())
}

/// The secret among the two sides of an operator. What is compared with a literal is not: the
/// literal is known to all.
fn compared_secret(code: &[char], at: usize) -> Option<String> {
    let (left, right) = (before(&code[..at]), after(&code[at + 2..]));
    if is_literal(&left) || is_literal(&right) {
        return None;
    }
    secret_name(&left).or_else(|| secret_name(&right))
}

/// The operand that ends here: names, dots, calls and indexes.
fn before(code: &[char]) -> String {
    let mut start = code.len();
    while let Some(&last) = code[..start].last() {
        start = match last {
            ')' | ']' => opening(&code[..start]),
            ' ' | '\n' if is_joined(&code[start..]) => start - 1,
            '.' | ':' | '?' | '"' | '\'' => start - 1,
            letter if is_of_name(letter) => start - 1,
            _ => break,
        };
    }
    code[start..].iter().collect()
}

/// Whether blanks in front of `right` do not part it from what is before: at the end of an operand,
/// and inside a chain of calls over several lines.
fn is_joined(right: &[char]) -> bool {
    let next = right.iter().find(|letter| !letter.is_whitespace());
    next.is_none_or(|next| *next == '.')
}

/// Where the bracket opens that closes at the end of `code`.
fn opening(code: &[char]) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.iter().enumerate().rev() {
        match letter {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    0
}

/// The operand that begins here, without the signs in front of it.
fn after(code: &[char]) -> String {
    let is_sign = |letter: &char| letter.is_whitespace() || "&*!-".contains(*letter);
    let start = code.iter().take_while(|letter| is_sign(letter)).count();
    let mut end = start;
    while let Some(&next) = code.get(end) {
        end = match next {
            '(' | '[' => end + closing(&code[end..]),
            ' ' | '\n' if is_joined(&code[end..]) => end + 1,
            '.' | ':' | '?' | '"' | '\'' => end + 1,
            letter if is_of_name(letter) => end + 1,
            _ => break,
        };
    }
    code[start..end].iter().collect()
}

/// How long the piece in brackets is that begins here.
fn closing(code: &[char]) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.iter().enumerate() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// Numbers, strings, characters and what else the language names itself.
fn is_literal(operand: &str) -> bool {
    let operand = operand.trim();
    let quoted = operand.trim_start_matches(['b', 'c', 'r', '#']);
    let is_number = operand.starts_with(|first: char| first.is_ascii_digit());
    is_number || quoted.starts_with(['"', '\'']) || ["true", "false", "None"].contains(&operand)
}

/// The name in an operand that says it is a secret; arguments of calls do not count, and what is
/// asked of a secret may make it harmless.
fn secret_name(operand: &str) -> Option<String> {
    let bare = without_arguments(operand);
    let names: Vec<_> = bare.split(|letter| !is_of_name(letter)).filter(|name| !name.is_empty()).collect();
    if names.last().is_none_or(|last| HARMLESS.contains(last)) {
        return None;
    }
    let mut names = names.into_iter();
    names.find(|name| is_secret(name)).map(str::to_owned)
}

/// An operand without what stands in the brackets of its calls and indexes; brackets that only
/// group are kept.
fn without_arguments(operand: &str) -> String {
    let mut kept = String::new();
    let mut depth = 0_usize;
    for letter in operand.chars() {
        let follows_name = kept.chars().next_back().is_some_and(is_of_name);
        match letter {
            '(' | '[' if depth > 0 || follows_name => depth += 1,
            ')' | ']' if depth > 0 => depth -= 1,
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

/// Whether a name is one of a secret value. Types, variants and constants are not, which is why the
/// case of the letters counts.
fn is_secret(name: &str) -> bool {
    let mut words = name.split('_');
    SECRET_PARTS.iter().any(|part| name.contains(part)) || words.any(|word| SECRET_WORDS.contains(&word))
}

/// The code with its modules of tests left blank, line ends kept.
fn without_tests(code: &str) -> Vec<char> {
    const MARK: &str = "#[cfg(test)]";
    let mut letters: Vec<char> = Vec::with_capacity(code.len());
    let mut rest = code;
    while let Some((head, tail)) = rest.split_once(MARK) {
        letters.extend(head.chars());
        let tail_letters: Vec<char> = tail.chars().collect();
        let hidden: String = tail_letters[..test_module(&tail_letters)].iter().collect();
        letters.extend(hidden.chars().filter(|letter| *letter == '\n'));
        rest = &tail[hidden.len()..];
    }
    letters.extend(rest.chars());
    letters
}

/// How long the module is that begins here; nothing if it is something else.
fn test_module(code: &[char]) -> usize {
    let Some(open) = code.iter().position(|letter| matches!(letter, '{' | ';')) else {
        return 0;
    };
    let head: String = code[..open].iter().collect();
    let is_module = head.split_whitespace().any(|word| word == "mod");
    if is_module && code[open] == '{' {
        return open + closing(&code[open..]);
    }
    0
}

#[cfg(test)]
mod tests;
