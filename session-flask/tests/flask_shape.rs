//! The layout in core's store: versions told from bytes, and no layout in a store of another shape.
#![allow(clippy::unwrap_used)]

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{
    AtomicRename, Attempt, Backend, Capabilities, Codec, Entry, Life, Lookup, MemoryBackend, Record, RecordKey,
    Removed, Result, ServerSide, SessionStore, Shape, StoreConfig, Stored, Swapped, Timestamp, Version,
};
use session_flask::FlaskLayout;

const LIFE: Life = Life { created: Timestamp::from_millis(1), absolute: Timestamp::MAX };

/// A memory that says of itself how its records lie.
#[derive(Debug)]
struct Said(MemoryBackend, Capabilities);

impl Said {
    fn new(said: Capabilities) -> Self {
        Said(MemoryBackend::default(), said)
    }
}

#[async_trait]
impl Backend for Said {
    fn capabilities(&self) -> Capabilities {
        self.1.clone()
    }
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        self.0.get(key, now).await
    }
    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        self.0.insert(key, new, now).await
    }
    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        self.0.swap(key, seen, new, now).await
    }
    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        self.0.touch(key, seen, deadline, now).await
    }
    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        self.0.remove(key, seen, now).await
    }
    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        self.0.sweep(limit, now).await
    }
    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        self.0.atomic_rename()
    }
}

/// A doubled login: both write the same bytes, and only one of them has retired the id.
#[tokio::test(flavor = "current_thread")]
async fn flask_rotations_that_write_the_same_bytes_are_two() {
    let store = ServerSide::new(Said::new(Capabilities::default().version_of(Some(Version::of)).shape(None)), flask());
    let (store, record) = (store.unwrap(), Record::new(Codec::MessagePack, LIFE));
    let old = store.create(&record, Timestamp::MAX).await.unwrap();
    let first = store.rotate(&old.at, &old.version, &record, Timestamp::MAX).await.unwrap();
    assert!(matches!(first, Attempt::Done(_)));
    let second = store.rotate(&old.at, &old.version, &record, Timestamp::MAX).await.unwrap();
    assert!(matches!(second, Attempt::Retired { .. }), "its own new record was never written");
}

fn flask() -> StoreConfig {
    StoreConfig::default().layout(FlaskLayout::default())
}

#[test]
fn flask_layout_is_refused_by_a_store_of_another_shape() {
    let native = || Said::new(Capabilities::default());
    let shared = || Said::new(Capabilities::default().shape(Some(Shape::Flask)));
    let refused = ServerSide::new(native(), flask()).unwrap_err().to_string();
    assert!(refused.starts_with("layout: this store keeps Native records, the layout wants Flask"), "{refused}");
    assert!(ServerSide::new(shared(), StoreConfig::default()).is_err(), "nor a native one where Flask reads");
    assert!(ServerSide::new(shared(), flask()).is_ok() && ServerSide::new(native(), StoreConfig::default()).is_ok());
    assert!(ServerSide::new(MemoryBackend::default(), flask()).is_ok());
    assert_eq!((flask().shape(), StoreConfig::default().shape()), (Shape::Flask, Shape::Native));
}

/// What is written is seen again under the version that its bytes tell, and each write of the same contents has its own.
#[tokio::test(flavor = "current_thread")]
async fn flask_versions_of_what_is_written_are_told_from_its_bytes() {
    let backend = Said::new(Capabilities::default().shape(Some(Shape::Flask)).version_of(Some(Version::of)));
    let store = ServerSide::new(backend, flask()).unwrap();
    let record = Record::decode(&Bytes::from_static(b"\x81\xa4user\xa5alice"), LIFE).unwrap();
    let written = store.create(&record, Timestamp::MAX).await.unwrap();
    let Lookup::Live(loaded) = store.load(&written.token.unwrap()).await.unwrap() else { panic!() };
    assert_eq!((loaded.version, loaded.record.codec()), (written.version, Codec::MessagePack));
    let again = store.replace(&loaded.at, &loaded.version, &record, Timestamp::MAX).await.unwrap();
    assert!(matches!(again, Attempt::Done(done) if done.version != written.version), "another write, another version");
}
