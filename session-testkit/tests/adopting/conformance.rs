//! The suite of every store: on sessions that begin in the new one, and on sessions that all begin in the old one.

use session_core::{AdoptingStore, MemoryStore, StoreConfig};
use session_testkit::{BornOld, StoreFixture};

fn old_store() -> MemoryStore {
    MemoryStore::new(StoreConfig::default().prefix("old:")).unwrap()
}

mod born_in_the_new_store {
    use super::*;

    async fn adopting() -> StoreFixture {
        let (new, old) = (MemoryStore::default(), old_store());
        StoreFixture::new(move || AdoptingStore::new(new.clone(), old.clone()).unwrap())
    }

    session_testkit::store_conformance! { fixture: adopting, lacks: [] }
}

mod born_in_the_old_store {
    use super::*;

    async fn adopting() -> StoreFixture {
        let (new, old) = (MemoryStore::default(), old_store());
        StoreFixture::new(move || BornOld::new(AdoptingStore::new(new.clone(), old.clone()).unwrap(), old.clone()))
    }

    session_testkit::store_conformance! { fixture: adopting, lacks: [] }
}
