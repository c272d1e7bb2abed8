//! The files of the workspace, as git knows them.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::metadata::Package;
use crate::process::{self, Result};

/// One text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

impl File {
    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it belongs to a package of this workspace. A package's folder is named as its last
    /// folders are, wherever the workspace lies.
    pub(crate) fn is_in(&self, package: &Package) -> bool {
        let mut folders = self.path.match_indices('/').map(|(end, _)| &self.path[..end]);
        folders.any(|folder| package.folder.ends_with(folder))
    }
}

/// All text files that are tracked, or new and not ignored; without git's help, all there are.
pub(crate) fn all() -> Result<Vec<File>> {
    let mut paths = tracked().or_else(|_| walk(Path::new("")))?;
    paths.sort_unstable();
    paths.dedup();
    if paths.is_empty() {
        return Err("there are no files here".into());
    }
    Ok(paths.into_iter().filter_map(read).collect())
}

/// What git lists.
fn tracked() -> Result<Vec<String>> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let list = process::capture(Command::new("git").args(arguments))?;
    let paths = list.split('\0').filter(|path| !path.is_empty());
    Ok(paths.map(str::to_owned).collect())
}

/// All files below a folder, but for git's own and those that cargo builds.
fn walk(folder: &Path) -> Result<Vec<String>> {
    let here = if folder == Path::new("") { Path::new(".") } else { folder };
    let mut found = Vec::new();
    for entry in fs::read_dir(here)? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            found.push(path.to_string_lossy().into_owned());
        } else if entry.file_name() != ".git" && !path.join("CACHEDIR.TAG").exists() {
            found.extend(walk(&path)?);
        }
    }
    Ok(found)
}

/// Reads a file; one that is no text, or was deleted and is still tracked, is left out.
fn read(path: String) -> Option<File> {
    let text = fs::read_to_string(&path).ok()?;
    Some(File { path, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> File {
        File { path: path.to_owned(), text: String::new() }
    }

    #[test]
    fn a_file_belongs_to_the_package_whose_folder_it_is_in() {
        let package = Package {
            name: "login".to_owned(),
            folder: "/w/examples/login".into(),
            is_library: true,
            features: Vec::new(),
            dependencies: Vec::new(),
        };
        assert!(file("examples/login/src/main.rs").is_in(&package));
        assert!(!file("examples/login-two/src/main.rs").is_in(&package));
        assert!(!file("README.md").is_in(&package));
    }

    #[test]
    fn the_walk_finds_files_in_folders_and_leaves_out_what_cargo_builds() {
        let root = std::env::temp_dir().join(format!("xtask-walk-{}", std::process::id()));
        for folder in [".git", "target", "src/deep"] {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("file"), "").unwrap();
        }
        fs::write(root.join("target/CACHEDIR.TAG"), "").unwrap();
        let found = walk(&root);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found.unwrap(), [root.join("src/deep/file").to_str().unwrap()]);
    }

    #[test]
    fn this_very_file_is_found_with_its_text() {
        let me = all().unwrap().into_iter().find(|file| file.path.ends_with("lints/files.rs"));
        assert!(me.unwrap().text.contains("this_very_file_is_found"));
    }
}
