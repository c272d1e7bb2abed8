//! The arrows of the workspace: which crate may depend on which.
//!
//! They point at `session-core` only. Nothing but this table says so, and a crate that is not in
//! it is an error, so that a new one is thought about once.

use crate::metadata::{self, Dependency, Kind, Package, TESTKIT};
use crate::process::Result;

/// What one crate may depend on, in `[dependencies]` and `[build-dependencies]`.
#[derive(Debug)]
struct Rule {
    /// The crate.
    name: &'static str,
    /// The crates of the workspace it may name.
    workspace: Workspace,
    /// Other crates it may not name, together with their families (`tower` is also `tower-layer`).
    forbidden: &'static [&'static str],
}

/// The crates of the workspace that a crate may name.
#[derive(Debug, Clone, Copy)]
enum Workspace {
    /// Not one, and none in `[dev-dependencies]` either: a loop back through a dev-dependency
    /// would compile core twice, and its types would not match.
    None,
    /// `session-core`.
    Core,
    /// `session-core`, and this one behind a feature.
    CoreAndOptional(&'static str),
    /// All, `session-testkit` included: programs, on which nothing depends.
    All,
}

/// The crate at which all arrows point.
const CORE: &str = "session-core";
/// What has no place in a crate that stores sessions.
const HTTP: &[&str] = &["http", "hyper", "axum", "tower"];
/// What has no place in core: HTTP, nor the parsing and writing of cookies.
const HTTP_AND_COOKIES: &[&str] = &["http", "hyper", "axum", "tower", "cookie"];

/// Every crate of the workspace, those to come included.
const RULES: &[Rule] = &[
    rule(CORE, Workspace::None, HTTP_AND_COOKIES),
    rule("session-cookie", Workspace::CoreAndOptional("session-flask"), HTTP),
    rule("session-flask", Workspace::Core, HTTP),
    rule("session-redis", Workspace::Core, HTTP),
    rule("session-memcached", Workspace::Core, HTTP),
    rule("session-mongo", Workspace::Core, HTTP),
    rule("session-sql", Workspace::Core, HTTP),
    rule("session-tower", Workspace::Core, &[]),
    rule(TESTKIT, Workspace::Core, &[]),
    rule("login", Workspace::All, &[]),
    rule("xtask", Workspace::All, &[]),
];

/// One line of the table.
const fn rule(name: &'static str, workspace: Workspace, forbidden: &'static [&'static str]) -> Rule {
    Rule { name, workspace, forbidden }
}

/// Checks the workspace in the current directory.
pub(crate) fn run() -> Result<()> {
    let packages = metadata::read()?;
    let violations = violations(&packages);
    if violations.is_empty() {
        println!("arrows: {} crates depend as designed", packages.len());
        return Ok(());
    }
    Err(violations.join("\n").into())
}

/// What `packages` do against the table, one sentence each.
fn violations(packages: &[Package]) -> Vec<String> {
    let members: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let each = packages.iter().map(|package| of_package(package, &members));
    each.collect::<Vec<_>>().concat()
}

/// What one package does against the table.
fn of_package(package: &Package, members: &[&str]) -> Vec<String> {
    let name = package.name.as_str();
    let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
        let hint = "decide what it may depend on and add it to RULES in xtask/src/arrows.rs";
        return vec![format!("{name} is not in the table of arrows: {hint}")];
    };
    let refused = package.dependencies.iter().filter_map(|dependency| {
        let is_member = members.contains(&dependency.name.as_str());
        let why = refusal(rule, dependency, is_member)?;
        Some(format!("{name} -> {} ({why})", dependency.name))
    });
    refused.collect()
}

/// Why a dependency may not be, if so.
fn refusal(rule: &Rule, dependency: &Dependency, is_member: bool) -> Option<&'static str> {
    match (is_member, dependency.kind) {
        (false, Kind::Dev) => None,
        (false, _) => refused_from_outside(rule, &dependency.name),
        (true, Kind::Dev) => refused_for_tests(rule.workspace),
        (true, _) => refused_from_workspace(rule.workspace, dependency),
    }
}

/// A dependency from outside the workspace.
fn refused_from_outside(rule: &Rule, name: &str) -> Option<&'static str> {
    let mut forbidden = rule.forbidden.iter();
    let found = forbidden.any(|family| is_of_family(name, family));
    found.then_some("it stays free of this crate's family")
}

