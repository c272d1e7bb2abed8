//! An adopting store whose every session still has to move.

use async_trait::async_trait;
use session_core::{
    AdoptingStore, Attempt, Binding, Capabilities, Codec, Deleted, Locator, Lookup, Movable, Record, Result,
    SessionStore, Timestamp, Token, Version, Written,
};

/// An [`AdoptingStore`] in whose old store every session begins: for the suite, which begins its own.
///
/// ```
/// use session_core::{AdoptingStore, MemoryStore, StoreConfig};
/// use session_testkit::{BornOld, StoreFixture};
///
/// async fn adopting() -> StoreFixture {
///     let (new, old) = (MemoryStore::default(), MemoryStore::new(StoreConfig::default().prefix("old:")).unwrap());
///     StoreFixture::new(move || BornOld::new(AdoptingStore::new(new.clone(), old.clone()).unwrap(), old.clone()))
/// }
///
/// session_testkit::store_conformance! { fixture: adopting, lacks: [] }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct BornOld {
    store: AdoptingStore,
    old: Box<dyn SessionStore>,
}

impl BornOld {
    /// Around this store, and the one that it adopts from, once more.
    pub fn new(store: AdoptingStore, old: impl SessionStore) -> Self {
        BornOld { store, old: Box::new(old) }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl SessionStore for BornOld {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
    fn codec(&self) -> Codec {
        self.store.codec()
    }
    fn movable(&self) -> Option<&dyn Movable> {
        self.store.movable()
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
        let token = written.token.as_ref().expect("a server-side store makes a token");
        match self.store.load(token).await? {
            Lookup::Live(loaded) => Ok(Written { at: loaded.at, ..written }),
            other => panic!("what was just begun is there: {other:?}"),
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
