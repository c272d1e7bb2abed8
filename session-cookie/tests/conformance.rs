//! The suite of session-testkit on each seal. What a client-side store cannot keep is listed in the output as excluded.
#![allow(clippy::unwrap_used)] // Tests.

use session_cookie::{CookieStore, CookieStoreConfig, Sealing};
use session_core::{Codec, SecretKeys};
use session_testkit::StoreFixture;

fn fixture(config: CookieStoreConfig) -> StoreFixture {
    let keys = SecretKeys::new("the key of these tests, 32 bytes or more").unwrap();
    StoreFixture::new(move || CookieStore::new(&keys, config.clone()).unwrap())
}

mod encrypted {
    use super::*;

    async fn encrypted() -> StoreFixture {
        fixture(CookieStoreConfig::default())
    }

    session_testkit::store_conformance! { fixture: encrypted, lacks: [Revocable, Mergeable, SteadyToken] }
}

mod signed_json {
    use super::*;

    async fn signed_json() -> StoreFixture {
        fixture(CookieStoreConfig::default().sealing(Sealing::Signed).codec(Codec::Json))
    }

    session_testkit::store_conformance! { fixture: signed_json, lacks: [Revocable, Mergeable, SteadyToken] }
}

/// A session with an absolute end and deadlines finer than a second, which Flask's cookie has no place for: they stand under a key of this
/// library's own. `tests/flask` has the cookies that are as Flask writes them.
#[cfg(feature = "flask")]
mod flask {
    use session_cookie::session_flask::{Signer, SignerConfig};

    use super::*;

    async fn flask() -> StoreFixture {
        let signer =
            Signer::new("the key of these tests, 32 bytes or more", [""; 0], &SignerConfig::default()).unwrap();
        StoreFixture::new(move || CookieStore::flask(signer.clone())).sorts_keys()
    }

    session_testkit::store_conformance! { fixture: flask, lacks: [Revocable, Mergeable, SteadyToken] }
}
