//! The suite of session-testkit on both seals. What a client-side store cannot keep is listed in the output as excluded.
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
