//! A process that is killed loses nothing that it has acknowledged.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::Duration;

use session_core::{Backend, Entry, RecordKey, Stored, Swapped, Version};
use session_sql::{SqlBackend, SqlConfig};

use crate::common::{File, HOUR, key, now, payload, stored};
use crate::processes;

/// How often; a long run asks for more.
fn kills() -> u64 {
    std::env::var("SESSION_SQL_TEST_KILLS").map_or(20, |number| number.parse().unwrap())
}

/// Writes as fast as it can, in four tasks, and says so after each write: `done KEY COUNT`.
pub(crate) async fn write_until_killed(url: &str) {
    let backend = Arc::new(SqlBackend::connect(&SqlConfig::new(url)).await.unwrap());
    let tasks = (0..4).map(|_| {
        let backend = Arc::clone(&backend);
        tokio::spawn(async move { count_up(&backend, key()).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

async fn count_up(backend: &SqlBackend, key: RecordKey) {
    let mut seen = numbered(0);
    assert!(backend.insert(&key, &seen, now()).await.unwrap());
    for count in 1.. {
        acknowledge(&key, count - 1);
        let next = numbered(count);
        let swapped = backend.swap(&key, &seen.version, &Entry::Live(next.clone()), now()).await.unwrap();
        assert_eq!(swapped, Swapped::Done);
        seen = next;
    }
}

/// A record of some size, so that commits are spread over pages, which begins with the number.
fn numbered(count: u64) -> Stored {
    let payload = [&count.to_le_bytes()[..], &[b'x'; 3000]].concat();
    Stored { version: Version::random().unwrap(), deadline: now().plus(HOUR), ..stored(&payload) }
}

fn acknowledge(key: &RecordKey, count: u64) {
    // Not `println!`, which the test harness may catch.
    let mut out = std::io::stdout().lock();
    writeln!(out, "done {} {count}", key.as_str()).and_then(|()| out.flush()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s50_nothing_acknowledged_is_missing_after_kill_9() {
    let (file, mut acknowledged) = (File::new(), HashMap::new());
    for round in 0..kills() {
        let mut child = processes::start("write", &file, "");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reading = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
        tokio::time::sleep(Duration::from_millis(60 + round * 7 % 150)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        for line in reading.join().unwrap() {
            // The last line may be cut off: it then says less than was done.
            let mut words = line.split(' ');
            if let (Some("done"), Some(key), Some(Ok(count))) =
                (words.next(), words.next(), words.next().map(str::parse))
            {
                acknowledged.insert(key.to_owned(), count);
            }
        }
    }
    let writes: u64 = acknowledged.values().sum();
    assert!(writes > 20 * kills(), "{writes} writes are too few to tell");
    let backend = file.backend().await;
    for (key, count) in acknowledged {
        let found = payload(&backend, &RecordKey::new(key)).await.expect("what was acknowledged is there");
        assert!(u64::from_le_bytes(found[..8].try_into().unwrap()) >= count, "an acknowledged write is missing");
    }
}
