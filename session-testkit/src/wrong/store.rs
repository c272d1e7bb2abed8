//! A memory store with one mistake.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use session_core::{
    Attempt, Binding, Capabilities, Codec, Deleted, Error, Locator, Lookup, MemoryStore, Movable, Operation, Record,
    Result, SessionStore, StoreConfig, Timestamp, Token, Version, Written,
};

use super::store_fault::StoreFault;
use crate::{MovableClock, StoreFixture};

/// A correct store but for one [`StoreFault`]. Clones share their sessions.
#[derive(Clone)]
pub struct WrongStore {
    inner: MemoryStore,
    fault: StoreFault,
    tokens: Arc<Mutex<HashMap<Locator, Token>>>,
}

impl Debug for WrongStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrongStore({:?})", self.fault)?;
        match self.fault {
            StoreFault::DebugPrintsTokens => {
                self.tokens().values().try_for_each(|token| write!(f, " {}", token.expose()))
            }
            _ => Ok(()),
        }
    }
}

impl WrongStore {
    /// A store with this mistake.
    #[must_use]
    pub fn new(fault: StoreFault) -> Self {
        let inner = MemoryStore::new(StoreConfig::default()).expect("the default configuration holds");
        WrongStore { inner, fault, tokens: Arc::default() }
    }

