//! What the real library left in its stores: every record is read, and is what the library says.
#![allow(clippy::unwrap_used)]

mod records_common;

use records_common::{Counts, same, unhex, value, vectors};
use serde_json::Value as Json;
use session_core::{Layout, Life, Timestamp};
use session_flask::{FlaskLayout, read_record};

const LIFE: Life = Life { created: Timestamp::from_millis(1_000), absolute: Timestamp::from_millis(9_000) };

fn run(file: &str, least: usize) {
    let mut counts = Counts::default();
    for vector in vectors(file) {
        for step in vector["steps"].as_array().unwrap() {
            for stored in step["stored"].as_array().into_iter().flatten() {
                counts.add(format!("{} {}", vector["backend"].as_str().unwrap(), check(&vector, stored)));
            }
        }
    }
    assert!(counts.print(file) >= least);
}

fn check(vector: &Json, stored: &Json) -> &'static str {
    let id = format!("{} {}", vector["id"], vector["name"]);
    let Some(hex) = stored["value_hex"].as_str() else { return "without a value" };
    let bytes = unhex(hex);
    let Some(expected) = stored.get("decoded") else {
        assert!(read_record(&bytes).is_err(), "{id}: read what the library does not");
        return "unreadable";
    };
    let (read, format) = read_record(&bytes).unwrap_or_else(|error| panic!("{id}: {error}"));
    assert!(same(&read, &value(expected).unwrap()), "{id}: another value");
    FlaskLayout::default().decode(&bytes.into(), LIFE).unwrap_or_else(|error| panic!("{id}: {error}"));
    match format {
        session_flask::Format::Pickle => "pickle",
        session_flask::Format::Json => "json",
        _ => "msgpack",
    }
}

#[test]
fn flask_session_0_8_records_of_every_backend() {
    run("backends_fs080.json", 50);
}

#[test]
fn flask_session_0_5_records_of_every_backend() {
    run("backends_fs050.json", 20);
}

#[test]
fn flask_session_0_4_records_of_every_backend() {
    run("backends_fs040.json", 20);
}
