//! The vector files.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct File<V> {
    count: usize,
    vectors: Vec<V>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) steps: Vec<Step>,
}

/// One request, and what Flask made of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Step {
    /// Seconds since 1970; the steps of Flask-Session's vectors have none.
    pub(crate) now: Option<u64>,
    /// The `Cookie` header, or in Flask-Session's vectors the cookie's value.
    pub(crate) request_cookie: Option<String>,
    pub(crate) actions: Vec<Vec<Value>>,
    pub(crate) status: u16,
    pub(crate) set_cookie: Vec<String>,
    pub(crate) vary: Option<String>,
    pub(crate) results: Option<Vec<Value>>,
}

pub(crate) fn read<V: for<'de> Deserialize<'de>>(file: &str) -> Vec<V> {
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../session-flask/tests/vectors");
    let folder = std::env::var_os("SESSION_FLASK_VECTORS").map_or(ours, PathBuf::from);
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: File<V> = serde_json::from_str(&text).unwrap();
    assert_eq!(file.count, file.vectors.len());
    file.vectors
}
