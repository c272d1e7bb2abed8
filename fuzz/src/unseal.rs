//! Any bytes as sealed cookies.

use std::cell::RefCell;
use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_cookie::CookieStore;
use session_cookie::session_flask::{Signer, SignerConfig};
use session_core::{Attempt, Binding, Clock, Error, Life, Loaded, Lookup, Record, SecretKeys, SessionStore, Timestamp};

const KEY: &str = "a key for fuzzing, 32 bytes or more";
const NOW: Timestamp = Timestamp::from_millis(1_735_689_600_000);

thread_local! {
    static RUNTIME: RefCell<tokio::runtime::Runtime> = RefCell::new(
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime"),
    );
    /// Encrypted, signed, Flask's.
    static STORES: [CookieStore; 3] = stores();
}

/// A clock that stands still, so that what is read does not depend on when.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        NOW
    }
}

fn stores() -> [CookieStore; 3] {
    let keys = SecretKeys::new(KEY).expect("it is long enough");
    let own =
        [CookieStore::encrypted(&keys), CookieStore::signed(&keys)].map(|store| store.expect("the defaults hold"));
    let [encrypted, signed] = own;
    [encrypted, signed, CookieStore::flask(signer())].map(|mut store| {
        store.bind(Binding::default().clock(std::sync::Arc::new(Stopped)));
        store
    })
}

fn signer() -> Signer {
    Signer::new(KEY, [""; 0], &SignerConfig::default()).expect("it is long enough")
}

/// As a cookie's text the bytes open nothing. Under a good signature of Flask's they are a session or none. As a record they are sealed and
/// come back. Never a panic, never an error but `TooLarge`.
pub fn any_bytes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    STORES.with(|stores| {
        RUNTIME.with_borrow(|runtime| {
            runtime.block_on(async {
                for store in stores {
                    assert!(load(store, &text).await.is_none(), "nobody sealed it");
                    as_record(store, data).await;
                }
                for payload in [text.into_owned(), URL_SAFE_NO_PAD.encode(data)] {
                    written_again(&stores[2], &signer().sign(&payload, NOW)).await;
                }
            });
        });
    });
}

async fn load(store: &CookieStore, text: &str) -> Option<Loaded> {
    match store.load(&store.parse(text)?).await.expect("no cookie is an error") {
        Lookup::Live(loaded) => Some(loaded),
        _ => None,
    }
}

/// A session that was sealed again has the same keys, and is the same when it is sealed once more: Flask sorts the keys at first.
async fn written_again(store: &CookieStore, cookie: &str) {
    let Some(first) = load(store, cookie).await else { return };
    let Some(second) = sealed_again(store, &first).await else { return };
    let third = sealed_again(store, &second).await.expect("it fits as well as before");
    let sorted = |loaded: &Loaded| loaded.record.names().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(sorted(&first), sorted(&second), "the same keys");
    assert!(second.record == third.record && second.at == third.at, "the same session");
}

/// Nothing where it is too large.
async fn sealed_again(store: &CookieStore, loaded: &Loaded) -> Option<Loaded> {
    let written = match store.touch(&loaded.at, &loaded.version, loaded.deadline).await {
        Ok(Attempt::Done(written)) => written,
        Err(Error::TooLarge { .. }) => return None,
        other => panic!("{other:?}"),
    };
    let token = written.token.expect("each write has a cookie");
    Some(load(store, token.expose()).await.expect("what was sealed opens"))
}

async fn as_record(store: &CookieStore, data: &[u8]) {
    let life = Life { created: NOW, absolute: Timestamp::MAX };
    let Ok(record) = Record::decode(&data.to_vec().into(), life) else { return };
    // A record in another codec, or with an extension that is none, is none of Flask's.
    let Ok(written) = store.create(&record, NOW.plus(std::time::Duration::from_secs(60))).await else { return };
    written_again(store, written.token.expect("a new session has a cookie").expose()).await;
}
