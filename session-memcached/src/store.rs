//! Sessions in Memcached.

use session_core::{Result, ServerSide, SessionStore, Wraps};

use crate::backend::MemcachedBackend;
use crate::client::MemcachedClient;
use crate::config::MemcachedConfig;

/// Sessions in Memcached. A clone shares the connections.
///
/// ```
/// use session_core::{SessionConfig, Sessions};
/// use session_memcached::MemcachedStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// let store = MemcachedStore::connect("memcache://127.0.0.1:11211,127.0.0.1:11212").await?;
/// let sessions = Sessions::new(store, SessionConfig::default())?;
/// # let _ = sessions; Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct MemcachedStore(ServerSide<MemcachedBackend>);

impl MemcachedStore {
    /// A store on the servers at `url` with the default settings; see [`connect_with`](MemcachedStore::connect_with).
    ///
    /// # Errors
    /// As [`connect_with`](MemcachedStore::connect_with).
    pub async fn connect(url: impl Into<String>) -> Result<Self> {
        Self::connect_with(MemcachedConfig::new(url)).await
    }

    /// A store on the servers that the configuration names. Their names are looked up now, once; connections are opened when
    /// they are needed, so that an application starts while its servers are away.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right or a name that cannot be looked up, in
    /// one line that says what to mend.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use session_memcached::MemcachedStore;
    ///
    /// let refused = MemcachedStore::connect("redis://localhost").await.unwrap_err();
    /// let line = "url: it does not begin with memcache://; write memcache://host:port,host:port";
    /// assert_eq!(refused.to_string(), line);
    /// # }
    /// ```
    pub async fn connect_with(config: MemcachedConfig) -> Result<Self> {
        Self::on(MemcachedBackend::connect(config.clone()).await?, config)
    }

    /// A store on connections of your own. What the configuration says about connections is not used; its `max_item_size` is.
    ///
    /// # Errors
    /// [`Error::Config`](session_core::Error::Config) for a setting that cannot be right.
    pub fn new(client: impl Into<MemcachedClient>, config: MemcachedConfig) -> Result<Self> {
        Self::on(MemcachedBackend::new(client, config.clone())?, config)
    }

    fn on(backend: MemcachedBackend, config: MemcachedConfig) -> Result<Self> {
        ServerSide::new(backend, config.store).map(MemcachedStore)
    }
}

impl Wraps for MemcachedStore {
    fn inner(&self) -> &dyn SessionStore {
        &self.0
    }
    fn inner_mut(&mut self) -> &mut dyn SessionStore {
        &mut self.0
    }
}
