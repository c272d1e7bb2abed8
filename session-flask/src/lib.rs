#![doc = include_str!("../README.md")]

mod bridge;
mod calendar;
mod contents;
mod cookie;
mod cookie_text;
mod http_date;
mod payload;
mod private;
mod signer;
mod tagged;
mod timestamp;
pub mod types;
mod value;

pub use cookie::{FlaskCookie, Opened};
pub use cookie_text::{SetCookie, parse_cookie};
pub use signer::{Digest, KeyDerivation, Signer, SignerConfig, Verified};
pub use value::{DateTime, Int, Value};