    /// The same, as a fixture.
    #[must_use]
    pub fn fixture(fault: StoreFault) -> StoreFixture {
        let store = WrongStore::new(fault);
        StoreFixture::new(move || store.clone())
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<Locator, Token>> {
        self.tokens.lock().expect("nothing panics under this lock")
    }

    fn is(&self, fault: StoreFault) -> bool {
        self.fault == fault
    }

    /// The token that was meant, to one who looks at the first half only.
    fn meant(&self, token: &Token) -> Token {
        let tokens = self.tokens();
        let half = |token: &Token| token.expose().get(..20).map(str::to_owned);
        tokens.values().find(|known| half(known) == half(token)).unwrap_or(token).clone()
    }

    fn remember(&self, written: Written) -> Written {
        if let Some(token) = &written.token {
            self.tokens().insert(written.at.clone(), token.clone());
        }
        written
    }

    /// The version that is there, whatever the caller has seen.
    async fn present(&self, at: &Locator, seen: &Version) -> Result<Version> {
        match self.inner.reload(at).await? {
            Lookup::Live(loaded) => Ok(loaded.version),
            _ => Ok(*seen),
        }
    }

    fn bent(&self, record: &Record) -> Record {
        match self.fault {
            StoreFault::StoresNothing => Record::new(record.codec(), record.life()),
            _ => record.clone(),
        }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl SessionStore for WrongStore {
    fn capabilities(&self) -> Capabilities {
        let promised = self.inner.capabilities();
        if self.is(StoreFault::TakesTooMuch) { promised.max_payload(256) } else { promised }
    }

    fn codec(&self) -> Codec {
        self.inner.codec()
    }

    /// What is moved passes by its fault.
    fn movable(&self) -> Option<&dyn Movable> {
        self.inner.movable()
    }

    fn bind(&mut self, binding: Binding) {
        let stopped = MovableClock::at(binding.clock.now());
        let never = self.is(StoreFault::NeverExpires);
        self.inner.bind(if never { binding.clock(stopped.shared()) } else { binding });
    }

    fn parse(&self, text: &str) -> Option<Token> {
        let lenient = self.is(StoreFault::ParsesLeniently);
        self.inner.parse(if lenient { text.trim_matches([' ', '"', '\r', '\n']) } else { text })
    }

    async fn load(&self, token: &Token) -> Result<Lookup> {
        let found = match self.fault {
            StoreFault::NeverAnswers => pending().await,
            StoreFault::ComparesHalfAToken => self.inner.load(&self.meant(token)).await?,
            _ => self.inner.load(token).await?,
        };
        match (self.fault, found) {
            (StoreFault::UnknownIsAnError, Lookup::Absent) => Err(Error::backend(Operation::Get, "no such session")),
            (StoreFault::ForgetsRetiredIds, Lookup::Retired { .. }) => Ok(Lookup::Absent),
            (_, found) => Ok(found),
        }
    }

    async fn reload(&self, at: &Locator) -> Result<Lookup> {
        self.inner.reload(at).await
    }

    async fn create(&self, record: &Record, deadline: Timestamp) -> Result<Written> {
        let first = self.tokens().values().next().cloned();
        let written = self.remember(self.inner.create(&self.bent(record), deadline).await?);
        Ok(match first.filter(|_| self.is(StoreFault::SharesTokens)) {
            Some(token) => Written { token: Some(token), ..written },
            None => written,
        })
    }

    async fn replace(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        let done = Written { token: None, at: at.clone(), version: *seen, deadline };
        let record = self.bent(record);
        match self.fault {
            StoreFault::ReplaceForgets => Ok(Attempt::Done(done)),
            StoreFault::ReplaceIgnoresTheVersion => {
                self.inner.replace(at, &self.present(at, seen).await?, &record, deadline).await
            }
            _ => Ok(self.reported(self.inner.replace(at, seen, &record, deadline).await?, done)),
        }
    }

    async fn touch(&self, at: &Locator, seen: &Version, deadline: Timestamp) -> Result<Attempt> {
        let done = Written { token: None, at: at.clone(), version: *seen, deadline };
        let rewrites = matches!(self.fault, StoreFault::TouchIsAReplace | StoreFault::TouchShortens);
        match self.inner.reload(at).await? {
            Lookup::Live(_) if self.is(StoreFault::TouchForgets) => Ok(Attempt::Done(done)),
            Lookup::Live(loaded) if rewrites => self.inner.replace(at, seen, &loaded.record, deadline).await,
            _ => Ok(self.reported(self.inner.touch(at, seen, deadline).await?, done)),
        }
    }

    async fn rotate(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        let done = Written { token: None, at: at.clone(), version: *seen, deadline };
        let seen = match self.fault {
            StoreFault::RotateIgnoresTheVersion => self.present(at, seen).await?,
            _ => *seen,
        };
        match self.fault {
            StoreFault::RotateKeepsTheToken => {
                let token = self.tokens().get(at).cloned();
                Ok(match self.inner.replace(at, &seen, record, deadline).await? {
                    Attempt::Done(written) => Attempt::Done(Written { token, ..written }),
                    other => other,
                })
            }
            StoreFault::RotateLeavesTheOldToken => self.create(record, deadline).await.map(Attempt::Done),
            _ => match self.inner.rotate(at, &seen, &self.bent(record), deadline).await? {
                Attempt::Gone if self.is(StoreFault::RotateRevives) => {
                    self.create(record, deadline).await.map(Attempt::Done)
                }
                Attempt::Done(written) => Ok(Attempt::Done(self.remember(written))),
                other => Ok(self.reported(other, done)),
            },
        }
    }

    async fn delete(&self, at: &Locator, seen: Option<&Version>) -> Result<Deleted> {
        let seen = seen.filter(|_| !self.is(StoreFault::DeleteIgnoresTheVersion));
        match self.fault {
            StoreFault::DeleteForgets => Ok(Deleted::Done),
            StoreFault::DeleteIsAlwaysDone => self.inner.delete(at, seen).await.map(|_| Deleted::Done),
            _ => self.inner.delete(at, seen).await,
        }
    }
}

impl WrongStore {
    /// What the caller is told.
    fn reported(&self, attempt: Attempt, done: Written) -> Attempt {
        match (self.fault, attempt) {
            (StoreFault::GoneIsDone, Attempt::Gone) => Attempt::Done(done),
            (StoreFault::RetiredIsGone, Attempt::Retired { .. }) => Attempt::Gone,
            (_, attempt) => attempt,
        }
    }
}
