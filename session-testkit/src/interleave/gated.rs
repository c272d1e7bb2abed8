//! The store on which a schedule is played, as the code under test sees it.

use std::future::{Future, poll_fn};
use std::task::Poll;

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{
    AtomicRename, Backend, Capabilities, Codec, Entry, Layout, Life, Operation, Record, RecordKey, Removed, Rename,
    Result, Stored, Swapped, Timestamp, Token, Version,
};

use super::late::Write;
use super::stage::{Actor, Call, Fate, Line, Said, Stage, fingerprint, letter};

/// What was said, and a fingerprint of whatever else the caller learnt.
type Read = (Said, u64);

impl Stage {
    /// One call of the one who runs: waits for its fate, is carried out or not, and is answered or not.
    async fn play<T>(
        &self,
        call: Call,
        act: impl Future<Output = Result<T>>,
        read: impl Fn(&T) -> Read,
        write: impl FnOnce() -> Option<Write>,
    ) -> Result<T> {
        self.desk().note(&call.key);
        let Some(actor) = self.desk().actor else { return act.await };
        let operation = call.operation;
        let fate = self.fate(actor, &call).await;
        if !fate.is_carried_out() {
            self.desk().late = write().filter(|_| fate == Fate::Late);
            self.write_down(actor, call, (Said::Unanswered, fingerprint(fate)), false);
            return Err(fate.error(operation));
        }
        let answer = act.await?;
        let read = read(&answer);
        let done = read.0 == Said::Done;
        if fate == Fate::Pass {
            self.write_down(actor, call, read, done);
            return Ok(answer);
        }
        self.write_down(actor, call, (Said::Unanswered, fingerprint(fate)), done);
        Err(fate.error(operation))
    }

    async fn fate(&self, actor: Actor, call: &Call) -> Fate {
        self.desk().waiting[actor] = Some(call.clone());
        poll_fn(|_| self.desk().fates[actor].take().map_or(Poll::Pending, Poll::Ready)).await
    }

    fn write_down(&self, actor: Actor, call: Call, (said, detail): Read, done: bool) {
        let mut desk = self.desk();
        desk.heard[actor] = fingerprint((desk.heard[actor], &call, &said, detail));
        let at = desk.log.len();
        desk.log.push(Line { at, actor, call, said, done });
    }

    fn call(&self, operation: Operation, key: &RecordKey, seen: Option<&Version>) -> Call {
        let seen = seen.map(|version| self.desk().name(version));
        Call { operation, key: key.as_str().to_owned(), seen, marks: false }
    }

    fn read_found(&self, found: Option<&Entry>) -> Read {
        let said = match found {
            None => Said::Nothing,
            Some(Entry::Live(_)) => Said::Live,
            Some(Entry::Retired(marker)) => Said::retired(marker),
        };
        (said, found.map_or(0, |entry| self.print(entry)))
    }
}

fn read_swapped(swapped: &Swapped) -> Read {
    let said = match swapped {
        Swapped::Done => Said::Done,
        Swapped::Conflict => Said::Conflict,
        Swapped::Gone => Said::Nothing,
        Swapped::Retired(marker) => Said::retired(marker),
    };
    (said, 0)
}

fn read_removed(removed: &Removed) -> Read {
    let said = match removed {
        Removed::Done => Said::Done,
        Removed::Conflict => Said::Conflict,
        Removed::Absent => Said::Nothing,
        Removed::Retired(marker) => Said::retired(marker),
    };
    (said, 0)
}

#[async_trait]
impl Backend for Stage {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        let call = self.call(Operation::Get, key, None);
        self.play(call, self.inner.get(key, now), |found| self.read_found(found.as_ref()), || None).await
    }

    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        self.desk().name(&new.version);
        let call = self.call(Operation::Insert, key, None);
        let read = |done: &bool| (if *done { Said::Done } else { Said::Conflict }, 0);
        let write = || Some(Write::Insert(key.clone(), new.clone()));
        self.play(call, self.inner.insert(key, new, now), read, write).await
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        self.desk().name(new.version());
        let marks = matches!(new, Entry::Retired(_));
        let call = Call { marks, ..self.call(Operation::Swap, key, Some(seen)) };
        let write = || Some(Write::Swap(key.clone(), *seen, new.clone()));
        self.play(call, self.inner.swap(key, seen, new, now), read_swapped, write).await
    }

    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        let call = self.call(Operation::Touch, key, Some(seen));
        let write = || Some(Write::Touch(key.clone(), *seen, deadline));
        self.play(call, self.inner.touch(key, seen, deadline, now), read_swapped, write).await
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        let call = self.call(Operation::Remove, key, seen);
        let write = || Some(Write::Remove(key.clone(), seen.copied()));
        self.play(call, self.inner.remove(key, seen, now), read_removed, write).await
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        self.inner.sweep(limit, now).await
    }

    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        let renamer = self.inner.atomic_rename().filter(|_| !self.two_step);
        renamer.map(|_| self as &dyn AtomicRename)
    }
}

#[async_trait]
impl AtomicRename for Stage {
    async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        self.desk().name(&rename.record.version);
        self.desk().note(rename.to.as_str());
        let inner = self.inner.atomic_rename().expect("asked for only where `atomic_rename` gave it");
        let call = self.call(Operation::Rename, rename.from, Some(rename.seen));
        self.play(call, inner.rename(rename, now), read_swapped, || Some(Write::rename(rename))).await
    }
}

/// Ids are the names of those who drew them; records are the real ones.
impl Layout for Stage {
    fn mint(&self) -> Result<Token> {
        let mut desk = self.desk();
        let name = match desk.actor {
            None => "k0".to_owned(),
            Some(actor) => {
                desk.minted[actor] += 1;
                format!("{}{}", letter(actor), desk.minted[actor])
            }
        };
        Ok(Token::parse_opaque(&name).expect("letters and digits"))
    }

    fn parse(&self, text: &str) -> Option<Token> {
        Token::parse_opaque(text)
    }

    fn key(&self, token: &Token) -> RecordKey {
        RecordKey::new(token.expose())
    }

    fn codec(&self) -> Codec {
        Codec::MessagePack
    }

    fn encode(&self, record: &Record) -> Result<Bytes> {
        record.encode()
    }

    fn decode(&self, stored: &Bytes, life: Life) -> Result<Record> {
        Record::decode(stored, life)
    }
}
