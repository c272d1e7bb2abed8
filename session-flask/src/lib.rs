#![doc = include_str!("../README.md")]

mod bridge;
mod build;
mod calendar;
mod contents;
mod cookie;
mod cookie_text;
mod http_date;
mod integer;
mod kept;
mod layout;
mod malformed;
mod moment;
mod payload;
pub mod pickle;
mod preset;
mod private;
pub mod records;
pub mod sid;
mod signer;
mod tagged;
mod timestamp;
pub mod types;
mod value;

pub use cookie::{FlaskCookie, Opened};
pub use cookie_text::{SetCookie, parse_cookie};
pub use kept::Kept;
pub use layout::FlaskLayout;
pub use preset::{preset, preset_from};
pub use records::{Format, json, messagepack, read_record};
pub use signer::{Digest, KeyDerivation, Signer, SignerConfig, Verified};
pub use value::{DateTime, Int, Value};
