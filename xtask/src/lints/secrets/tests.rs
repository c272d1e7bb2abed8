//! What the lint must find, and what it must leave alone.

use super::*;

/// The lines in which something is found.
fn lines(text: &str) -> Vec<usize> {
    let found = findings(&Source::read(text));
    found.iter().map(|finding| finding.line).collect()
}

#[test]
fn comparisons_of_secrets_are_found() {
    for text in [
        "token == other",
        "given != self.token",
        "if mac[..] == *expected {",
        "(a == b && csrf_token == sent)",
        "self.secret.as_bytes() == other.0",
        "mac.finalize().into_bytes() == given",
        "self.0 == session.csrf()?",
        "Token::parse(x)? == *token",
        "(x ^ signature) == y",
        "hmac_of(x) == y",
        "a.next() != secret_key(b)",
    ] {
        assert_eq!(lines(text), [1], "{text}");
    }
}

#[test]
fn the_finding_names_the_secret_and_its_line() {
    let found = findings(&Source::read("fn f() {\n    a == b;\n    x == y.csrf\n}"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].line, 3);
    assert!(found[0].what.contains("`csrf`"), "{}", found[0].what);
}

#[test]
fn an_operand_over_several_lines_is_one() {
    assert_eq!(lines("self.token\n    .as_bytes()\n    == other"), [3]);
    assert_eq!(lines("other\n    == self\n        .token"), [2]);
    assert_eq!(lines("let token = 1;\na == b"), Vec::<usize>::new());
}

#[test]
fn what_is_no_secret_is_left_alone() {
    for text in [
        "token.len() == 43",
        "token.len() != other.len()",
        "token.is_empty() == empty",
        "machine == other",
        "kind == Kind::Token",
        "name == TOKEN_COOKIE",
        "lookup(&token) == Lookup::Absent",
        "list[token] == x",
        "token == \"\"",
        "token[0] == b'.'",
        "secret == None",
        "let token = a; // token == b",
        "say(\"token == b\")",
        "|token| a >= b",
        "matches!(token, x if a == b)",
        "match token { x if a == b => c }",
    ] {
        assert_eq!(lines(text), Vec::<usize>::new(), "{text}");
    }
}

#[test]
fn a_comment_with_a_reason_allows_it() {
    assert!(lines("token == b // not secret: a public id").is_empty());
    assert!(lines("// not secret: a public id\ntoken == b").is_empty());
    assert_eq!(lines("token == b // not secret:"), [1]);
    assert_eq!(lines("// not secret: too far away\n\ntoken == b"), [3]);
}

#[test]
fn tests_may_compare_but_what_follows_them_may_not() {
    let module = "#[cfg(test)]\nmod tests {\n    fn f() { if a { token == b } }\n}\n";
    assert!(lines(module).is_empty());
    assert_eq!(lines(&format!("{module}fn g() {{ token == b }}")), [5]);
    assert_eq!(lines("#[cfg(test)]\nmod tests;\nfn g() { token == b }"), [3]);
    assert_eq!(lines("#[cfg(test)]\nuse a::{b};\nfn g() { token == b }"), [3]);
    let field = "struct A {\n    #[cfg(test)]\n    a: u8,\n}\nfn g() { token == b }";
    assert_eq!(lines(field), [5]);
}
