//! An application whose slow routes wait where a test wants them to.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use session_tower::session_core::{MemoryStore, SessionConfig, Sessions};
use session_tower::{Session, SessionError, SessionLayer};
use tokio::sync::Semaphore;

use crate::support::Answer;

pub type Outcome<T = ()> = Result<T, SessionError>;

/// Where a slow request waits, after it has loaded its session.
#[derive(Clone)]
pub struct Hold {
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Hold {
    fn new() -> Self {
        Hold { arrived: Arc::new(Semaphore::new(0)), released: Arc::new(Semaphore::new(0)) }
    }

    async fn wait(&self) {
        self.arrived.add_permits(1);
        self.released.acquire().await.unwrap().forget();
    }

    /// Until so many requests wait.
    pub async fn full(&self, requests: u32) {
        self.arrived.acquire_many(requests).await.unwrap().forget();
    }

    pub fn release(&self, requests: usize) {
        self.released.add_permits(requests);
    }
}

async fn count(session: Session) -> Outcome<String> {
    Ok(session.update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)?.to_string())
}

pub async fn login(Path(name): Path<String>, session: Session) -> Outcome {
    session.rotate();
    session.set("username", name)?;
    Ok(())
}

async fn name(session: Session) -> Outcome<String> {
    Ok(session.get::<String>("username")?.unwrap_or_default())
}

async fn keys(session: Session) -> String {
    session.keys().join(" ")
}

async fn logout(session: Session) {
    session.destroy();
}

/// Sets a key after a few turns of others.
async fn put(Path((key, turns)): Path<(String, u32)>, session: Session) -> Outcome {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
    session.set(&key, 1)?;
    Ok(())
}

pub struct App {
    pub router: Router,
    pub store: MemoryStore,
    pub hold: Hold,
}

pub fn app() -> App {
    let (store, hold) = (MemoryStore::default(), Hold::new());
    let (slow_put, slow_read, slow_login, slow_end) = (hold.clone(), hold.clone(), hold.clone(), hold.clone());
    let slow_put = |Path((key, value)): Path<(String, String)>, session: Session| async move {
        slow_put.wait().await;
        Outcome::Ok(session.set(&key, value)?)
    };
    let slow_read = |session: Session| async move {
        slow_read.wait().await;
        session.keys().join(" ")
    };
    let slow_login = |name: Path<String>, session: Session| async move {
        slow_login.wait().await;
        login(name, session).await
    };
    let slow_end = |session: Session| async move {
        slow_end.wait().await;
        session.destroy();
    };
    let router = Router::new()
        .route("/count", post(count))
        .route("/login/{name}", post(login))
        .route("/name", get(name))
        .route("/keys", get(keys))
        .route("/logout", post(logout))
        .route("/put/{key}/{turns}", post(put))
        .route("/slow/put/{key}/{value}", post(slow_put))
        .route("/slow/read", get(slow_read))
        .route("/slow/login/{name}", post(slow_login))
        .route("/slow/logout", post(slow_end));
    let sessions = Sessions::new(store.clone(), SessionConfig::default()).unwrap();
    App { router: router.layer(SessionLayer::new(sessions)), store, hold }
}

/// Sends a request that waits in its handler; what `meanwhile` does happens after it has loaded its session.
pub async fn during<T>(
    hold: &Hold,
    slow: impl Future<Output = Answer>,
    meanwhile: impl Future<Output = T>,
) -> (Answer, T) {
    tokio::join!(slow, async {
        hold.full(1).await;
        let done = meanwhile.await;
        hold.release(1);
        done
    })
}

pub fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, 409);
    assert_eq!(answer.set_cookies(), [""; 0], "neither the old id nor a removal");
    assert_eq!(answer.header("vary").as_deref(), Some("Cookie"));
}
