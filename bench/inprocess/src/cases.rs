//! What is counted, instruction by instruction.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::COOKIE;
use session_core::{CookieAction, Sessions};
use tower_service::Service;

use crate::wire::Wire;
use crate::{Result, app};

/// A session's size in the counts.
const BYTES: usize = 300;

/// All cases.
///
/// `service` calls axum's router, `http` hyper over a pipe in memory: the request's bytes in, the response's bytes out.
pub(crate) const NAMES: &[&str] = &[
    "open+get+commit",
    "open+set+commit",
    "create",
    "seal+open encrypted 300",
    "seal+open encrypted 2800",
    "seal+open signed 300",
    "seal+open signed 2800",
    "service /plain",
    "service /plain cookie",
    "service /wrapped",
    "service /wrapped cookie",
    "service /extended",
    "service /bare",
    "service /bare cookie",
    "http /plain",
    "http /plain cookie",
    "http /wrapped",
    "http /wrapped cookie",
    "http /extended",
    "http /bare",
    "http /bare cookie",
    "http /read cookie",
    "http /write cookie",
];

/// Carries out a case that many times.
pub(crate) async fn run(case: &str, times: usize) -> Result<()> {
    let sessions = app::sessions()?;
    let token = app::begin(&sessions, BYTES).await?;
    let words: Vec<&str> = case.split(' ').collect();
    let cookie = format!("{}={token}", sessions.cookie().name());
    match words[..] {
        ["open+get+commit"] => read(&sessions, &token, times).await,
        ["open+set+commit"] => write(&sessions, &token, times).await,
        ["create"] => create(&sessions, times).await,
        ["seal+open", seal, bytes] => reseal(&app::sealed(seal)?, bytes.parse()?, times).await,
        ["service", path, ref rest @ ..] => {
            let cookie = rest.first().map(|_| cookie.as_str());
            service(app::router(sessions), path, cookie, times).await
        }
        ["http", path, ref rest @ ..] => {
            let cookie = rest.first().map(|_| cookie.as_str());
            let mut wire = Wire::to(app::router(sessions), path, cookie).await?;
            for _ in 0..times {
                wire.again().await?;
            }
            Ok(())
        }
        _ => Err(format!("no such case: {case}").into()),
    }
}

pub(crate) async fn read(sessions: &Sessions, token: &str, times: usize) -> Result<()> {
    for _ in 0..times {
        let session = sessions.open([token]).await?;
        std::hint::black_box(session.get::<u64>("n")?);
        sessions.commit(&session).await.result?;
    }
    Ok(())
}

pub(crate) async fn write(sessions: &Sessions, token: &str, times: usize) -> Result<()> {
    for turn in 0..times {
        let session = sessions.open([token]).await?;
        // Another value each time, as long as the last: a change that changes nothing is none.
        session.set("n", turn % 2)?;
        sessions.commit(&session).await.result?;
    }
    Ok(())
}

/// Opens a cookie, changes the session, and seals it anew: each time the cookie that the time before gave.
pub(crate) async fn reseal(sessions: &Sessions, bytes: usize, times: usize) -> Result<()> {
    let mut token = app::begin(sessions, bytes).await?;
    for turn in 0..times {
        let session = sessions.open([token.as_str()]).await?;
        session.set("n", turn % 2 + 1)?;
        let committed = sessions.commit(&session).await;
        committed.result?;
        let CookieAction::Set { token: next, .. } = committed.cookie else { return Err("nothing was sealed".into()) };
        token = next.expose().to_owned();
    }
    Ok(())
}

async fn create(sessions: &Sessions, times: usize) -> Result<()> {
    for _ in 0..times {
        let session = sessions.fresh();
        session.set("n", 0_u64)?;
        let committed = sessions.commit(&session).await;
        committed.result?;
        std::hint::black_box(&committed.cookie);
    }
    Ok(())
}

async fn service(mut app: Router, path: &str, cookie: Option<&str>, times: usize) -> Result<()> {
    for _ in 0..times {
        let mut request = Request::get(path);
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let response = app.call(request.body(Body::empty())?).await?;
        if !response.status().is_success() {
            return Err(format!("{path}: {}", response.status()).into());
        }
    }
    Ok(())
}
