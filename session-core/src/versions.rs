//! Versions for a store's writes: one call to the operating system's generator for many of them.
//!
//! They tell writes apart and are no secrets, so that some may lie ready; ids are drawn when they are needed. They belong to one
//! store, which has connections and so lives on one side of a `fork`: two processes never draw from the same ones.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::token::Version;

const LENGTH: usize = 16;
const MANY: usize = 64;

/// Versions that lie ready. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Versions(Arc<Mutex<Ready>>);

struct Ready {
    bytes: [u8; LENGTH * MANY],
    left: usize,
}

impl Default for Ready {
    fn default() -> Self {
        Ready { bytes: [0; LENGTH * MANY], left: 0 }
    }
}

impl Versions {
    /// One that was never drawn before.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the operating system gives no random bytes.
    pub(crate) fn draw(&self) -> Result<Version> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).draw()
    }
}

impl Ready {
    fn draw(&mut self) -> Result<Version> {
        if self.left == 0 {
            getrandom::fill(&mut self.bytes).map_err(Error::random)?;
            self.left = MANY;
        }
        self.left -= 1;
        let (versions, _) = self.bytes.as_chunks();
        Ok(Version::from_bytes(versions[self.left]))
    }
}

impl Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Versions")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_version_is_drawn_twice() {
        let (here, there) = (Versions::default(), Versions::default());
        let clone = here.clone();
        let drawn: HashSet<_> =
            (0..3 * MANY).flat_map(|_| [&here, &clone, &there].map(|versions| versions.draw().unwrap())).collect();
        assert_eq!(drawn.len(), 9 * MANY);
        assert!(!drawn.contains(&Version::from_bytes([0; LENGTH])));
    }
}
