//! Counts a visitor's requests in Memcached: `cargo run -p session-memcached --example memcached_counter`, with memcached on its usual port.

use session_core::{CookieAction, Error, SessionConfig, Sessions};
use session_memcached::MemcachedStore;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "memcache://127.0.0.1:11211".into());
    let sessions = Sessions::new(MemcachedStore::connect(url).await?, SessionConfig::default())?;

    // What a browser would keep. In an application session-tower does all this.
    let mut cookie = None;
    for _ in 0..3 {
        let session = sessions.open(cookie.as_deref()).await?;
        let visits = session.update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)?;
        let committed = sessions.commit(&session).await;
        committed.result?;
        if let CookieAction::Set { token, .. } = committed.cookie {
            cookie = Some(token.expose().to_owned());
        }
        println!("visit {visits}");
    }
    Ok(())
}
