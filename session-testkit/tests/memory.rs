//! The suite on the reference backend, and on the same without its one command that renames.

use session_core::MemoryBackend;
use session_testkit::{Behaviour, Fixture, Gate, TwoStep};

mod one_command {
    use super::*;

    async fn memory() -> Fixture<MemoryBackend> {
        Fixture::new(MemoryBackend::default())
    }

    session_testkit::conformance! { fixture: memory, lacks: [Outage] }
}

mod two_commands {
    use super::*;

    async fn memory() -> Fixture<Gate<TwoStep<MemoryBackend>>> {
        let gated = || Gate::new(TwoStep::new(MemoryBackend::default()));
        let broken = gated();
        broken.otherwise(Behaviour::Fail);
        Fixture::new(gated()).broken(broken)
    }

    session_testkit::conformance! { fixture: memory, lacks: [AtomicRename] }
}
