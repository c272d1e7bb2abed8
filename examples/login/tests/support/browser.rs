//! Keeps cookies as a browser does, and sends what a person would.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// One visitor.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    pub jar: BTreeMap<String, String>,
}

/// What a request was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The Set-Cookie headers.
    pub fn set_cookies(&self) -> Vec<String> {
        let headers = self.headers.get_all(SET_COOKIE).iter();
        headers.map(|value| value.to_str().expect("a cookie is text").to_owned()).collect()
    }

    /// The text of the element with this id.
    pub fn element(&self, id: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(&format!("id=\"{id}\">"))?;
        rest.split_once('<').map(|(text, _)| text)
    }

    fn token_of(&self, action: &str) -> Option<&str> {
        let (_, form) = self.text.split_once(&format!("action=\"{action}\""))?;
        let (_, value) = form.split_once("name=\"csrf_token\" value=\"")?;
        value.split_once('"').map(|(token, _)| token)
    }
}

impl Browser {
    /// A browser without cookies that knows one server.
    pub fn new(url: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Browser { client, base: url.to_owned(), jar: BTreeMap::new() }
    }

    /// The same cookies at another process of the same site.
    pub fn at(&self, url: &str) -> Self {
        Browser { base: url.to_owned(), ..self.clone() }
    }

    /// A request with the jar's cookies; the answer's cookies are not kept until `hear` is called with it.
    pub async fn send(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Answer {
        self.try_send(method, path, form).await.expect("the server answers")
    }

    /// The same; `None` where the server does not answer.
    pub async fn try_send(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Option<Answer> {
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if !form.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let body: Vec<_> = form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = request.body(Full::from(body.join("&"))).expect("a request");
        let (head, body) = self.client.request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Keeps an answer's cookies.
    pub fn hear(&mut self, answer: &Answer) {
        for header in answer.set_cookies() {
            let cookie = cookie::Cookie::parse(header).expect("a cookie");
            // Flask's removals, and ours in its modes, need no `Max-Age`.
            match cookie.value().is_empty() || cookie.max_age().is_some_and(|age| age.is_zero()) {
                true => self.jar.remove(cookie.name()),
                false => self.jar.insert(cookie.name().to_owned(), cookie.value().to_owned()),
            };
        }
    }

    /// A page, and its cookies kept.
    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.send(Method::GET, path, &[]).await;
        self.hear(&answer);
        answer
    }

    /// Opens the page with the form, fills it in, and returns what sending it was answered, not yet heard.
    pub async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let opened = self.get(page).await;
        self.send_form(&opened, action, fields).await
    }

    /// Sends a form of a page that is open, with its hidden token.
    pub async fn send_form(&self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let token = page.token_of(action).expect("a form with a token");
        self.send(Method::POST, action, &[fields, &[("csrf_token", token)]].concat()).await
    }

    /// Logs in as a person would; false where that was refused.
    pub async fn log_in(&mut self, name: &str) -> bool {
        let answer = self.submit("/login", "/login", &[("username", name)]).await;
        self.hear(&answer);
        answer.status == StatusCode::SEE_OTHER && answer.headers[LOCATION] == "/login"
    }

    /// Logs out as a person would.
    pub async fn log_out(&mut self) -> Answer {
        let answer = self.submit("/login", "/logout", &[]).await;
        self.hear(&answer);
        answer
    }

    /// Who the login page says is logged in.
    pub async fn username(&mut self) -> Option<String> {
        self.get("/login").await.element("username").map(str::to_owned)
    }

    /// The session cookie's value.
    pub fn id(&self) -> Option<&str> {
        self.jar.get("id").map(String::as_str)
    }
}

/// Percent-encoding of everything that is not plainly harmless.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
