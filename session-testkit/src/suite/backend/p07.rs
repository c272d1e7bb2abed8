//! P7: `sweep` removes what has expired, in bounded batches.

use session_core::{Backend, Entry, Marker, Swapped};

use crate::suite::fixture::{Fixture, key};

/// More expired entries than a batch are swept in several; each is counted once.
pub async fn p7_sweep_removes_the_expired_in_batches<B: Backend>(fixture: &Fixture<B>) {
    const EXPIRED: usize = 25;
    const BATCH: usize = 10;
    sweep_all(fixture, BATCH).await;
    for index in 0..EXPIRED {
        let stored = fixture.stored_for(fixture.time.short(), format!("visitor {index}"));
        assert!(fixture.insert(&key(), &stored).await);
    }
    fixture.time.outlive_short().await;
    assert_eq!(sweep_all(fixture, BATCH).await, EXPIRED, "each expired entry is swept once");
}

/// What lives stays, be it a record or a marker.
pub async fn p7_sweep_leaves_the_living<B: Backend>(fixture: &Fixture<B>) {
    let (record, stored) = fixture.live("lives").await;
    let (retired, marker) = fixture.retired().await;
    let (expired, _) = fixture.expired().await;
    sweep_all(fixture, 100).await;
    fixture.assert_holds(&record, &stored).await;
    fixture.assert_retired(&retired, &marker).await;
    fixture.assert_absent(&expired).await;
}

/// Markers that have expired are swept like records.
pub async fn p7_sweep_removes_expired_markers<B: Backend>(fixture: &Fixture<B>) {
    sweep_all(fixture, 100).await;
    let (key, old) = fixture.live("rotated").await;
    let marker = Marker { until: fixture.now().plus(fixture.time.short()), ..fixture.marker() };
    assert_eq!(fixture.swap(&key, &old.version, &Entry::Retired(marker)).await, Swapped::Done);
    fixture.time.outlive_short().await;
    assert_eq!(sweep_all(fixture, 100).await, 1);
}

/// Sweeps until nothing is left; says how much there was. A batch that is too large fails the check.
async fn sweep_all<B: Backend>(fixture: &Fixture<B>, batch: usize) -> usize {
    let mut total = 0;
    loop {
        let swept = fixture.backend.sweep(batch, fixture.now()).await.expect("sweep");
        assert!(swept <= batch, "{swept} entries in a batch of {batch}");
        if swept == 0 {
            return total;
        }
        total += swept;
    }
}
