//! What runs of the suites showed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::process::Result;

/// The groups of checks: the promises, and what an application does with a store.
pub(super) const GROUPS: [&str; 12] = ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "in use"];

/// What one suite showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// How many checks of each group passed.
    pub(super) passed: BTreeMap<String, u64>,
    /// How many were excluded, by their reason.
    pub(super) excluded: BTreeMap<String, u64>,
}

/// Each suite by its name, for each way to its server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record(BTreeMap<String, BTreeMap<String, Shown>>);

impl Record {
    /// Takes the report of a run in place of what was known of this way.
    pub(super) fn set(&mut self, way: &str, report: &str) {
        let mut suites: BTreeMap<String, Shown> = BTreeMap::new();
        for line in report.lines() {
            let mut fields = line.split('\t');
            let [Some(package), Some(test), Some(outcome)] = std::array::from_fn(|_| fields.next()) else { continue };
            let (suite, check) = parts(test);
            let shown = suites.entry(format!("{package} {suite}").trim_end().to_owned()).or_default();
            match outcome {
                "passed" => *shown.passed.entry(group(check).to_owned()).or_default() += 1,
                reason => *shown.excluded.entry(reason.to_owned()).or_default() += 1,
            }
        }
        self.0.insert(way.to_owned(), suites);
    }

    /// What the suites showed on servers from there.
    pub(super) fn suites(&self, way: &str) -> impl Iterator<Item = (&str, &Shown)> {
        self.0.get(way).into_iter().flatten().map(|(suite, shown)| (suite.as_str(), shown))
    }

    /// How many checks each suite had.
    pub(super) fn totals(&self) -> impl Iterator<Item = (String, u64)> {
        let suites =
            self.0.iter().flat_map(|(way, suites)| suites.iter().map(move |(suite, shown)| (way, suite, shown)));
        suites.map(|(way, suite, shown)| (format!("{suite} ({way})"), shown.total()))
    }

    /// As it is kept.
    pub(super) fn to_text(&self) -> Result<String> {
        let ways = self.0.iter().map(|(way, suites)| {
            let suites = suites.iter().map(|(suite, Shown { passed, excluded })| {
                (suite.clone(), json!({ "passed": passed, "excluded": excluded }))
            });
            (way.clone(), Value::Object(suites.collect()))
        });
        let text = serde_json::to_string_pretty(&Value::Object(ways.collect::<Map<_, _>>()))?;
        Ok(format!("{text}\n"))
    }

    /// Read again.
    pub(super) fn of_text(text: &str) -> Result<Self> {
        let ways: Map<String, Value> = serde_json::from_str(text)?;
        let ways = ways.into_iter().map(|(way, suites)| {
            let suites = suites.as_object().into_iter().flatten();
            (way, suites.map(|(suite, shown)| (suite.clone(), Shown::of(shown))).collect())
        });
        Ok(Record(ways.collect()))
    }
}

impl Shown {
    /// All that passed or was excluded.
    pub(super) fn total(&self) -> u64 {
        self.passed() + self.excluded.values().sum::<u64>()
    }

    /// All that passed.
    pub(super) fn passed(&self) -> u64 {
        self.passed.values().sum()
    }

    /// Read from what was kept.
    fn of(value: &Value) -> Self {
        let counts = |name: &str| {
            let counts = value[name].as_object().into_iter().flatten();
            counts.filter_map(|(key, count)| Some((key.clone(), count.as_u64()?))).collect()
        };
        Shown { passed: counts("passed"), excluded: counts("excluded") }
    }
}

/// A test's path, split into the suite, which the store's tests name, and the check: `one_server::backend::p1_x`.
fn parts(test: &str) -> (&str, &str) {
    let (path, check) = test.rsplit_once("::").unwrap_or(("", test));
    let suite = path.rsplit_once("::").map_or("", |(suite, _)| suite);
    (suite, check)
}

/// The promise that a check's name begins with, or what has none.
fn group(check: &str) -> &'static str {
    let word = check.split('_').next().unwrap_or_default().to_uppercase();
    GROUPS.into_iter().find(|group| *group == word).unwrap_or("in use")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_counted_by_suite_and_promise_and_kept_as_it_is() {
        let report = "session-mongo\tstandalone::store::p1_a\tpassed\nsession-mongo\tstandalone::backend::p10_b\tpassed\n\
                      session-mongo\tstandalone::sessions::untouched\tpassed\nsession-mongo\tstandalone::backend::p5_c\ttwo commands\n\
                      session-memcached\tbackend::p11_d\tpassed\n";
        let mut record = Record::default();
        record.set("native", report);
        let suites: Vec<_> = record.suites("native").collect();
        assert_eq!(suites[0].0, "session-memcached");
        let (name, mongo) = suites[1];
        assert_eq!((name, mongo.passed(), mongo.total()), ("session-mongo standalone", 3, 4));
        assert_eq!((mongo.passed["P1"], mongo.passed["P10"], mongo.passed["in use"]), (1, 1, 1));
        assert_eq!(mongo.excluded["two commands"], 1);
        assert_eq!(Record::of_text(&record.to_text().unwrap()).unwrap(), record);
    }
}
