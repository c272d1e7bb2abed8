//! The limit: what an axum handler without any session library costs. A read is one GET, a change GET and SET EX, through the driver
//! and the settings that session-redis uses. It merges nothing, checks nothing and hides no id.

mod record;
mod server;

use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bench_common::{Arguments, Failure, Login, Names, SetKey, Size};
use tokio::net::TcpListener;

use record::Record;
use server::Server;

type Answer = Result<Response, StatusCode>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    if arguments.store != "redis" {
        arguments.unknown_store::<()>("redis")?;
    }
    let app = routes().with_state(Server::connect(&arguments.redis)?);
    let listener = TcpListener::bind(&arguments.listen).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

fn routes() -> Router<Server> {
    Router::new()
        .route("/plain", get(ok))
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

async fn read(State(server): State<Server>, headers: HeaderMap) -> Answer {
    let record = server.get(id(&headers)?).await?;
    let n = record.get("n").ok_or(StatusCode::NOT_FOUND)?;
    Ok(n.to_owned().into_response())
}

async fn write(State(server): State<Server>, headers: HeaderMap) -> Answer {
    let id = id(&headers)?;
    let mut record = server.get(id).await?;
    let n = 1 + record.get("n").and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let n = n.to_string();
    record.set("n", &n);
    server.set(id, &record).await?;
    Ok(n.into_response())
}

async fn new(State(server): State<Server>, Query(size): Query<Size>) -> Answer {
    let mut record = Record::default();
    record.set("n", "0");
    record.set("fill", &size.fill());
    begin(&server, &record, "0".into()).await
}

async fn fill(State(server): State<Server>, headers: HeaderMap, Query(size): Query<Size>) -> Answer {
    change(&server, &headers, "fill", &size.fill()).await?;
    Ok(size.bytes.to_string().into_response())
}

async fn set_key(State(server): State<Server>, headers: HeaderMap, Query(wanted): Query<SetKey>) -> Answer {
    let id = id(&headers)?;
    let mut record = server.get(id).await?;
    tokio::time::sleep(Duration::from_millis(wanted.sleep_ms)).await;
    record.set(&wanted.k, &wanted.v);
    server.set(id, &record).await?;
    Ok(wanted.v.into_response())
}

async fn keys(State(server): State<Server>, headers: HeaderMap, Query(names): Query<Names>) -> Answer {
    let record = server.get(id(&headers)?).await?;
    Ok(names.present(|name| record.get(name).is_some()).into_response())
}

async fn login(State(server): State<Server>, headers: HeaderMap, Query(login): Query<Login>) -> Answer {
    let mut record = match id(&headers) {
        Ok(old) => {
            let record = server.get(old).await.unwrap_or_default();
            server.delete(old).await?;
            record
        }
        Err(_) => Record::default(),
    };
    record.set("user", &login.user);
    begin(&server, &record, login.user).await
}

async fn who_am_i(State(server): State<Server>, headers: HeaderMap) -> Answer {
    let Ok(id) = id(&headers) else { return Ok("none".into_response()) };
    let record = server.get(id).await.unwrap_or_default();
    Ok(record.get("user").unwrap_or("none").to_owned().into_response())
}

async fn logout(State(server): State<Server>, headers: HeaderMap) -> Answer {
    server.delete(id(&headers)?).await?;
    Ok(([(SET_COOKIE, "id=; Path=/; Max-Age=0")], "none").into_response())
}

async fn change(server: &Server, headers: &HeaderMap, key: &str, value: &str) -> Result<(), StatusCode> {
    let id = id(headers)?;
    let mut record = server.get(id).await?;
    record.set(key, value);
    server.set(id, &record).await
}

/// Stores a record under a new id.
async fn begin(server: &Server, record: &Record, answer: String) -> Answer {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let id = format!("{:032x}", u128::from_be_bytes(bytes));
    server.set(&id, record).await?;
    Ok(([(SET_COOKIE, format!("id={id}; Path=/; HttpOnly; SameSite=Lax"))], answer).into_response())
}

fn id(headers: &HeaderMap) -> Result<&str, StatusCode> {
    let line = headers.get(COOKIE).and_then(|line| line.to_str().ok()).ok_or(StatusCode::NOT_FOUND)?;
    line.split("; ").find_map(|pair| pair.strip_prefix("id=")).ok_or(StatusCode::NOT_FOUND)
}
