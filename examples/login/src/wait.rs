//! Waiting for a store, where the command line says to.

use std::time::{Duration, Instant};

use session_core::{SessionStore, Token};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(200);

/// Asks the store until it answers. Without this, requests are 503 until it is there.
pub(crate) async fn for_store(store: &dyn SessionStore, time: Duration) -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let nobody = Token::random()?;
    loop {
        match store.load(&nobody).await {
            Ok(_) => return Ok(()),
            Err(error) if begun.elapsed() >= time => return Err(too_late(time, &error).into()),
            Err(error) => tracing::info!(%error, "waiting for the store"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn too_late(time: Duration, error: &session_core::Error) -> String {
    let line = crate::one_line(error);
    format!("the store was not there within {} s: {line}; start it, or leave --wait-for-store out", time.as_secs())
}
