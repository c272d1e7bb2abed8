//! The comparison's routes on axum_session, set up as its examples show. It keeps sessions in the process and, on Redis, writes
//! them there once a request; a session that the process knows is not read again, whoever changed it.

use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use axum_session::{DatabasePool, Session, SessionConfig, SessionLayer, SessionNullPool, SessionStore};
use axum_session_redispool::SessionRedisPool;
use bench_common::{Arguments, Failure, Login, Names, SetKey, Size};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    let config = SessionConfig::default().with_secure(false);
    let app = match arguments.store.as_str() {
        "memory" => on(SessionStore::<SessionNullPool>::new(None, config).await?),
        "redis" => {
            let pool = redis_pool::RedisPool::from(redis::Client::open(arguments.redis.as_str())?);
            on(SessionStore::<SessionRedisPool>::new(Some(pool.into()), config).await?)
        }
        _ => arguments.unknown_store("redis, memory")?,
    };
    let listener = TcpListener::bind(&arguments.listen).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app.route("/plain", get(ok))).await?)
}

/// What a pool must be.
trait Pool: DatabasePool + Clone + std::fmt::Debug + Sync + Send + 'static {}
impl<P: DatabasePool + Clone + std::fmt::Debug + Sync + Send + 'static> Pool for P {}

fn on<P: Pool>(store: SessionStore<P>) -> Router {
    Router::new()
        .route("/bare", get(ok))
        .route("/read", get(read::<P>))
        .route("/write", get(write::<P>).post(write::<P>))
        .route("/new", get(new::<P>))
        .route("/fill", get(fill::<P>))
        .route("/setkey", get(set_key::<P>))
        .route("/keys", get(keys::<P>))
        .route("/login", get(login::<P>))
        .route("/whoami", get(who_am_i::<P>))
        .route("/logout", get(logout::<P>))
        .layer(SessionLayer::new(store))
}

async fn ok() -> &'static str {
    "ok"
}

async fn read<P: Pool>(session: Session<P>) -> (StatusCode, String) {
    match session.get::<u64>("n") {
        Some(n) => (StatusCode::OK, n.to_string()),
        None => (StatusCode::NOT_FOUND, "no session".into()),
    }
}

async fn write<P: Pool>(session: Session<P>) -> String {
    let n = session.get::<u64>("n").unwrap_or(0) + 1;
    session.set("n", n);
    n.to_string()
}

async fn new<P: Pool>(session: Session<P>, Query(size): Query<Size>) -> &'static str {
    session.set("n", 0_u64);
    session.set("fill", size.fill());
    "0"
}

async fn fill<P: Pool>(session: Session<P>, Query(size): Query<Size>) -> String {
    session.set("fill", size.fill());
    size.bytes.to_string()
}

async fn set_key<P: Pool>(session: Session<P>, Query(wanted): Query<SetKey>) -> String {
    tokio::time::sleep(Duration::from_millis(wanted.sleep_ms)).await;
    session.set(&wanted.k, &wanted.v);
    wanted.v
}

async fn keys<P: Pool>(session: Session<P>, Query(names): Query<Names>) -> String {
    names.present(|name| session.get::<String>(name).is_some())
}

async fn login<P: Pool>(session: Session<P>, Query(login): Query<Login>) -> String {
    session.renew();
    session.set("user", &login.user);
    login.user
}

async fn who_am_i<P: Pool>(session: Session<P>) -> String {
    session.get("user").unwrap_or_else(|| "none".into())
}

async fn logout<P: Pool>(session: Session<P>) -> &'static str {
    session.destroy();
    "none"
}
