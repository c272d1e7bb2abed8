//! The real program, a browser of a few lines, a real browser, a proxy.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, unreachable_pub, unused_imports)]

mod browser;
mod chrome;
mod nginx;
mod server;
mod site;

pub use browser::{Answer, Browser};
pub use chrome::Chrome;
pub use nginx::Nginx;
pub use server::Server;
pub use site::Site;
