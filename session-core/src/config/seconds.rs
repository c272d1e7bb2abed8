//! Durations as (fractions of) seconds in configuration files.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(input)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| D::Error::custom("a time is a number of seconds, not below zero"))
}
