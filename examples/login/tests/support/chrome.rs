//! A real browser: Chromium, driven through chromedriver.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

/// A running chromedriver with one browser; both end on drop.
#[derive(Debug)]
pub struct Chrome {
    driver: Child,
    pub client: Client,
    _profile: tempfile::TempDir,
}

impl Chrome {
    /// Starts both, with a profile of their own.
    pub async fn start() -> Self {
        // It takes a free port of one address family and ends where another program has it in the other.
        let (driver, port) = (0..10).find_map(|_| driver()).expect("chromedriver says on which port it listens");
        let profile = tempfile::tempdir().expect("a folder");
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities(&profile))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        Chrome { driver, client, _profile: profile }
    }

    /// The text of the first element that a selector finds, waiting for it.
    pub async fn text(&self, selector: &str) -> String {
        let element = self.client.wait().for_element(Locator::Css(selector)).await.expect(selector);
        element.text().await.expect("a text")
    }

    /// Fills the login form in and sends it.
    pub async fn log_in(&self, name: &str) {
        let field = self.client.wait().for_element(Locator::Css("input[name=username]")).await.expect("a form");
        field.send_keys(name).await.expect("typed");
        self.click("form[action='/login'] button").await;
    }

    /// Clicks what a selector finds.
    pub async fn click(&self, selector: &str) {
        let element = self.client.wait().for_element(Locator::Css(selector)).await.expect(selector);
        element.click().await.expect("clicked");
    }

    /// Keeps a picture of the page in `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture = self.client.screenshot().await.expect("a picture");
        assert!(picture.len() > 1000, "not an empty page");
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("written");
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // chromedriver ends its browser when it is asked to end.
        let _ = Command::new("kill").arg(self.driver.id().to_string()).status();
        let _ = self.driver.wait();
    }
}

/// A running chromedriver and its port; `None` where it ended at once.
fn driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("chromedriver is installed: cargo xtask setup");
    let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
    let port = lines
        .by_ref()
        .map(|line| line.expect("text"))
        .find_map(|line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok());
    let Some(port) = port else {
        driver.wait().expect("it ended");
        return None;
    };
    std::thread::spawn(move || lines.for_each(drop));
    Some((driver, port))
}

fn capabilities(profile: &tempfile::TempDir) -> serde_json::Map<String, serde_json::Value> {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];
    let profile = format!("--user-data-dir={}", profile.path().display());
    let arguments: Vec<_> = arguments.iter().map(|&argument| argument.to_owned()).chain([profile]).collect();
    let options = json!({
        "goog:chromeOptions": { "args": arguments },
        // `goto` does not wait, so that several tabs can be loading at once.
        "pageLoadStrategy": "none",
    });
    options.as_object().expect("an object").clone()
}
