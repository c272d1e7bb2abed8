//! A server that runs, wherever it came from.

use std::net::SocketAddr;

use super::{Container, Image, Kind, Process, Recipe, Source};

/// A kind of server: how to find it, start it, and speak of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways {
    pub(super) kind: Kind,
    pub(super) image: Image,
    /// Whether one that was just started is ready. May do what still has to be done.
    pub(super) ready: fn(SocketAddr) -> bool,
    /// What a client wants to know.
    pub(super) url: fn(SocketAddr) -> String,
}

/// Its URL, and what must live as long as it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) url: String,
    behind: Behind,
}

#[derive(Debug)]
enum Behind {
    /// Somebody else sees to it.
    Url,
    Process(Process),
    Container(Container),
}

impl Server {
    /// One to be shared: the one that the environment names, a private one, or one in a container.
    pub(super) fn find(ways: &Ways, native: impl FnOnce() -> Self) -> Self {
        match Source::find(&ways.kind) {
            Source::Url(url) => Server { url, behind: Behind::Url },
            Source::Native(_) => native(),
            Source::Container => {
                let container = Container::start(&ways.image, ways.ready);
                Server { url: (ways.url)(container.address()), behind: Behind::Container(container) }
            }
        }
    }

    /// A program of the test's own.
    pub(super) fn native(ways: &Ways, recipe: Recipe) -> Self {
        let process = Process::start(recipe);
        Server { url: (ways.url)(process.address()), behind: Behind::Process(process) }
    }

    pub(super) fn process(&mut self) -> &mut Process {
        match &mut self.behind {
            Behind::Process(process) => process,
            Behind::Container(_) | Behind::Url => panic!("a private server: only a program can be killed and frozen"),
        }
    }

    #[cfg(test)]
    pub(super) fn folder(&self) -> &std::path::Path {
        match &self.behind {
            Behind::Process(process) => &process.place().folder,
            Behind::Container(_) | Behind::Url => panic!("a private server"),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        match &self.behind {
            Behind::Process(process) => process.address(),
            Behind::Container(container) => container.address(),
            Behind::Url => panic!("a server of one's own"),
        }
    }
}

/// What every server can be asked: its URL, its process, its address.
macro_rules! server {
    ($name:ident) => {
        impl $name {
            /// Where it is, as a client wants it.
            #[must_use]
            pub fn url(&self) -> &str {
                &self.0.url
            }

            /// The process, to be killed or frozen.
            ///
            /// # Panics
            /// If it is not a private one: those of a URL and in a container can't be had this way.
            #[must_use]
            pub fn process(&mut self) -> &mut Process {
                self.0.process()
            }

            /// Where it listens.
            ///
            /// # Panics
            /// If it is one that the environment names.
            #[must_use]
            pub fn address(&self) -> SocketAddr {
                self.0.address()
            }
        }
    };
}
pub(super) use server;
