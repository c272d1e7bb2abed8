//! The layer without axum: a hyper server on a real socket, and a tower service of another kind.
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use session_tower::session_core::{MemoryStore, SessionConfig, Sessions};
use session_tower::{SessionError, SessionHandle, SessionLayer, SetCookie};
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceBuilder, ServiceExt, service_fn};

type Page = Response<Full<Bytes>>;

async fn site(request: Request<Incoming>) -> Result<Page, SessionError> {
    let handle = SessionHandle::of(request.extensions())?;
    let text = match request.uri().path() {
        "/login" => {
            let session = handle.load().await?;
            session.rotate();
            session.set("username", "ada")?;
            handle.cookies().set(SetCookie::new("theme", "dark"))?;
            "welcome".to_owned()
        }
        "/name" => handle.load().await?.get::<String>("username")?.unwrap_or_default(),
        "/fail" => handle.load().await?.require::<String>("nothing")?,
        _ => "bare".to_owned(),
    };
    Ok(Response::new(Full::from(text)))
}

/// What became of the errors is the application's business where there is no axum: here a page.
async fn pages(request: Request<Incoming>) -> Result<Page, Infallible> {
    Ok(site(request).await.unwrap_or_else(|error| {
        let mut page = Response::new(Full::default());
        *page.status_mut() = error.status();
        page
    }))
}

async fn serve(listener: TcpListener) {
    let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default()).unwrap();
    let service = ServiceBuilder::new().layer(SessionLayer::new(sessions)).service(service_fn(pages));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn get(address: SocketAddr, path: &str, cookie: &str) -> Response<String> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get(path).header("host", "localhost").header("cookie", cookie);
    let response = sender.send_request(request.body(Full::<Bytes>::default()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    drop(sender);
    connection.await.unwrap().unwrap();
    Response::from_parts(parts, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_hyper_server_has_sessions_and_cookies() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener));

    let login = get(address, "/login", "").await;
    let lines: Vec<_> = login.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert!(lines[0].starts_with("theme=dark; ") && lines[1].starts_with("__Host-id="), "{lines:?}");
    let cookie = lines[1].split(';').next().unwrap();
    assert_eq!(login.body(), "welcome");

    let name = get(address, "/name", cookie).await;
    assert_eq!((name.body().as_str(), name.headers()["vary"].to_str().unwrap()), ("ada", "Cookie"));
    assert_eq!(get(address, "/fail", cookie).await.status(), StatusCode::INTERNAL_SERVER_ERROR);

    let bare = get(address, "/bare", cookie).await;
    assert_eq!(bare.body(), "bare");
    assert!(["vary", "cache-control", "set-cookie"].iter().all(|name| !bare.headers().contains_key(*name)));
    server.abort();
}

#[derive(Debug, PartialEq)]
struct Own(&'static str);

#[tokio::test]
async fn the_services_own_error_passes_unchanged_and_stores_nothing() {
    let store = MemoryStore::default();
    let sessions = Sessions::new(store.clone(), SessionConfig::default()).unwrap();
    let fails = service_fn(|request: Request<()>| async move {
        let session = SessionHandle::of(request.extensions()).unwrap().load().await.unwrap();
        session.set("n", 1).unwrap();
        Err::<Response<()>, _>(Own("broken"))
    });
    let service = ServiceBuilder::new().layer(SessionLayer::new(sessions)).service(fails);
    assert_eq!(service.oneshot(Request::new(())).await.unwrap_err(), Own("broken"));
    assert!(store.is_empty());
}

#[tokio::test]
async fn a_body_without_a_default_takes_a_page_of_its_own() {
    #[derive(Debug, PartialEq)]
    struct Text(String);
    let layer = SessionLayer::new(Sessions::new(MemoryStore::default(), SessionConfig::default()).unwrap());
    let layer = layer.on_error(|error, status| {
        let mut page = Response::new(Text(error.to_string()));
        *page.status_mut() = status;
        page
    });
    let too_large = service_fn(|request: Request<()>| async move {
        let session = SessionHandle::of(request.extensions())?.load().await?;
        session.set("text", "x".repeat(70_000))?;
        Ok::<_, SessionError>(Response::new(Text("success".into())))
    });
    let response = ServiceBuilder::new().layer(layer).service(too_large).oneshot(Request::new(())).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(response.body().0.contains("the limit is 65536"), "{:?}", response.body());
}

#[tokio::test]
async fn without_the_layer_the_error_names_it() {
    let error = SessionHandle::of(Request::new(()).extensions()).unwrap_err();
    assert_eq!((error.status().as_u16(), error.to_string().starts_with("SessionLayer: ")), (500, true));
}

/// The layer, its futures and its handles can be used where servers need them to be.
#[test]
fn everything_is_send_and_sync() {
    fn is<T: Clone + Send + Sync + 'static>() {}
    fn moves<T: Send>(_: T) {}
    is::<SessionLayer>();
    is::<SessionHandle>();
    is::<session_tower::Session>();
    is::<session_tower::Cookies>();
    is::<SessionError>();
    let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default()).unwrap();
    let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(())) });
    moves(ServiceBuilder::new().layer(SessionLayer::new(sessions)).service(service).oneshot(Request::new(())));
}
