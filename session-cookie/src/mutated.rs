//! Cookies that somebody has tampered with.

use std::sync::Arc;

use session_core::{Binding, Lookup, Record, SecretKeys, SessionStore, Timestamp};

use crate::head::spy;
use crate::{CookieStore, CookieStoreConfig, Sealing};

const MUTATIONS: usize = 100_000;
const SEALINGS: [Sealing; 2] = [Sealing::Encrypted, Sealing::Signed];
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// SplitMix64: the same mutations in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }
}

fn store(sealing: Sealing, key: &str, name: &str) -> CookieStore {
    let keys = SecretKeys::new(key).unwrap();
    let mut store = CookieStore::new(&keys, CookieStoreConfig::default().sealing(sealing)).unwrap();
    let mut binding = Binding::default();
    binding.cookie_name = name.into();
    store.bind(binding);
    store
}

const KEY: &str = "the key of these tests, 32 bytes or more";

fn own(sealing: Sealing) -> CookieStore {
    store(sealing, KEY, "id")
}

/// One store for each seal.
fn all() -> Vec<CookieStore> {
    let mut all: Vec<CookieStore> = SEALINGS.map(own).into();
    #[cfg(feature = "flask")]
    all.push(flask(KEY, &session_flask::SignerConfig::default()));
    all
}

#[cfg(feature = "flask")]
fn flask(key: &str, config: &session_flask::SignerConfig) -> CookieStore {
    CookieStore::flask(session_flask::Signer::new(key, [""; 0], config).unwrap())
}

/// A session of this size, as this store seals it.
async fn cookie(store: &CookieStore, filling: usize) -> String {
    // Nothing that compresses.
    let mut random = Random(u64::try_from(filling).unwrap());
    let text: String = (0..filling).map(|_| char::from(ALPHABET[random.below(64)])).collect();
    let encoded =
        [&[0x81, 0xa4][..], b"user", &[0xda], &u16::try_from(filling).unwrap().to_be_bytes(), text.as_bytes()];
    let life = session_core::Life { created: Timestamp::default(), absolute: Timestamp::MAX };
    let record = Record::decode(&encoded.concat().into(), life).unwrap();
    store.create(&record, Timestamp::MAX).await.unwrap().token.unwrap().expose().to_owned()
}

async fn opens(store: &CookieStore, text: &str) -> bool {
    match store.parse(text) {
        Some(token) => matches!(store.load(&token).await.unwrap(), Lookup::Live(_)),
        None => false,
    }
}

fn mutate(random: &mut Random, text: &str, other: &str) -> String {
    let (mut bytes, at) = (text.as_bytes().to_vec(), random.below(text.len()));
    match random.below(7) {
        0 => bytes[at] ^= 1 << random.below(7),
        1 => bytes[at] = ALPHABET[random.below(64)],
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(..=at)),
        4 => {
            // The beginning of one with the end of the other, cut at the same place or anywhere.
            let cut = if random.below(2) == 0 { at.min(other.len()) } else { random.below(other.len()) };
            bytes.truncate(at);
            bytes.extend_from_slice(&other.as_bytes()[cut..]);
        }
        5 => bytes.extend((0..=random.below(4)).map(|_| ALPHABET[random.below(64)])),
        _ => {
            bytes[at] = if bytes[at].is_ascii_lowercase() {
                bytes[at].to_ascii_uppercase()
            } else {
                bytes[at].to_ascii_lowercase()
            };
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Flask's looseness would take other spellings of a signature: spare bits of its last character, padding, junk. Ours takes none of them.
#[tokio::test]
async fn s20_s28_of_100_000_mutated_cookies_none_is_accepted_or_parsed() {
    for store in all() {
        let mut random = Random(20);
        let good = [cookie(&store, 3).await, cookie(&store, 4).await, cookie(&store, 200).await];
        for text in &good {
            assert!(opens(&store, text).await);
        }
        let (before, mut tried) = (spy::reads(), 0);
        while tried < MUTATIONS {
            let (text, other) = (&good[random.below(3)], &good[random.below(3)]);
            let mutated = mutate(&mut random, text, other);
            if good.contains(&mutated) {
                continue;
            }
            tried += 1;
            assert!(!opens(&store, &mutated).await, "{store:?}: accepted a mutation of {} characters", mutated.len());
        }
        assert_eq!(spy::reads(), before, "{store:?}: nothing was parsed that was not verified");
    }
}

/// Flask binds no cookie name into its signature; salt, digest and key set its cookies apart.
#[cfg(feature = "flask")]
#[tokio::test]
async fn s21_s28_cookies_of_other_keys_salts_digests_and_seals_are_no_flask_sessions() {
    use session_flask::{Digest, SignerConfig};
    let stock = SignerConfig::default;
    let here = flask(KEY, &stock());
    let strangers = [
        flask("another key for tests, 32 bytes or more", &stock()),
        flask(KEY, &stock().salt(b"other".as_slice().into())),
        flask(KEY, &stock().digest(Digest::Sha256)),
        own(Sealing::Encrypted),
        own(Sealing::Signed),
    ];
    for (n, stranger) in strangers.iter().enumerate() {
        let (theirs, ours) = (cookie(stranger, 20).await, cookie(&here, 20).await);
        assert!(!opens(&here, &theirs).await, "accepted the cookie of stranger {n}");
        assert!(!opens(stranger, &ours).await, "stranger {n} accepted ours");
    }
}

#[tokio::test]
async fn s21_s22_cookies_of_other_keys_names_and_seals_are_not_parsed() {
    const OTHER: &str = "another key for tests, 32 bytes or more";
    for (sealing, foreign) in [SEALINGS, [Sealing::Signed, Sealing::Encrypted]].map(|pair| (pair[0], pair[1])) {
        let store_here = own(sealing);
        let strangers = [
            own(foreign),
            store(sealing, OTHER, "id"),
            store(sealing, KEY, "Id"),
            store(sealing, KEY, "id2"),
            store(sealing, KEY, ""),
        ];
        let before = spy::reads();
        for (n, stranger) in strangers.iter().enumerate() {
            let text = cookie(stranger, 20).await;
            assert!(!opens(&store_here, &text).await, "{sealing:?}: accepted the cookie of stranger {n}");
        }
        assert_eq!(spy::reads(), before);
    }
}

/// The cookie names format and key id; a forged name leads to no other way of checking it.
#[tokio::test]
async fn s21_the_cookie_chooses_neither_algorithm_nor_key() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let stores: Arc<[CookieStore]> = SEALINGS.map(own).into();
    for (n, store) in stores.iter().enumerate() {
        let bytes = URL_SAFE_NO_PAD.decode(cookie(store, 20).await).unwrap();
        for format in (0..=255).filter(|format| *format != bytes[0]) {
            let mut forged = bytes.clone();
            forged[0] = format;
            let text = URL_SAFE_NO_PAD.encode(forged);
            assert!(!opens(&stores[n], &text).await && !opens(&stores[1 - n], &text).await, "format {format}");
        }
        let unsigned = &bytes[..bytes.len() - if n == 0 { 16 } else { 32 }];
        assert!(!opens(store, &URL_SAFE_NO_PAD.encode(unsigned)).await, "without its tag");
    }
}
