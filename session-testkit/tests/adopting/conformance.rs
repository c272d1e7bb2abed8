//! The suite of every store: on sessions that begin in the new one, and on sessions that all begin in the old one.

use async_trait::async_trait;
use session_core::{
    AdoptingStore, Attempt, Binding, Capabilities, Codec, Deleted, Locator, Lookup, MemoryStore, Movable, Record,
    Result, SessionStore, StoreConfig, Timestamp, Token, Version, Written,
};
use session_testkit::StoreFixture;

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
        StoreFixture::new(move || BornOld {
            store: AdoptingStore::new(new.clone(), old.clone()).unwrap(),
            old: old.clone(),
        })
    }

    session_testkit::store_conformance! { fixture: adopting, lacks: [] }
}

/// An adopting store in whose old store every session begins.
#[derive(Debug)]
struct BornOld {
    store: AdoptingStore,
    old: MemoryStore,
}

#[async_trait]
impl SessionStore for BornOld {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
    fn codec(&self) -> Codec {
        self.store.codec()
    }
    fn movable(&self) -> Option<&dyn Movable> {
        None
    }
    fn bind(&mut self, binding: Binding) {
        self.old.bind(binding.clone());
        self.store.bind(binding);
    }
    fn parse(&self, text: &str) -> Option<Token> {
        self.store.parse(text)
    }
    async fn load(&self, token: &Token) -> Result<Lookup> {
        self.store.load(token).await
    }
    async fn reload(&self, at: &Locator) -> Result<Lookup> {
        self.store.reload(at).await
    }
    async fn create(&self, record: &Record, deadline: Timestamp) -> Result<Written> {
        let written = self.old.create(record, deadline).await?;
        match self.store.load(written.token.as_ref().unwrap()).await? {
            Lookup::Live(loaded) => Ok(Written { at: loaded.at, ..written }),
            other => panic!("it lives in the old store: {other:?}"),
        }
    }
    async fn replace(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        self.store.replace(at, seen, record, deadline).await
    }
    async fn touch(&self, at: &Locator, seen: &Version, deadline: Timestamp) -> Result<Attempt> {
        self.store.touch(at, seen, deadline).await
    }
    async fn rotate(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        self.store.rotate(at, seen, record, deadline).await
    }
    async fn delete(&self, at: &Locator, seen: Option<&Version>) -> Result<Deleted> {
        self.store.delete(at, seen).await
    }
}
