//! Every library compiles without its features, and with each of them alone.

use crate::metadata::{self, Package};
use crate::process::{self, Result};

/// Compiles the combinations, all of them, and then names those that failed.
pub(crate) fn run() -> Result<()> {
    let combinations: Vec<_> = metadata::libraries()?.iter().flat_map(of_package).collect();
    let mut failed = Vec::new();
    for arguments in &combinations {
        let mut command = process::cargo(arguments.iter().map(String::as_str));
        if process::run(&mut command).is_err() {
            failed.push(arguments.join(" "));
        }
    }
    if failed.is_empty() {
        println!("features: {} combinations compile", combinations.len());
        return Ok(());
    }
    Err(format!("these do not compile:\n{}", failed.join("\n")).into())
}

/// The arguments of one `cargo check` for each combination of a package.
fn of_package(package: &Package) -> Vec<Vec<String>> {
    let bare = ["check", "--quiet", "-p", &package.name, "--no-default-features"];
    let bare = bare.map(str::to_owned).to_vec();
    let single = package.features.iter().map(|feature| {
        let chosen = ["--features".to_owned(), feature.clone()];
        [bare.as_slice(), &chosen].concat()
    });
    std::iter::once(bare.clone()).chain(single).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_features_and_with_each_alone() {
        let package = Package {
            name: "session-x".to_owned(),
            folder: "/w/session-x".into(),
            is_library: true,
            features: vec!["json".to_owned(), "tracing".to_owned()],
            dependencies: Vec::new(),
        };
        let lines: Vec<_> = of_package(&package).iter().map(|words| words.join(" ")).collect();
        let bare = "check --quiet -p session-x --no-default-features";
        let wanted = [bare.to_owned(), format!("{bare} --features json"), format!("{bare} --features tracing")];
        assert_eq!(lines, wanted);
    }
}
