//! Counts its runs in a session that outlives them: `cargo run -p session-sql --example sql_counter`, twice.

use session_core::{CookieAction, SessionConfig, Sessions};
use session_sql::SqlStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join("session-sql-counter");
    std::fs::create_dir_all(&folder)?;
    let store = SqlStore::connect(format!("sqlite://{}", folder.join("sessions.db").display())).await?;
    let sessions = Sessions::new(store, SessionConfig::default())?;

    // A file is this visitor's cookie jar.
    let jar = folder.join("cookie");
    let cookie = std::fs::read_to_string(&jar).unwrap_or_default();
    let session = sessions.open([cookie.as_str()]).await?;
    let runs = session.update("runs", |runs: Option<u32>| runs.unwrap_or(0) + 1)?;

    let committed = sessions.commit(&session).await;
    committed.result?;
    if let CookieAction::Set { token, .. } = committed.cookie {
        std::fs::write(&jar, token.expose())?;
    }
    println!("run {runs}; the sessions are in {}", folder.display());
    Ok(())
}
