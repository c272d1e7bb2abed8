//! Removes what has expired, in batches.

use std::time::{Duration, Instant};

use session_core::{Operation, Result};

use crate::driver::Driver;
use crate::error::Fault;
use crate::statement::{Statement, Values};

/// The rest between two batches of a sweep, at most.
const LONGEST_REST: Duration = Duration::from_millis(100);

/// Runs the statement until nothing or `limit` is swept; says how many rows. At rest between two batches for as long as each took:
/// another process that waits for the file tries again every now and then, and must find it free.
pub(crate) async fn run(
    driver: &dyn Driver,
    statement: &Statement,
    batch: usize,
    limit: usize,
    now: i64,
) -> Result<usize> {
    let mut swept = 0;
    loop {
        let batch = batch.min(limit - swept);
        let begun = Instant::now();
        let values = Values { now, limit: i64::try_from(batch).unwrap_or(i64::MAX), ..Values::default() };
        let written = usize::try_from(one(driver, statement, values).await?).unwrap_or(usize::MAX);
        swept += written;
        if written < batch || batch == 0 {
            return Ok(swept);
        }
        tokio::time::sleep(begun.elapsed().min(LONGEST_REST)).await;
    }
}

/// Two processes that sweep one table on MariaDB can stand in each other's way: one is told to try again.
async fn one(driver: &dyn Driver, statement: &Statement, values: Values<'_>) -> Result<u64> {
    for _ in 0..10 {
        match driver.write(statement, values).await {
            Err(error) if driver.fault(&error) == Fault::Contended => tokio::time::sleep(LONGEST_REST / 10).await,
            written => {
                return written.map_err(|error| driver.fault(&error).during(Operation::Sweep, driver.name(), &error));
            }
        }
    }
    // The other one is at it.
    Ok(0)
}
