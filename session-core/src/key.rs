//! Keys of a session's values: plain strings, or typed constants.

use std::fmt::{self, Debug};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A typed key: what is read and written under it is always a `T`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use session_core::{Key, Sessions, SessionConfig, MemoryStore};
///
/// #[derive(Serialize, Deserialize, PartialEq, Debug)]
/// struct User { name: String }
///
/// const USER: Key<User> = Key::new("user");
///
/// # fn main() -> session_core::Result<()> {
/// let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default())?;
/// let session = sessions.fresh();
/// let user = User { name: "Ada".into() };
///
/// session.set(USER, &user)?;                       // by reference …
/// session.set(USER, user)?;                        // … or by value
/// let user = session.require(USER)?;               // no turbofish
/// assert_eq!(user.name, "Ada");
///
/// session.set("n", 1)?;                            // a plain string takes any type
/// assert_eq!(session.get::<u32>("n")?, Some(1));
/// # Ok(()) }
/// ```
pub struct Key<T: ?Sized> {
    name: &'static str,
    value: PhantomData<fn() -> Box<T>>,
}

impl<T: ?Sized> Key<T> {
    /// The key of this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Key { name, value: PhantomData }
    }
}

impl<T: ?Sized> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Key<T> {}

impl<T: ?Sized> Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.name)
    }
}

/// Anything that names a session's key.
pub trait KeyName {
    /// The name under which the value lies in the session.
    fn name(&self) -> &str;
}

/// A key under which a `T` can be read.
#[diagnostic::on_unimplemented(
    message = "the key `{Self}` does not hold a `{T}`",
    note = "a `Key<T>` reads its own type; a string key reads any type that implements `DeserializeOwned`"
)]
pub trait ReadKey<T>: KeyName {}

/// A key under which a `V` can be written.
#[diagnostic::on_unimplemented(
    message = "a `{V}` cannot be stored under the key `{Self}`",
    note = "a `Key<T>` takes a `T` or a `&T`; a string key takes anything that implements `Serialize`"
)]
pub trait WriteKey<V>: KeyName {}

impl KeyName for &str {
    fn name(&self) -> &str {
        self
    }
}

impl KeyName for &String {
    fn name(&self) -> &str {
        self
    }
}

impl KeyName for String {
    fn name(&self) -> &str {
        self
    }
}

impl<T: ?Sized> KeyName for Key<T> {
    fn name(&self) -> &str {
        self.name
    }
}

impl<T: DeserializeOwned> ReadKey<T> for &str {}
impl<T: DeserializeOwned> ReadKey<T> for &String {}
impl<T: DeserializeOwned> ReadKey<T> for String {}
impl<T: DeserializeOwned> ReadKey<T> for Key<T> {}

impl<V: Serialize> WriteKey<V> for &str {}
impl<V: Serialize> WriteKey<V> for &String {}
impl<V: Serialize> WriteKey<V> for String {}
impl<T: Serialize> WriteKey<T> for Key<T> {}
impl<T: Serialize> WriteKey<&T> for Key<T> {}
impl WriteKey<&str> for Key<String> {}
