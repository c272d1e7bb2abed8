//! Times on the memory store, against the session's size.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use session_core::{
    Backend, Clock, CookieAction, Entry, Life, MemoryBackend, Record, RecordKey, ServerSide, SessionConfig, Sessions,
    StoreConfig, SystemClock, Timestamp,
};

use crate::{Result, app, cases};

/// A cookie holds less than 3,000.
const SEALED: [usize; 2] = [300, 2_800];
const SIZES: [usize; 5] = [0, 300, 1_024, 4_096, 16_384];
const ROUNDS: usize = 7;

pub(crate) async fn all(quick: bool) -> Result<()> {
    let round = Duration::from_millis(if quick { 20 } else { 150 });
    for size in SIZES {
        let sessions = app::sessions()?;
        let token = app::begin(&sessions, size).await?;
        let read = measured(round, async |times| cases::read(&sessions, &token, times).await).await?;
        let write = measured(round, async |times| cases::write(&sessions, &token, times).await).await?;
        let stored = stored(size).await?;
        let decode = measured(round, async |times| decode(&stored, times)).await?;
        println!("open + get + commit|{size}|{read:.1}");
        println!("open + set + commit|{size}|{write:.1}");
        println!("decode + get|{size}|{decode:.1}");
    }
    for (size, seal) in SEALED.into_iter().flat_map(|size| [(size, "encrypted"), (size, "signed")]) {
        let sessions = app::sealed(seal)?;
        let sealed = measured(round, async |times| cases::reseal(&sessions, size, times).await).await?;
        println!("open + set + seal, {seal}|{size}|{sealed:.1}");
    }
    Ok(())
}

/// The median of some rounds, in nanoseconds a time.
async fn measured(round: Duration, work: impl AsyncFn(usize) -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    work(200).await?;
    let each = start.elapsed().as_secs_f64() / 200.0;
    let times = (round.as_secs_f64() / each).max(10.0) as usize;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work(times).await?;
        rounds.push(start.elapsed().as_secs_f64() * 1e9 / times as f64);
    }
    rounds.sort_by(f64::total_cmp);
    Ok(rounds[ROUNDS / 2])
}

fn decode(stored: &Bytes, times: usize) -> Result<()> {
    let life = Life { created: Timestamp::from_millis(0), absolute: Timestamp::MAX };
    for _ in 0..times {
        black_box(Record::decode(black_box(stored), life)?.get("n"));
    }
    Ok(())
}

/// A session's record as it lies in a store.
async fn stored(size: usize) -> Result<Bytes> {
    let backend = Arc::new(MemoryBackend::default());
    let store = ServerSide::on(Arc::clone(&backend), StoreConfig::default().danger_plain_keys())?;
    let sessions = Sessions::new(store, SessionConfig::development())?;
    let session = sessions.fresh();
    session.set("n", 0_u64)?;
    session.set("fill", "x".repeat(size))?;
    let CookieAction::Set { token, .. } = sessions.commit(&session).await.cookie else {
        return Err("no cookie".into());
    };
    let key = RecordKey::new(format!("session:{}", token.expose()));
    match backend.get(&key, SystemClock.now()).await? {
        Some(Entry::Live(stored)) => Ok(stored.payload),
        _ => Err("the record lies elsewhere".into()),
    }
}
