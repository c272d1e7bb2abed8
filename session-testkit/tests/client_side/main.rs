//! The suite on a store that is no backend: sessions that live in the visitor's cookie, as in `session-cookie`.

#![allow(clippy::expect_used)]

mod toy;

use session_testkit::StoreFixture;
use toy::ToyCookieStore;

async fn cookie() -> StoreFixture {
    StoreFixture::new(ToyCookieStore::default)
}

session_testkit::store_conformance! { fixture: cookie, lacks: [Revocable, Mergeable, SteadyToken] }
