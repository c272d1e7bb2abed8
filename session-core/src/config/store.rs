//! What a server-side store needs to know.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::seconds;
use crate::error::{Error, Result};
use crate::layout::{Layout, NativeLayout, Shape};
use crate::record::Codec;

/// How a server-side store keeps records.
///
/// ```
/// use session_core::{MemoryStore, StoreConfig};
///
/// let store = MemoryStore::new(StoreConfig::default().prefix("shop:").max_payload(16 * 1024))?;
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StoreConfig {
    /// What every key begins with (Flask-Session's `SESSION_KEY_PREFIX`). Default: `session:`.
    pub prefix: String,
    /// Whether keys hold the SHA-256 of the token instead of the token. Default: yes, so that a leaked dump opens no session.
    pub hash_keys: bool,
    /// The codec of new records. Default: MessagePack.
    pub codec: Codec,
    /// The largest record that is written, in bytes; a larger one is [`Error::TooLarge`] before anything is sent. Default: 64 KiB.
    pub max_payload: usize,
    /// How long one store call may take before it is repeated or given up. Default: 1.5 s. In configuration files: seconds.
    #[serde(with = "seconds")]
    pub call_timeout: Duration,
    /// The longest pause before a failed call is repeated; the actual one is drawn between half of it and the whole. Default: 20 ms.
    #[serde(with = "seconds")]
    pub retry_pause: Duration,
    /// Another layout than the native one, such as Flask-Session's. Default: none.
    #[serde(skip)]
    pub layout: Option<Arc<dyn Layout>>,
}

impl Default for StoreConfig {
    fn default() -> Self {
        StoreConfig {
            prefix: "session:".into(),
            hash_keys: true,
            codec: Codec::default(),
            max_payload: 64 * 1024,
            call_timeout: Duration::from_millis(1500),
            retry_pause: Duration::from_millis(20),
            layout: None,
        }
    }
}

impl StoreConfig {
    /// Sets the prefix of every key: letters, digits and `. : _ -`, at most 64.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Keys at rest that hold the token itself: whoever reads a dump of the store can take over every session in it. Only for
    /// sharing sessions with a library that does so.
    #[must_use]
    pub fn danger_plain_keys(mut self) -> Self {
        self.hash_keys = false;
        self
    }

    /// Sets the codec of new records.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Sets the largest record that is written, in bytes.
    #[must_use]
    pub fn max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = bytes;
        self
    }

    /// Sets how long one store call may take.
    #[must_use]
    pub fn call_timeout(mut self, time: Duration) -> Self {
        self.call_timeout = time;
        self
    }

    /// Sets the longest pause before a failed call is repeated; zero repeats at once.
    #[must_use]
    pub fn retry_pause(mut self, time: Duration) -> Self {
        self.retry_pause = time;
        self
    }

    /// Sets another layout than the native one.
    #[must_use]
    pub fn layout(mut self, layout: impl Layout) -> Self {
        self.layout = Some(Arc::new(layout));
        self
    }

    /// How records are to lie in the store: what the layout says.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.layout.as_ref().map_or(Shape::Native, |layout| layout.shape())
    }

    /// The layout that holds, after checking every field.
    pub(crate) fn resolve(&self, most: usize) -> Result<Arc<dyn Layout>> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".:_-".contains(&byte);
        if self.prefix.len() > 64 || !self.prefix.bytes().all(legal) {
            let fix = "use at most 64 letters, digits and . : _ -";
            return Err(Error::config("SESSION_KEY_PREFIX", format!("{:?} cannot begin a key", self.prefix), fix));
        }
        if self.max_payload == 0 || self.max_payload > most {
            let fix = format!("choose 1 to {most}, which is what this store takes");
            return Err(Error::config("max_payload", format!("{} bytes", self.max_payload), fix));
        }
        if self.call_timeout.is_zero() {
            return Err(Error::config("call_timeout", "zero", "choose a time above zero"));
        }
        Ok(self.layout.clone().unwrap_or_else(|| Arc::new(NativeLayout::new(&self.prefix, self.hash_keys, self.codec))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s54_a_prefix_is_letters_digits_and_little_else() {
        for prefix in ["a b", "a\r\nset", "{tag}", "naïve", "a'b", "a*", &"x".repeat(65)] {
            let refused = StoreConfig::default().prefix(prefix).resolve(1 << 20).unwrap_err().to_string();
            assert!(refused.starts_with("SESSION_KEY_PREFIX"), "{refused}");
        }
        assert!(StoreConfig::default().prefix("").resolve(1 << 20).is_ok());
        assert!(StoreConfig::default().max_payload(2).resolve(1).unwrap_err().to_string().starts_with("max_payload"));
    }
}
