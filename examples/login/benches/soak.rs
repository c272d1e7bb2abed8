//! Does anything pile up? `cargo bench -p login --bench soak` (two minutes a store; `-- --seconds 5` for less).
//!
//! Visitors begin sessions, count, log in, log out, begin again, on two processes of the real program that share a store. Every answer is
//! checked; in the end neither memory nor open files may have grown. Prints Markdown; its last output is kept in
//! `docs/measurements/soak.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use support::{Answer, Browser, Site};
use tokio::task::JoinSet;

const VISITORS: usize = 8;

/// What a process holds.
#[derive(Debug, Default, Clone, Copy)]
struct Held {
    kilobytes: u64,
    files: u64,
}

impl Held {
    /// By a process, as the system says.
    fn by(pid: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let kilobytes = line.trim().trim_end_matches(" kB").parse().expect("a number");
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("its files").count() as u64;
        Held { kilobytes, files }
    }

    /// Whether a process that holds this now has let nothing pile up since it held `before`.
    fn is_no_more_than(self, before: Held) -> bool {
        self.kilobytes <= before.kilobytes * 5 / 4 + 8 * 1024 && self.files <= before.files + 8
    }
}

/// What visitors did.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    lives: u64,
    requests: u64,
    longest: Duration,
}

/// One visitor, at one of the processes after the other.
struct Visitor {
    site: Arc<Site>,
    browser: Browser,
    seen: Seen,
}

impl Visitor {
    /// A session from its beginning to its end.
    async fn live(&mut self) {
        self.browser.jar.clear();
        for visits in 1..=5 {
            assert_eq!(self.get("/visits").await.element("visits"), Some(visits.to_string().as_str()));
        }
        self.browser = self.site.at(&self.browser, self.turn());
        assert!(self.browser.log_in("ada").await);
        assert_eq!(self.get("/visits").await.element("visits"), Some("6"), "the login keeps the data");
        assert_eq!(self.get("/login").await.element("username"), Some("ada"));
        let kept = self.browser.clone();
        self.browser.log_out().await;
        let answer = kept.send(Method::GET, "/login", &[]).await;
        assert_eq!(answer.element("username"), None, "the old cookie reads nothing");
        self.seen.requests += 5;
        self.seen.lives += 1;
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.browser = self.site.at(&self.browser, self.turn());
        let begun = Instant::now();
        let answer = self.browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        self.seen.longest = self.seen.longest.max(begun.elapsed());
        self.seen.requests += 1;
        answer
    }

    fn turn(&self) -> usize {
        usize::try_from(self.seen.requests).unwrap_or_default()
    }
}

/// Visitors until a moment; what they did in all.
async fn visit(site: &Arc<Site>, until: Instant) -> Seen {
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS {
        let site = Arc::clone(site);
        visitors.spawn(async move {
            let browser = site.visitor().await;
            let mut visitor = Visitor { site, browser, seen: Seen::default() };
            while Instant::now() < until {
                visitor.live().await;
            }
            visitor.seen
        });
    }
    let seen = visitors.join_all().await;
    seen.into_iter().fold(Seen::default(), |all, one| Seen {
        lives: all.lives + one.lives,
        requests: all.requests + one.requests,
        longest: all.longest.max(one.longest),
    })
}

/// One store: a fifth of the time until all is warm, then the rest.
async fn soak(store: &str, site: Site, time: Duration) {
    let site = Arc::new(site);
    visit(&site, Instant::now() + time / 5).await;
    let before: Vec<_> = site.pids().map(Held::by).collect();
    let begun = Instant::now();
    let seen = visit(&site, begun + time * 4 / 5).await;
    let rate = seen.requests as f64 / begun.elapsed().as_secs_f64();
    let after: Vec<_> = site.pids().map(Held::by).collect();
    let Seen { lives, requests, longest } = seen;
    let (was, is) = (total(&before), total(&after));
    println!(
        "| {store} | {lives} | {requests} | {rate:.0} | {} ms | {} → {} MB | {} → {} |",
        longest.as_millis(),
        was.kilobytes / 1024,
        is.kilobytes / 1024,
        was.files,
        is.files
    );
    for (before, after) in before.into_iter().zip(after) {
        assert!(after.is_no_more_than(before), "{store}: {before:?} became {after:?}");
    }
}

fn total(held: &[Held]) -> Held {
    held.iter().fold(Held::default(), |all, one| Held {
        kilobytes: all.kilobytes + one.kilobytes,
        files: all.files + one.files,
    })
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let chosen = std::env::args().skip_while(|argument| argument != "--seconds").nth(1);
    let time = Duration::from_secs(chosen.map_or(120, |seconds| seconds.parse().expect("--seconds NUMBER")));
    println!("| store | sessions | requests | a second | longest | memory of both processes | open files |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    soak("memory, one process", Site::memory(), time).await;
    soak("SQLite", Site::sqlite(), time).await;
    soak("PostgreSQL", Site::postgres(), time).await;
    soak("MariaDB", Site::mariadb(), time).await;
    soak("Redis", Site::redis(), time).await;
    soak("Memcached", Site::memcached(), time).await;
    soak("MongoDB", Site::mongodb(), time).await;
}
