//! Counts a visitor's visits: `cargo run -p session-mongo --example mongo_visits -- mongodb://127.0.0.1:27017`.

use session_core::{CookieAction, Result, SessionConfig, Sessions};
use session_mongo::{MongoConfig, MongoStore};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "mongodb://127.0.0.1:27017".into());
    let store = MongoStore::connect_with(MongoConfig::new(url).database("visits")).await?;
    // An application may leave this out: it then answers 503 until its servers are there.
    store.prepare().await?;
    let sessions = Sessions::new(store, SessionConfig::default())?;

    let mut cookie: Option<String> = None;
    for _ in 0..3 {
        // What a web framework does for each request: open, hand to the handler, commit, set the cookie.
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
