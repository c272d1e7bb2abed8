//! What `cargo metadata` says of the workspace, as far as the checks need it.

use std::path::PathBuf;

use serde_json::Value;

use crate::process::{self, Result};

/// The package that holds the tests of all others.
pub(crate) const TESTKIT: &str = "session-testkit";

/// One crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its folder, absolute.
    pub(crate) folder: PathBuf,
    /// Whether others can depend on it.
    pub(crate) is_library: bool,
    /// Its features, without `default`.
    pub(crate) features: Vec<String>,
    /// What its manifest asks for.
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package asked for, not what it may be renamed to.
    pub(crate) name: String,
    /// Which table it stands in.
    pub(crate) kind: Kind,
    /// Whether a feature brings it.
    pub(crate) optional: bool,
}

/// The tables of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[dependencies]`
    Normal,
    /// `[build-dependencies]`
    Build,
    /// `[dev-dependencies]`
    Dev,
}

/// Reads the crates of the workspace in the current directory.
pub(crate) fn read() -> Result<Vec<Package>> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    parse(&process::capture(&mut process::cargo(arguments))?)
}

/// The crates that others can depend on.
pub(crate) fn libraries() -> Result<Vec<Package>> {
    let mut packages = read()?;
    packages.retain(|package| package.is_library);
    Ok(packages)
}

/// Reads the output of `cargo metadata`.
fn parse(json: &str) -> Result<Vec<Package>> {
    let document: Value = serde_json::from_str(json)?;
    list(&document, "packages")?.iter().map(package).collect()
}

/// One entry of `packages`.
fn package(value: &Value) -> Result<Package> {
    let manifest = PathBuf::from(text(value, "manifest_path")?);
    let dependencies = list(value, "dependencies")?.iter().map(dependency);
    Ok(Package {
        name: text(value, "name")?.to_owned(),
        folder: manifest.parent().ok_or("a manifest without a folder")?.into(),
        is_library: list(value, "targets")?.iter().any(is_library),
        features: features(value),
        dependencies: dependencies.collect::<Result<_>>()?,
    })
}

/// The features one can ask for, `default` aside.
fn features(value: &Value) -> Vec<String> {
    let names = value["features"].as_object().into_iter().flatten();
    names.map(|(name, _)| name.clone()).filter(|name| name != "default").collect()
}

/// One entry of `dependencies`.
fn dependency(value: &Value) -> Result<Dependency> {
    Ok(Dependency {
        name: text(value, "name")?.to_owned(),
        kind: kind(&value["kind"])?,
        optional: value["optional"].as_bool().unwrap_or(false),
    })
}

/// Cargo writes `null` for a normal dependency.
fn kind(value: &Value) -> Result<Kind> {
    match value.as_str() {
        None => Ok(Kind::Normal),
        Some("build") => Ok(Kind::Build),
        Some("dev") => Ok(Kind::Dev),
        Some(other) => Err(format!("cargo metadata: unknown kind of dependency {other}").into()),
    }
}

/// Whether a target can be depended on.
fn is_library(target: &Value) -> bool {
    let kinds = target["kind"].as_array().into_iter().flatten();
    kinds.filter_map(Value::as_str).any(|kind| kind == "lib" || kind == "proc-macro")
}

/// A field that must be text.
fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    let found = value[field].as_str();
    found.ok_or_else(|| format!("cargo metadata: no text in `{field}`").into())
}

/// A field that must be a list.
fn list<'a>(value: &'a Value, field: &str) -> Result<&'a Vec<Value>> {
    let found = value[field].as_array();
    found.ok_or_else(|| format!("cargo metadata: no list in `{field}`").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"packages": [{
        "name": "session-x", "manifest_path": "/w/session-x/Cargo.toml",
        "targets": [{"kind": ["lib"]}, {"kind": ["test"]}],
        "features": {"default": [], "json": ["dep:serde_json"]},
        "dependencies": [
            {"name": "session-core", "kind": null, "optional": false, "rename": "core"},
            {"name": "serde_json", "kind": null, "optional": true},
            {"name": "session-testkit", "kind": "dev", "optional": false},
            {"name": "cc", "kind": "build", "optional": false}
        ]}]}"#;

    #[test]
    fn a_package_is_read_whole() {
        let [package] = parse(DOCUMENT).unwrap().try_into().unwrap();
        assert_eq!(package.name, "session-x");
        assert_eq!(package.folder, PathBuf::from("/w/session-x"));
        assert!(package.is_library);
        assert_eq!(package.features, ["json"]);
        let read: Vec<_> =
            package.dependencies.iter().map(|found| (found.name.as_str(), found.kind, found.optional)).collect();
        let wanted = [
            ("session-core", Kind::Normal, false),
            ("serde_json", Kind::Normal, true),
            ("session-testkit", Kind::Dev, false),
            ("cc", Kind::Build, false),
        ];
        assert_eq!(read, wanted);
    }

    #[test]
    fn a_program_is_no_library() {
        let document = DOCUMENT.replace(r#"["lib"]"#, r#"["bin"]"#);
        assert!(!parse(&document).unwrap()[0].is_library);
    }

    #[test]
    fn what_cargo_does_not_say_is_an_error() {
        assert!(parse("{}").is_err());
        assert!(parse(&DOCUMENT.replace("\"dev\"", "\"new\"")).is_err());
    }
}
