//! No file speaks of the machine it was written on.

use super::Finding;
use super::source::is_of_name;

/// The folders in which people and machines keep their work. Written in two parts, so that this
/// file passes its own rule.
const FOLDERS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/Use", "rs/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!(r"\Use", r"rs\"),
];

/// The lines with a path below one of the folders.
pub(crate) fn findings(text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| FOLDERS.iter().any(|folder| has_path(line, folder)))
        .map(|(index, _)| Finding::at(index, "a path of one machine"))
        .collect()
}

/// Whether a path in the line begins with `folder` and goes on.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + folder.len()..].chars().next();
        after.is_some_and(is_of_name) && !before.is_some_and(is_of_path)
    })
}

/// Whether the character before shows that the path began earlier, as in `$HOME/…` or `~/…`.
fn is_of_path(letter: char) -> bool {
    is_of_name(letter) || "./-~}".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_found() {
        for start in FOLDERS {
            for line in [format!("{start}jo/x"), format!("see `{start}jo`"), format!("a=\"{start}jo\"")] {
                assert_eq!(findings(&format!("fine\n{line}")), [Finding::at(1, "a path of one machine")]);
            }
        }
    }

    #[test]
    fn other_paths_are_not() {
        let work = FOLDERS[3];
        for line in ["/usr/sbin/x", "$HOME/x", &format!("example.org{work}x"), &format!("~{work}x"), work] {
            assert!(findings(line).is_empty(), "{line}");
        }
    }
}
