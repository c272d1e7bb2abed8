//! The promises, asked of a [`Backend`](session_core::Backend) directly.

mod p01;
mod p02;
mod p03;
mod p04;
mod p05;
mod p05_rename;
mod p06;
mod p07;
mod p08;
mod p09;
mod p10;
mod p11;

pub use p01::*;
pub use p02::*;
pub use p03::*;
pub use p04::*;
pub use p05::*;
pub use p05_rename::*;
pub use p06::*;
pub use p07::*;
pub use p08::*;
pub use p09::*;
pub use p10::*;
pub use p11::*;
