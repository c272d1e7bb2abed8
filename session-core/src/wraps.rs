//! A store around another.

use std::fmt::Debug;
use std::pin::Pin;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::movable::Movable;
use crate::record::{Codec, Record};
use crate::store::{Attempt, Binding, Capabilities, Deleted, Lookup, SessionStore, Written};
use crate::token::{Locator, Token, Version};

/// A store that is a wrapper around another, such as `MemoryStore` around `ServerSide<…>`.
///
/// Whatever implements this is a [`SessionStore`], by one implementation that forwards every method.
pub trait Wraps: Debug + Send + Sync + 'static {
    /// The store inside.
    fn inner(&self) -> &dyn SessionStore;
    /// The store inside, to be bound.
    fn inner_mut(&mut self) -> &mut dyn SessionStore;
    /// Called when the store inside has been bound: for work of the wrapper's own, such as a sweeper, that must go by the same
    /// clock. Does nothing by default.
    fn bound(&mut self) {}
}

impl Wraps for Box<dyn SessionStore> {
    fn inner(&self) -> &dyn SessionStore {
        &**self
    }
    fn inner_mut(&mut self) -> &mut dyn SessionStore {
        &mut **self
    }
}

/// The signatures that `async_trait` makes, written out: the future of the store inside is handed on as it is, without a box of its
/// own around it.
macro_rules! forward {
    ($($method:ident<$($life:lifetime),*>($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        $(fn $method<'s, $($life,)* 'call>(
            &'s self,
            $($argument: $type),*
        ) -> Pin<Box<dyn Future<Output = Result<$output>> + Send + 'call>>
        where
            's: 'call,
            $($life: 'call,)*
            Self: 'call,
        {
            self.inner().$method($($argument),*)
        })*
    };
}

#[deny(clippy::missing_trait_methods)]
impl<W: Wraps> SessionStore for W {
    fn capabilities(&self) -> Capabilities {
        self.inner().capabilities()
    }
    fn codec(&self) -> Codec {
        self.inner().codec()
    }
    fn movable(&self) -> Option<&dyn Movable> {
        self.inner().movable()
    }
    fn bind(&mut self, binding: Binding) {
        self.inner_mut().bind(binding);
        self.bound();
    }
    fn parse(&self, text: &str) -> Option<Token> {
        self.inner().parse(text)
    }
    forward! {
        load<'a>(token: &'a Token) -> Lookup;
        reload<'a>(at: &'a Locator) -> Lookup;
        create<'a>(record: &'a Record, deadline: Timestamp) -> Written;
        replace<'a, 'b, 'c>(at: &'a Locator, seen: &'b Version, record: &'c Record, deadline: Timestamp) -> Attempt;
        touch<'a, 'b>(at: &'a Locator, seen: &'b Version, deadline: Timestamp) -> Attempt;
        rotate<'a, 'b, 'c>(at: &'a Locator, seen: &'b Version, record: &'c Record, deadline: Timestamp) -> Attempt;
        delete<'a, 'b>(at: &'a Locator, seen: Option<&'b Version>) -> Deleted;
    }
}
