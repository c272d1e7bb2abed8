//! Durations as (fractions of) seconds in configuration files: `#[serde(with = "session_core::seconds")]`, for the
//! configurations of stores as for ours.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// Reads a duration from a number of seconds.
///
/// # Errors
/// Where it is no number, below zero, or beyond what a [`Duration`] holds.
pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(input)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| D::Error::custom("a time is a number of seconds, not below zero"))
}
