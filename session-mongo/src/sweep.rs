//! Removes what has expired, in batches.

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document, doc};
use session_core::{Operation, Result};

use crate::error::Report;
use crate::place::Place;

/// How many documents one command of a sweep removes at most: some milliseconds.
pub(crate) const BATCH: usize = 500;

/// Removes at most `limit` of what is over; says how many.
pub(crate) async fn run(place: &Place, over: &Document, limit: usize) -> Result<usize> {
    let mut swept = 0;
    while swept < limit {
        let batch = BATCH.min(limit - swept);
        let removed = some(place, over.clone(), batch).await;
        let removed = removed.map_err(|error| Report::of(&error, &place.hosts).during(Operation::Sweep))?;
        swept += removed;
        if removed < batch {
            break;
        }
    }
    Ok(swept)
}

/// Removes at most `limit` in two commands.
async fn some(place: &Place, mut over: Document, limit: usize) -> mongodb::error::Result<usize> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let found = place.sessions.find(over.clone()).projection(doc! { "_id": 1 });
    let found = found.limit(limit.into()).batch_size(limit).await?;
    let keys = found.try_filter_map(async |document| Ok(document.get("_id")?.and_then(|id| Bson::try_from(id).ok())));
    let keys: Vec<Bson> = keys.try_collect().await?;
    if keys.is_empty() {
        return Ok(0);
    }
    // Expired still: another process may have put a new session in its place.
    over.insert("_id", doc! { "$in": keys });
    let deleted = place.sessions.delete_many(over).await?.deleted_count;
    Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
}
