#![doc = include_str!("../README.md")]

mod build;
mod calendar;
mod integer;
mod layout;
mod malformed;
pub mod pickle;
mod preset;
pub mod records;
pub mod sid;
mod value;

pub use layout::FlaskLayout;
pub use preset::{preset, preset_from};
pub use records::{Format, json, messagepack, read_record};
pub use value::{DateTime, Int, Value};
