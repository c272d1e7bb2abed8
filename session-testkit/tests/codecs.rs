//! Sessions in every codec: what is stored, merged and counted does not depend on it.

#![allow(clippy::unwrap_used)]

use session_core::{Codec, MemoryStore, StoreConfig};
use session_testkit::StoreFixture;

fn memory(codec: Codec) -> StoreFixture {
    let store = MemoryStore::new(StoreConfig::default().codec(codec)).unwrap();
    StoreFixture::new(move || store.clone())
}

mod message_pack {
    async fn fixture() -> session_testkit::StoreFixture {
        super::memory(super::Codec::MessagePack)
    }
    session_testkit::store_conformance! { fixture: fixture, lacks: [] }
}

mod json {
    async fn fixture() -> session_testkit::StoreFixture {
        super::memory(super::Codec::Json)
    }
    session_testkit::store_conformance! { fixture: fixture, lacks: [] }
}

mod bincode {
    async fn fixture() -> session_testkit::StoreFixture {
        super::memory(super::Codec::Bincode)
    }
    session_testkit::store_conformance! { fixture: fixture, lacks: [] }
}