/// Whether `name` is `family` itself or one of `family-…`, `family_…`.
fn is_of_family(name: &str, family: &str) -> bool {
    let rest = name.strip_prefix(family);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// A dev-dependency inside the workspace: free for all but core.
fn refused_for_tests(workspace: Workspace) -> Option<&'static str> {
    matches!(workspace, Workspace::None).then_some("it depends on no crate here, in tests neither")
}

/// A normal or build dependency inside the workspace.
fn refused_from_workspace(workspace: Workspace, dependency: &Dependency) -> Option<&'static str> {
    match (workspace, dependency.name.as_str()) {
        (Workspace::All, _) => None,
        (_, TESTKIT) => Some("a dev-dependency only"),
        (Workspace::Core | Workspace::CoreAndOptional(_), CORE) => None,
        (Workspace::CoreAndOptional(other), name) if name == other => {
            (!dependency.optional).then_some("behind a feature only")
        }
        _ => Some("not an arrow of the design"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Kind, bool)]) -> Package {
        let dependencies =
            dependencies.iter().map(|&(name, kind, optional)| Dependency { name: name.to_owned(), kind, optional });
        Package {
            name: name.to_owned(),
            folder: format!("/w/{name}").into(),
            is_library: true,
            features: Vec::new(),
            dependencies: dependencies.collect(),
        }
    }

    /// How many of one crate's dependencies are refused, in a workspace of all crates.
    fn refused(name: &str, dependencies: &[(&str, Kind, bool)]) -> usize {
        let mut packages: Vec<_> = RULES.iter().map(|rule| package(rule.name, &[])).collect();
        packages.retain(|package| package.name != name);
        packages.push(package(name, dependencies));
        violations(&packages).len()
    }

    #[test]
    fn the_designed_workspace_passes() {
        let (normal, dev) = (Kind::Normal, Kind::Dev);
        assert_eq!(refused(CORE, &[("serde", normal, false), ("proptest", dev, false)]), 0);
        let redis = [(CORE, normal, false), ("redis", normal, false), (TESTKIT, dev, false)];
        assert_eq!(refused("session-redis", &redis), 0);
        let tower = [(CORE, normal, false), ("http", normal, false), ("cookie", normal, false)];
        assert_eq!(refused("session-tower", &tower), 0);
        let login = [("session-sql", normal, false), (TESTKIT, normal, false)];
        assert_eq!(refused("login", &login), 0);
    }

    #[test]
    fn core_depends_on_no_crate_here_in_any_table() {
        for kind in [Kind::Normal, Kind::Build, Kind::Dev] {
            assert_eq!(refused(CORE, &[(TESTKIT, kind, false)]), 1, "{kind:?}");
        }
    }

    #[test]
    fn core_stays_free_of_http_and_cookies() {
        for name in ["http", "http-body", "hyper", "axum-core", "tower-layer", "cookie"] {
            assert_eq!(refused(CORE, &[(name, Kind::Normal, true)]), 1, "{name}");
        }
        assert_eq!(refused(CORE, &[("httparse", Kind::Normal, false)]), 0);
    }

    #[test]
    fn backends_stay_free_of_http_but_their_examples_do_not() {
        assert_eq!(refused("session-sql", &[("axum", Kind::Normal, false)]), 1);
        assert_eq!(refused("session-sql", &[("http", Kind::Build, false)]), 1);
        assert_eq!(refused("session-sql", &[("axum", Kind::Dev, false)]), 0);
        assert_eq!(refused("session-sql", &[("session-tower", Kind::Dev, false)]), 0);
    }

    #[test]
    fn a_backend_knows_no_other_and_no_flask() {
        for name in ["session-sql", "session-flask", "session-tower"] {
            assert_eq!(refused("session-redis", &[(name, Kind::Normal, true)]), 1, "{name}");
        }
    }

    #[test]
    fn the_cookie_store_knows_flask_behind_a_feature_only() {
        let flask = |optional| [("session-flask", Kind::Normal, optional)];
        assert_eq!(refused("session-cookie", &flask(true)), 0);
        assert_eq!(refused("session-cookie", &flask(false)), 1);
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        assert_eq!(refused("session-tower", &[(TESTKIT, Kind::Normal, true)]), 1);
        assert_eq!(refused("session-tower", &[(TESTKIT, Kind::Build, false)]), 1);
        assert_eq!(refused("session-tower", &[(TESTKIT, Kind::Dev, false)]), 0);
    }

    #[test]
    fn an_unknown_crate_is_told_where_to_go() {
        let found = violations(&[package("session-new", &[])]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("xtask/src/arrows.rs"), "{}", found[0]);
    }
}
