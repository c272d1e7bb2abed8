//! Several processes on one file. This test program is the other process, too: it starts itself with a job to do.

use std::process::{Child, Command, Stdio};

use session_core::{CookieAction, SessionConfig, Sessions};
use session_sql::{SqlBackend, SqlStore};
use tokio::task::JoinSet;

use crate::common::File;

const JOB: &str = "SESSION_SQL_TEST_JOB";
const FILE: &str = "SESSION_SQL_TEST_FILE";
const TOKEN: &str = "SESSION_SQL_TEST_TOKEN";

const TASKS: u64 = 32;
const ROUNDS: u64 = 25;

/// Starts this program again for one job on the file.
pub(crate) fn start(job: &str, file: &File, token: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::the_job_of_another_process", "--nocapture"])
        .envs([(JOB, job), (FILE, &file.url()), (TOKEN, token)])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Does the job that the environment names; without one, a small one on a file of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_of_another_process() {
    let variable = |name| std::env::var(name).ok();
    match (variable(JOB).as_deref(), variable(FILE), variable(TOKEN)) {
        (Some("count"), Some(file), Some(token)) => count(&file, token, TASKS, ROUNDS).await,
        (Some("open"), Some(file), _) => drop(SqlStore::connect(file).await.unwrap()),
        (Some("write"), Some(file), _) => crate::killed::write_until_killed(&file).await,
        (None, ..) => {
            let file = File::new();
            let token = begin(&file).await;
            count(&file.url(), token.clone(), 2, 2).await;
            assert_eq!(total(&file, &token).await, 4);
        }
        job => panic!("no such job: {job:?}"),
    }
}

async fn sessions(url: &str) -> Sessions {
    Sessions::new(SqlStore::connect(url).await.unwrap(), SessionConfig::default()).unwrap()
}

/// A session with `n` = 0; its token.
async fn begin(file: &File) -> String {
    let sessions = sessions(&file.url()).await;
    let session = sessions.fresh();
    session.set("n", 0).unwrap();
    let committed = sessions.commit(&session).await;
    committed.result.unwrap();
    let CookieAction::Set { token, .. } = committed.cookie else { panic!("a new session has a cookie") };
    token.expose().to_owned()
}

/// `tasks` visitors of one session at once, each of which adds one `rounds` times.
async fn count(url: &str, token: String, tasks: u64, rounds: u64) {
    let sessions = sessions(url).await;
    let mut visitors = JoinSet::new();
    for _ in 0..tasks {
        let (sessions, token) = (sessions.clone(), token.clone());
        visitors.spawn(async move {
            for _ in 0..rounds {
                let session = sessions.open([token.as_str()]).await.unwrap();
                session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).unwrap();
                sessions.commit(&session).await.result.unwrap();
            }
        });
    }
    visitors.join_all().await;
}

async fn total(file: &File, token: &str) -> u64 {
    sessions(&file.url()).await.open([token]).await.unwrap().require("n").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_count_every_update() {
    let file = File::new();
    let token = begin(&file).await;
    let children = [start("count", &file, &token), start("count", &file, &token)];
    for child in children {
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    }
    assert_eq!(total(&file, &token).await, 2 * TASKS * ROUNDS);
}

#[tokio::test]
async fn six_processes_migrate_at_once() {
    let file = File::new();
    let children: Vec<_> = (0..6).map(|_| start("open", &file, "")).collect();
    for child in children {
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    }
    assert!(SqlBackend::connect(&file.config()).await.is_ok());
}
