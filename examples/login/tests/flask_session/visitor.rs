//! A browser that is at home in both programs: one jar.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use session_testkit::server::{FlaskAnswer, FlaskServer};

use crate::support::{Answer, Browser, Server};

/// One visitor of one host name, behind which two programs stand.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) browser: Browser,
}

impl Visitor {
    pub(crate) fn of(login: &Server) -> Self {
        Visitor { browser: Browser::new(&login.url) }
    }

    /// The session cookie's value.
    pub(crate) fn id(&self) -> Option<String> {
        self.browser.jar.get("session").cloned()
    }

    /// A request to Flask, its cookies kept; the results of the actions.
    pub(crate) fn at_flask(&mut self, flask: &FlaskServer, actions: &Value) -> Value {
        let answer = self.ask_flask(flask, actions);
        assert_eq!(answer.status, 200, "{actions}");
        match answer.cookie("session").and_then(|pair| pair.split_once('=').map(|(_, value)| value.to_owned())) {
            Some(removed) if removed.is_empty() => drop(self.browser.jar.remove("session")),
            Some(id) => drop(self.browser.jar.insert("session".into(), id)),
            None => {}
        }
        answer.results
    }

    /// The same, not heard.
    pub(crate) fn ask_flask(&self, flask: &FlaskServer, actions: &Value) -> FlaskAnswer {
        let cookie = self.id().map(|id| format!("session={id}"));
        tokio::task::block_in_place(|| flask.act(cookie.as_deref(), actions))
    }

    /// What Flask has under this key.
    pub(crate) fn flask_has(&self, flask: &FlaskServer, key: &str) -> Value {
        self.ask_flask(flask, &json!([["get", key]])).results[0].clone()
    }

    /// A request to Flask that has loaded its session and sets `late`; it goes on when it is let go.
    pub(crate) async fn under_way(&self, flask: &Arc<FlaskServer>) -> UnderWay {
        let (visitor, flask, folder) = (self.clone(), Arc::clone(flask), tempfile::tempdir().unwrap());
        let place = folder.path().join("request").display().to_string();
        let actions = json!([["set", "late", 1], ["hold", place]]);
        let answer = tokio::spawn(async move { visitor.ask_flask(&flask, &actions).status });
        while !std::path::Path::new(&format!("{place}.held")).exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        UnderWay { folder, answer }
    }

    /// Sets a key here, not heard.
    pub(crate) async fn put(&self, key: &str, value: &str, ms: u64) -> Answer {
        self.browser.send(Method::GET, &format!("/put?key={key}&value={value}&ms={ms}"), &[]).await
    }

    /// What the page here shows under this key.
    pub(crate) async fn rust_has(&self, key: &str) -> Option<String> {
        let page = self.browser.send(Method::GET, "/keys", &[]).await.text;
        let (_, rest) = page.split_once(&format!("<li>{key}="))?;
        rest.split_once('<').map(|(value, _)| value.to_owned())
    }
}

/// A Flask request at work.
pub(crate) struct UnderWay {
    folder: tempfile::TempDir,
    answer: tokio::task::JoinHandle<u16>,
}

impl UnderWay {
    /// Lets it end; the status of its answer.
    pub(crate) async fn end(self) -> u16 {
        std::fs::write(self.folder.path().join("request.go"), "").unwrap();
        self.answer.await.unwrap()
    }
}
