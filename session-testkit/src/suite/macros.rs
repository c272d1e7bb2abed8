//! From one fixture to one test for each check.

/// Every check as a `#[test]` of its own on a [`Backend`](session_core::Backend): by itself, under
/// [`ServerSide`](session_core::ServerSide), as a store, and under [`Sessions`](session_core::Sessions).
///
/// `fixture` names an async function without arguments that gives a fresh [`Fixture`](crate::Fixture); it is called once a test.
/// `lacks` lists what the backend has not ([`Need`](crate::Need)): the checks that need it are excluded and say so, and a
/// list that is not exactly right fails.
///
/// ```
/// use session_core::MemoryBackend;
/// use session_testkit::Fixture;
///
/// async fn memory() -> Fixture<MemoryBackend> {
///     Fixture::new(MemoryBackend::default())
/// }
///
/// session_testkit::conformance! { fixture: memory, lacks: [Outage] }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance {
    (fixture: $fixture:ident, lacks: [$($lack:ident),* $(,)?] $(,)?) => {
        mod backend {
            use super::$fixture;
            $crate::__backend_checks!([$crate::__tests] run_on_backend, $fixture, [$($lack)*]);

            #[test]
            fn lacks_what_it_declares() {
                $crate::suite::compare_lacks(&[$($crate::Need::$lack),*], $fixture());
            }
        }
        mod server_side {
            use super::$fixture;
            $crate::__server_side_checks!([$crate::__tests] run_on_backend, $fixture, [$($lack)*]);
        }
        mod store {
            async fn as_store() -> $crate::StoreFixture {
                super::$fixture().await.into_store()
            }
            $crate::__store_checks!([$crate::__tests] run_on_store, as_store, [$($lack)*]);
        }
        mod sessions {
            async fn as_store() -> $crate::StoreFixture {
                super::$fixture().await.into_store()
            }
            $crate::__sessions_checks!([$crate::__tests] run_on_store, as_store, [$($lack)*]);
        }
    };
}

/// The checks of [`conformance!`](crate::conformance) that a store can be asked which is no backend, such as one that keeps its
/// sessions in the visitor's own cookie.
///
/// ```
/// use session_core::MemoryStore;
/// use session_testkit::StoreFixture;
///
/// async fn memory() -> StoreFixture {
///     let store = MemoryStore::default();
///     StoreFixture::new(move || store.clone())
/// }
///
/// session_testkit::store_conformance! { fixture: memory, lacks: [] }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_conformance {
    (fixture: $fixture:ident, lacks: [$($lack:ident),* $(,)?] $(,)?) => {
        mod store {
            use super::$fixture;
            $crate::__store_checks!([$crate::__tests] run_on_store, $fixture, [$($lack)*]);

            #[test]
            fn lacks_what_it_declares() {
                $crate::suite::compare_lacks(&[$($crate::Need::$lack),*], $fixture());
            }
        }
        mod sessions {
            use super::$fixture;
            $crate::__sessions_checks!([$crate::__tests] run_on_store, $fixture, [$($lack)*]);
        }
    };
}

/// One test for each name of a list.
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($run:ident, $fixture:ident, $lacks:tt => $($name:ident [$($need:ident),*];)*) => {
        $($crate::__test!($run, $fixture, $lacks, $name);)*
    };
}

/// One test.
#[doc(hidden)]
#[macro_export]
macro_rules! __test {
    ($run:ident, $fixture:ident, [$($lack:ident)*], $name:ident) => {
        #[test]
        fn $name() {
            $crate::suite::$run(stringify!($name), &[$($crate::Need::$lack),*], $fixture);
        }
    };
}
