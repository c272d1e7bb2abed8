//! Several requests and a user of the old store on one session, in orders that random delays make. Time is virtual, so that a
//! seed stands for one order.

use std::time::Duration;

use session_core::Operation::{Get, Insert, Remove, Rename, Swap};
use session_core::{Error, Session};
use session_testkit::Behaviour;

use crate::support::{Process, World, count, id_in, keys, number, request};

/// xorshift64*: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn delay(&mut self) -> Duration {
        Duration::from_millis(self.below(12))
    }

    /// A process whose calls take random times.
    fn process(&mut self, world: &World) -> Process {
        let process = world.process();
        for gate in [&process.new, &process.old] {
            for operation in [Get, Insert, Swap, Remove, Rename] {
                gate.script(operation, (0..40).map(|_| Behaviour::Slow(self.delay())));
            }
        }
        process
    }
}

async fn counts(process: Process, id: String, delay: Duration) -> Result<(), Error> {
    tokio::time::sleep(delay).await;
    count(&process.sessions, &id).await
}

/// Three processes count, and so does whoever knows the old store alone, as long as the session is there.
#[tokio::test(start_paused = true)]
async fn s44_every_count_that_was_acknowledged_is_there_once() {
    let mut moved_before = 0;
    for seed in 1..1_500 {
        let (world, mut random) = (World::default(), Random(seed));
        let id = world.visitor().await;
        let [one, two, three] = [(); 3].map(|()| {
            let process = random.process(&world);
            counts(process, id.clone(), random.delay())
        });
        let (old, delay, under) = (world.old_user(), random.delay(), id.clone());
        let in_old = async move {
            tokio::time::sleep(delay).await;
            let session = old.open([under.as_str()]).await.unwrap();
            if session.is_new() {
                return false;
            }
            session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).unwrap();
            old.commit(&session).await.result.unwrap();
            true
        };
        let (one, two, three, in_old) = tokio::join!(one, two, three, in_old);
        [one, two, three].into_iter().for_each(|counted| counted.unwrap());
        assert_eq!(number(&world.new_user(), &id).await, Some(3 + u32::from(in_old)), "seed {seed}");
        assert!(!world.is_in_old(&id).await);
        moved_before += usize::from(!in_old);
    }
    assert!((1..1_400).contains(&moved_before), "both orders occur: {moved_before}");
}

/// Two count while a third logs out, in either store.
#[tokio::test(start_paused = true)]
async fn s43_after_a_logout_nothing_is_there() {
    for seed in 1..1_500 {
        let (world, mut random) = (World::default(), Random(seed));
        let id = world.visitor().await;
        let [one, two] = [(); 2].map(|()| {
            let process = random.process(&world);
            counts(process, id.clone(), random.delay())
        });
        let (other, delay) = (random.process(&world), random.delay());
        let logout = async {
            tokio::time::sleep(delay).await;
            request(&other.sessions, &id, Session::destroy).await.result.unwrap();
        };
        let (one, two, ()) = tokio::join!(one, two, logout);
        for counted in [one, two] {
            assert!(matches!(counted, Ok(()) | Err(Error::Gone)), "seed {seed}: {counted:?}");
        }
        let left = world.process();
        assert!(
            keys(&left.sessions, &id).await.is_empty() && keys(&world.new_user(), &id).await.is_empty(),
            "seed {seed}"
        );
        assert!(!world.is_in_old(&id).await, "seed {seed}");
    }
}

/// One counts while another logs in: it is in the new session, or was refused.
#[tokio::test(start_paused = true)]
async fn s05_a_login_stands_and_a_count_is_in_it_or_refused() {
    let mut refused = 0;
    for seed in 1..1_500 {
        let (world, mut random) = (World::default(), Random(seed));
        let id = world.visitor().await;
        let process = random.process(&world);
        let counting = counts(process, id.clone(), random.delay());
        let (other, delay) = (random.process(&world), random.delay());
        let login = async {
            tokio::time::sleep(delay).await;
            let committed = request(&other.sessions, &id, |session| {
                session.rotate();
                session.set("username", "ada").unwrap();
            });
            id_in(&committed.await).unwrap()
        };
        let (counted, new_id) = tokio::join!(counting, login);
        let sessions = world.new_user();
        assert!(keys(&sessions, &new_id).await.contains(&"username".into()), "seed {seed}");
        assert!(keys(&world.process().sessions, &id).await.is_empty(), "seed {seed}: the old id reads nothing");
        match counted {
            Ok(()) => assert_eq!(number(&sessions, &new_id).await, Some(1), "seed {seed}"),
            Err(Error::Retired) => refused += 1,
            other => panic!("seed {seed}: {other:?}"),
        }
    }
    assert!((1..1_400).contains(&refused), "both orders occur: {refused}");
}
