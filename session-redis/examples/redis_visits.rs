//! A session in Redis, without any HTTP: `cargo run -p session-redis --example redis_visits [redis://…] [token]`.

use session_core::{CookieAction, SessionConfig, Sessions};
use session_redis::RedisStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> session_core::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "redis://127.0.0.1/".into());
    let token = arguments.next();

    let sessions = Sessions::new(RedisStore::connect(url).await?, SessionConfig::default())?;
    let session = sessions.open(token.as_deref()).await?;
    session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1)?;
    println!("visits: {}", session.require::<u64>("visits")?);

    let committed = sessions.commit(&session).await;
    committed.result?;
    if let CookieAction::Set { token, .. } = committed.cookie {
        println!("token, for the next call: {}", token.expose());
    }
    Ok(())
}
