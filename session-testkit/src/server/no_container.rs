//! What stands for containers in a build without them.

use std::convert::Infallible;
use std::net::SocketAddr;

use super::Image;

/// None: this build has not the feature `containers`.
#[derive(Debug)]
pub struct Container(Infallible);

impl Container {
    /// There is none to start.
    ///
    /// # Panics
    /// Always, with what to do about it.
    #[must_use]
    pub fn start(image: &Image, _: fn(SocketAddr) -> bool) -> Self {
        panic!("{} in a container: {}", image.name, super::source::BUILD)
    }

    /// There is none to start.
    ///
    /// # Panics
    /// As [`start`](Container::start).
    #[must_use]
    pub fn on_host(image: &Image, _: &[&str], _: u16, ready: fn(SocketAddr) -> bool) -> Self {
        Self::start(image, ready)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        match self.0 {}
    }
}
