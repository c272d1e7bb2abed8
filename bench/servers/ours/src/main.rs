//! The comparison's routes on this library:
//! `bench-server --listen ADDR --store redis://…|postgres://…|sqlite://FILE|memory:|cookie:|cookie:signed`.

use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use bench_common::{Arguments, Failure, Login, Names, SetKey, Size};
use session_cookie::CookieStore;
use session_core::{MemoryStore, SecretKeys, SessionConfig, Sessions};
use session_redis::RedisStore;
use session_sql::SqlStore;
use session_tower::{Session, SessionError, SessionLayer};
use tokio::net::TcpListener;

type Answer = Result<String, SessionError>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    let app = routes().layer(SessionLayer::new(sessions(&arguments).await?)).route("/plain", get(ok));
    let listener = TcpListener::bind(&arguments.listen).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn sessions(arguments: &Arguments) -> Result<Sessions, Failure> {
    let config = SessionConfig::development();
    let store = arguments.store.as_str();
    Ok(match store.split(':').next().unwrap_or_default() {
        "memory" => Sessions::new(MemoryStore::default(), config)?,
        "redis" if store == "redis" => Sessions::new(RedisStore::connect(&arguments.redis).await?, config)?,
        "redis" => Sessions::new(RedisStore::connect(store).await?, config)?,
        "sqlite" | "postgres" => Sessions::new(SqlStore::connect(store).await?, config)?,
        "cookie" => Sessions::new(cookies(store)?, config)?,
        _ => {
            arguments.unknown_store("redis, redis://…, postgres://…, sqlite://FILE, memory:, cookie:, cookie:signed")?
        }
    })
}

fn cookies(store: &str) -> Result<CookieStore, Failure> {
    let keys = SecretKeys::new("a secret that everybody may know, of more than 32 bytes")?;
    Ok(match store {
        "cookie:signed" => CookieStore::signed(&keys)?,
        _ => CookieStore::encrypted(&keys)?,
    })
}

fn routes() -> Router {
    Router::new()
        .route("/bare", get(ok))
        .route("/read", get(read))
        .route("/write", get(write).post(write))
        .route("/new", get(new))
        .route("/fill", get(fill))
        .route("/setkey", get(set_key))
        .route("/keys", get(keys))
        .route("/login", get(login))
        .route("/whoami", get(who_am_i))
        .route("/logout", get(logout))
}

async fn ok() -> &'static str {
    "ok"
}

async fn read(session: Session) -> Result<(StatusCode, String), SessionError> {
    Ok(match session.get::<u64>("n")? {
        Some(n) => (StatusCode::OK, n.to_string()),
        None => (StatusCode::NOT_FOUND, "no session".into()),
    })
}

async fn write(session: Session) -> Answer {
    session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1)?;
    session.save().await?;
    Ok(session.require::<u64>("n")?.to_string())
}

async fn new(session: Session, Query(size): Query<Size>) -> Answer {
    session.set("n", 0_u64)?;
    session.set("fill", size.fill())?;
    Ok("0".into())
}

async fn fill(session: Session, Query(size): Query<Size>) -> Answer {
    session.set("fill", size.fill())?;
    Ok(size.bytes.to_string())
}

async fn set_key(session: Session, Query(wanted): Query<SetKey>) -> Answer {
    tokio::time::sleep(Duration::from_millis(wanted.sleep_ms)).await;
    session.set(wanted.k, &wanted.v)?;
    Ok(wanted.v)
}

async fn keys(session: Session, Query(names): Query<Names>) -> String {
    names.present(|name| session.contains(name))
}

async fn login(session: Session, Query(login): Query<Login>) -> Answer {
    session.rotate();
    session.set("user", &login.user)?;
    Ok(login.user)
}

async fn who_am_i(session: Session) -> Answer {
    Ok(session.get("user")?.unwrap_or_else(|| "none".into()))
}

async fn logout(session: Session) -> &'static str {
    session.destroy();
    "none"
}
