//! The vectors of the real libraries: read, counted, and built into values.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part")]

pub(crate) mod neutral;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value as Json;

/// The vectors of a file: those of this repository, or of the folder that `SESSION_FLASK_VECTORS` names.
pub(crate) fn vectors(file: &str) -> Vec<Json> {
    let own = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let folder = std::env::var_os("SESSION_FLASK_VECTORS").map_or_else(own, PathBuf::from);
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut all: Json = serde_json::from_str(&text).unwrap();
    let Json::Array(vectors) = all["vectors"].take() else { panic!("{file}: no vectors") };
    assert_eq!(all["count"].as_u64(), u64::try_from(vectors.len()).ok(), "{file}: as many as it says");
    vectors
}

/// How many vectors of each kind did what.
#[derive(Default)]
pub(crate) struct Counts(BTreeMap<String, BTreeMap<&'static str, usize>>);

impl Counts {
    pub(crate) fn add(&mut self, kind: &str, outcome: &'static str) {
        *self.0.entry(kind.to_owned()).or_default().entry(outcome).or_default() += 1;
    }

    pub(crate) fn of(&self, kind: &str, outcome: &str) -> usize {
        self.0.get(kind).and_then(|outcomes| outcomes.get(outcome)).copied().unwrap_or(0)
    }

    /// One line a kind.
    pub(crate) fn print(&self, file: &str) {
        for (kind, outcomes) in &self.0 {
            let outcomes: Vec<String> = outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
            println!("{file}: {kind}: {}", outcomes.join(", "));
        }
    }
}

pub(crate) fn text<'a>(vector: &'a Json, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("{}: {field} is no text", vector["id"]))
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
