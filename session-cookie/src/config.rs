//! What a client-side store needs to know beside its keys.

use std::borrow::Cow;

use session_core::{Codec, Error, Result};

/// How the cookie is sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sealing {
    /// XAES-256-GCM: the visitor can neither read nor change the session.
    #[default]
    Encrypted,
    /// HMAC-SHA-256: the visitor can read the session, and not change it.
    Signed,
}

/// How [`CookieStore`](crate::CookieStore) makes cookies.
///
/// ```
/// use session_cookie::{CookieStore, CookieStoreConfig, Sealing};
/// use session_core::SecretKeys;
///
/// let keys = SecretKeys::new("correct horse battery staple, and some more")?;
/// let store = CookieStore::new(&keys, CookieStoreConfig::default().sealing(Sealing::Signed).application("shop"))?;
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CookieStoreConfig {
    /// How the cookie is sealed. Default: encrypted.
    pub sealing: Sealing,
    /// A name that is bound into each cookie: applications of other names don't open it, though they have the same SECRET_KEY and
    /// cookie name. It is not secret. Default: empty. Changing it logs everybody out.
    pub application: Cow<'static, str>,
    /// The codec of new records. Default: MessagePack.
    pub codec: Codec,
}

impl CookieStoreConfig {
    session_core::setters! {
        /// Sets how the cookie is sealed.
        sealing: Sealing,
        /// Sets the codec of new records.
        codec: Codec,
    }

    /// Sets the application's name, of which cookies of other applications do not open.
    #[must_use]
    pub fn application(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.application = name.into();
        self
    }

    /// A NUL ends the name where it is bound into the cookie.
    pub(crate) fn check(&self) -> Result<()> {
        match self.application.contains('\0') {
            true => Err(Error::config("application", "it holds a NUL character", "choose another name")),
            false => Ok(()),
        }
    }
}
