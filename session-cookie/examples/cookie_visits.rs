//! Counts its runs in a cookie that is the session: `cargo run -p session-cookie --example cookie_visits`, twice.

use session_cookie::CookieStore;
use session_core::{CookieAction, SecretKeys, SessionConfig, Sessions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // An application takes it from its environment.
    let keys = SecretKeys::new("a key for this example, 32 bytes or more")?;
    let sessions = Sessions::new(CookieStore::encrypted(&keys)?, SessionConfig::default())?;

    // A file is this visitor's cookie jar.
    let jar = std::env::temp_dir().join("session-cookie-visits");
    let cookie = std::fs::read_to_string(&jar).unwrap_or_default();
    let session = sessions.open([cookie.as_str()]).await?;
    let visits = session.update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)?;

    let committed = sessions.commit(&session).await;
    committed.result?;
    if let CookieAction::Set { token, .. } = committed.cookie {
        std::fs::write(&jar, token.expose())?;
    }
    println!("visit {visits}; the whole session is in {}", jar.display());
    Ok(())
}
