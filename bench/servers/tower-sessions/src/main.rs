//! The comparison's routes on tower-sessions, set up as its documentation shows: a pool of six connections of fred, cookies that
//! are not signed, `Expiry::OnInactivity`.

use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use bench_common::{Arguments, Failure, Login, Names, SetKey, Size};
use tokio::net::TcpListener;
use tower_sessions::cookie::time;
use tower_sessions::{Expiry, MemoryStore, Session, SessionManagerLayer, SessionStore, session};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike, Config, Pool};

type Answer = Result<String, Broken>;

/// Any error is a 500.
struct Broken;

impl From<session::Error> for Broken {
    fn from(_: session::Error) -> Self {
        Broken
    }
}

impl axum::response::IntoResponse for Broken {
    fn into_response(self) -> axum::response::Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    let app = match arguments.store.as_str() {
        "memory" => routes().layer(layer(MemoryStore::default())),
        "redis" => routes().layer(layer(RedisStore::new(pool(&arguments.redis).await?))),
        _ => arguments.unknown_store("redis, memory")?,
    };
    let listener = TcpListener::bind(&arguments.listen).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app.route("/plain", get(ok))).await?)
}

async fn pool(url: &str) -> Result<Pool, Failure> {
    let pool = Pool::new(Config::from_url(url)?, None, None, None, 6)?;
    drop(pool.connect());
    pool.wait_for_connect().await?;
    Ok(pool)
}

fn layer<S: SessionStore>(store: S) -> SessionManagerLayer<S> {
    SessionManagerLayer::new(store).with_secure(false).with_expiry(Expiry::OnInactivity(time::Duration::days(1)))
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

async fn read(session: Session) -> Result<(StatusCode, String), Broken> {
    Ok(match session.get::<u64>("n").await? {
        Some(n) => (StatusCode::OK, n.to_string()),
        None => (StatusCode::NOT_FOUND, "no session".into()),
    })
}

async fn write(session: Session) -> Answer {
    let n = session.get::<u64>("n").await?.unwrap_or(0) + 1;
    session.insert("n", n).await?;
    Ok(n.to_string())
}

async fn new(session: Session, Query(size): Query<Size>) -> Answer {
    session.insert("n", 0_u64).await?;
    session.insert("fill", size.fill()).await?;
    Ok("0".into())
}

async fn fill(session: Session, Query(size): Query<Size>) -> Answer {
    session.insert("fill", size.fill()).await?;
    Ok(size.bytes.to_string())
}

async fn set_key(session: Session, Query(wanted): Query<SetKey>) -> Answer {
    session.load().await?;
    tokio::time::sleep(Duration::from_millis(wanted.sleep_ms)).await;
    session.insert(&wanted.k, &wanted.v).await?;
    Ok(wanted.v)
}

async fn keys(session: Session, Query(names): Query<Names>) -> Answer {
    let mut present = Vec::new();
    for name in names.names.split(',') {
        if session.get_value(name).await?.is_some() {
            present.push(name);
        }
    }
    Ok(present.join(","))
}

async fn login(session: Session, Query(login): Query<Login>) -> Answer {
    session.cycle_id().await?;
    session.insert("user", &login.user).await?;
    Ok(login.user)
}

async fn who_am_i(session: Session) -> Answer {
    Ok(session.get("user").await?.unwrap_or_else(|| "none".into()))
}

async fn logout(session: Session) -> Answer {
    session.flush().await?;
    Ok("none".into())
}
