//! A client-side store as Flask's is: every write is a new token, which opens for `idle` seconds after it was made, the last one
//! included, and nothing ends one. What a token holds lies beside it, so that no format is needed.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use session_tower::session_core::{
    Attempt, Binding, Capabilities, Codec, Deleted, Loaded, Locator, Lookup, Record, RecordKey, Result, SessionStore,
    Timestamp, Token, Version, Written,
};

#[derive(Debug, Default)]
pub(crate) struct CookieModel {
    binding: Binding,
    made: Mutex<HashMap<String, (Record, Timestamp)>>,
}

impl CookieModel {
    fn open(&self, text: &str) -> Lookup {
        let made = self.made.lock().unwrap();
        let Some((record, at)) = made.get(text) else { return Lookup::Absent };
        let age = self.binding.clock.now().as_secs() - at.as_secs();
        if age > self.binding.idle.as_secs() {
            return Lookup::Absent;
        }
        Lookup::Live(Loaded {
            record: record.clone(),
            version: Version::from_bytes([0; 16]),
            deadline: at.plus(self.binding.idle),
            at: Locator::new(RecordKey::new(text)),
        })
    }

    fn write(&self, record: &Record) -> Written {
        let now = self.binding.clock.now();
        let mut made = self.made.lock().unwrap();
        let text = format!("token-{}", made.len());
        made.insert(text.clone(), (record.clone(), now));
        Written {
            token: Token::parse_opaque(&text),
            at: Locator::new(RecordKey::new(text.as_str())),
            version: Version::from_bytes([0; 16]),
            deadline: now.plus(self.binding.idle),
        }
    }
}

#[async_trait]
impl SessionStore for CookieModel {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().revocable(false).mergeable(false).token_per_write(true)
    }
    fn codec(&self) -> Codec {
        Codec::default()
    }
    fn bind(&mut self, binding: Binding) {
        self.binding = binding;
    }
    fn parse(&self, text: &str) -> Option<Token> {
        Token::parse_opaque(text)
    }
    async fn load(&self, token: &Token) -> Result<Lookup> {
        Ok(self.open(token.expose()))
    }
    async fn reload(&self, at: &Locator) -> Result<Lookup> {
        Ok(self.open(at.key().as_str()))
    }
    async fn create(&self, record: &Record, _: Timestamp) -> Result<Written> {
        Ok(self.write(record))
    }
    async fn replace(&self, _: &Locator, _: &Version, record: &Record, _: Timestamp) -> Result<Attempt> {
        Ok(Attempt::Done(self.write(record)))
    }
    async fn touch(&self, at: &Locator, _: &Version, _: Timestamp) -> Result<Attempt> {
        Ok(match self.open(at.key().as_str()) {
            Lookup::Live(loaded) => Attempt::Done(self.write(&loaded.record)),
            _ => Attempt::Gone,
        })
    }
    async fn rotate(&self, _: &Locator, _: &Version, record: &Record, _: Timestamp) -> Result<Attempt> {
        Ok(Attempt::Done(self.write(record)))
    }
    async fn delete(&self, _: &Locator, _: Option<&Version>) -> Result<Deleted> {
        Ok(Deleted::Done)
    }
}
