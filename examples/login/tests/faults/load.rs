//! Visitors who go on through a misfortune, and what they saw.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use tokio::task::JoinSet;

use crate::support::{Browser, Server};
use crate::{LONGEST, RECOVERY};

/// How many visitors with one session there are at a time.
const VISITORS: usize = 4;

/// What one visitor saw, or all together.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How many answers of each status.
    statuses: BTreeMap<u16, u64>,
    longest: Duration,
    /// 503 with a cookie, which there must not be.
    cookies: u64,
}

impl Seen {
    fn add(&mut self, other: &Seen) {
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.longest = self.longest.max(other.longest);
        self.cookies += other.cookies;
    }

    fn count(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }
}

/// One session of the real program, in front of a store that is going to suffer.
pub(crate) struct Trial {
    store: &'static str,
    /// Whether what was answered 200 outlives the store's process.
    persists: bool,
    _server: Server,
    pub(crate) browser: Browser,
    visits: u64,
}

impl Trial {
    /// Starts the program on the store, and a session.
    pub(crate) async fn begin(store: &'static str, url: &str, persists: bool) -> Self {
        Self::on(store, Server::start(&["--store", url]), persists).await
    }

    /// The same on a program that was started specially.
    pub(crate) async fn on(store: &'static str, server: Server, persists: bool) -> Self {
        let mut browser = Browser::new(&server.url);
        assert_eq!(browser.get("/visits").await.status, 200);
        Trial { store, persists, _server: server, browser, visits: 1 }
    }

    /// Begins a misfortune, lets it last, ends it; fails unless what visitors see of it is what it should be.
    pub(crate) async fn live_through(
        &mut self,
        fault: &str,
        begin: impl AsyncFnOnce(),
        lasting: Duration,
        end: impl AsyncFnOnce(),
    ) {
        let stop = Arc::new(AtomicBool::new(false));
        let mut visitors = JoinSet::new();
        for _ in 0..VISITORS {
            visitors.spawn(visit(self.browser.clone(), Arc::clone(&stop)));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        begin().await;
        tokio::time::sleep(lasting).await;
        end().await;
        let back = self.recovery(fault).await;
        stop.store(true, Ordering::SeqCst);
        let mut seen = Seen::default();
        visitors.join_all().await.iter().for_each(|each| seen.add(each));
        self.judge(fault, &seen, back).await;
    }

    /// One request, which succeeds at once in a new session: the old one is gone.
    pub(crate) async fn look(&mut self, fault: &str) {
        let begun = Instant::now();
        let answer = self.browser.get("/visits").await;
        assert_eq!((answer.status.as_u16(), answer.element("visits")), (200, Some("1")), "{fault}, {}", self.store);
        let seen = Seen { statuses: BTreeMap::from([(200, 1)]), longest: begun.elapsed(), cookies: 0 };
        report(fault, self.store, &seen, Some(Duration::ZERO));
    }

    /// How long it takes until a request succeeds.
    async fn recovery(&mut self, fault: &str) -> Duration {
        let begun = Instant::now();
        loop {
            let answer = self.browser.send(Method::GET, "/visits", &[]).await;
            if answer.status == 200 {
                self.visits += 1;
                self.browser.hear(&answer);
                return begun.elapsed();
            }
            let late = begun.elapsed() > RECOVERY;
            assert!(!late, "{fault}, {}: still {} after {:?}", self.store, answer.status, begun.elapsed());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn judge(&mut self, fault: &str, seen: &Seen, back: Duration) {
        let what = format!("{fault}, {}: {seen:?}", self.store);
        assert!(seen.longest <= LONGEST, "{what}");
        // 409 is for a change of a session that ended: only where the store forgets.
        let known = [200, 503, if self.persists { 200 } else { 409 }];
        assert!(seen.statuses.keys().all(|status| known.contains(status)), "{what}");
        assert_eq!(seen.cookies, 0, "{what}: 503 sets no cookie");
        assert!(back <= RECOVERY, "{what}: back after {back:?}");
        let acknowledged = self.visits + seen.count(200);
        let possible = acknowledged + seen.count(503) + 1;
        let now = self.browser.get("/visits").await.element("visits").expect("a count").parse::<u64>().unwrap();
        if self.persists {
            assert!(
                (acknowledged + 1..=possible).contains(&now),
                "{what}: {now} visits of {acknowledged} answered ones"
            );
        }
        assert!(now <= possible, "{what}: more than there were");
        self.visits = now;
        report(fault, self.store, seen, Some(back));
    }
}

/// One visitor, until told to stop.
async fn visit(browser: Browser, stop: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::SeqCst) {
        seen.add(&ask(&browser).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    seen
}

/// One request.
async fn ask(browser: &Browser) -> Seen {
    let begun = Instant::now();
    let answer = browser.send(Method::GET, "/visits", &[]).await;
    let cookies = u64::from(answer.status != 200 && !answer.set_cookies().is_empty());
    Seen { statuses: BTreeMap::from([(answer.status.as_u16(), 1)]), longest: begun.elapsed(), cookies }
}

/// A program that starts while its store is away; then that comes.
pub(crate) async fn starts_without(store: &'static str, url: &str, come: impl AsyncFnOnce()) {
    let server = Server::start(&["--store", url]);
    let mut browser = Browser::new(&server.url);
    let mut seen = Seen::default();
    for _ in 0..3 {
        seen.add(&ask(&browser).await);
    }
    assert!(seen.count(503) == 3 && seen.longest <= LONGEST && seen.cookies == 0, "{store}: {seen:?}");
    come().await;
    let begun = Instant::now();
    while browser.get("/visits").await.status != 200 {
        assert!(begun.elapsed() <= RECOVERY, "{store}: still away");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    report("away when the program starts", store, &seen, Some(begun.elapsed()));
}

/// Adds a line for the table to the file that the environment names, if it does.
pub(crate) fn report(fault: &str, store: &str, seen: &Seen, back: Option<Duration>) {
    let statuses: Vec<_> = seen.statuses.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    let back = back.map_or_else(String::new, |back| back.as_millis().to_string());
    let line = format!("{fault}\t{store}\t{}\t{}\t{back}\n", statuses.join(", "), seen.longest.as_millis());
    print!("{line}");
    let Some(file) = std::env::var_os("SESSION_TEST_FAULTS") else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(file).expect("a file for the table");
    file.write_all(line.as_bytes()).expect("a line for the table");
}
