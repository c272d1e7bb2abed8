//! The comparison's routes on actix-session, set up as its documentation shows: the driver's connection manager, signed cookies on
//! Redis, encrypted ones where the cookie is the session.

use std::time::Duration;

use actix_session::storage::{CookieSessionStore, RedisSessionStore, SessionStore};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, Query, get, resource};
use actix_web::{App, HttpResponse, HttpServer};
use bench_common::{Arguments, Failure, Login, Names, SetKey, Size};

type Answer = actix_web::Result<String>;

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    match arguments.store.as_str() {
        "cookie" => serve(&arguments, CookieSessionStore::default).await,
        "redis" => {
            let store = RedisSessionStore::new(arguments.redis.as_str()).await.map_err(|error| error.to_string())?;
            serve(&arguments, move || store.clone()).await
        }
        _ => arguments.unknown_store("redis, cookie"),
    }
}

async fn serve<S: SessionStore + 'static>(
    arguments: &Arguments,
    store: impl Fn() -> S + Clone + Send + 'static,
) -> Result<(), Failure> {
    let key = Key::generate();
    let app = move || {
        let sessions = SessionMiddleware::builder(store(), key.clone()).cookie_secure(false).build();
        App::new().route("/plain", get().to(ok)).service(routes(sessions))
    };
    let server = HttpServer::new(app).workers(1).bind(&arguments.listen)?;
    for address in server.addrs() {
        println!("Listening on http://{address}");
    }
    Ok(server.run().await?)
}

fn routes<S: SessionStore + 'static>(sessions: SessionMiddleware<S>) -> impl HttpServiceFactory {
    web::scope("")
        .wrap(sessions)
        .route("/bare", get().to(ok))
        .route("/read", get().to(read))
        .service(resource("/write").get(write).post(write))
        .route("/new", get().to(new))
        .route("/fill", get().to(fill))
        .route("/setkey", get().to(set_key))
        .route("/keys", get().to(keys))
        .route("/login", get().to(login))
        .route("/whoami", get().to(who_am_i))
        .route("/logout", get().to(logout))
}

async fn ok() -> &'static str {
    "ok"
}

async fn read(session: Session) -> actix_web::Result<HttpResponse> {
    Ok(match session.get::<u64>("n")? {
        Some(n) => HttpResponse::Ok().body(n.to_string()),
        None => HttpResponse::NotFound().body("no session"),
    })
}

async fn write(session: Session) -> Answer {
    let n = session.get::<u64>("n")?.unwrap_or(0) + 1;
    session.insert("n", n)?;
    Ok(n.to_string())
}

async fn new(session: Session, size: Query<Size>) -> Answer {
    session.insert("n", 0_u64)?;
    session.insert("fill", size.fill())?;
    Ok("0".into())
}

async fn fill(session: Session, size: Query<Size>) -> Answer {
    session.insert("fill", size.fill())?;
    Ok(size.bytes.to_string())
}

async fn set_key(session: Session, wanted: Query<SetKey>) -> Answer {
    tokio::time::sleep(Duration::from_millis(wanted.sleep_ms)).await;
    session.insert(&wanted.k, &wanted.v)?;
    Ok(wanted.into_inner().v)
}

async fn keys(session: Session, names: Query<Names>) -> String {
    names.present(|name| session.contains_key(name))
}

async fn login(session: Session, login: Query<Login>) -> Answer {
    session.renew();
    session.insert("user", &login.user)?;
    Ok(login.into_inner().user)
}

async fn who_am_i(session: Session) -> Answer {
    Ok(session.get("user")?.unwrap_or_else(|| "none".into()))
}

async fn logout(session: Session) -> &'static str {
    session.purge();
    "none"
}
