//! P8: payloads come back bit for bit.

use bytes::Bytes;
use session_core::{Backend, Entry, Swapped};

use crate::suite::fixture::Fixture;

/// An empty payload is a payload, and no absent session.
pub async fn p8_an_empty_payload_comes_back<B: Backend>(fixture: &Fixture<B>) {
    assert_comes_back(fixture, Bytes::new()).await;
}

/// NUL bytes, line ends, every byte value, text that is no UTF-8.
pub async fn p8_any_bytes_come_back<B: Backend>(fixture: &Fixture<B>) {
    let every_byte: Bytes = (0..=u8::MAX).cycle().take(1024).collect();
    let payloads: [&'static [u8]; 7] =
        [b"\0", b"before\0after", b"\0\0\0\0", b"\r\nEND\r\n", b"\xff\xfe\x80", b"'; DROP TABLE sessions; --", b"  "];
    assert_comes_back(fixture, every_byte).await;
    for payload in payloads {
        assert_comes_back(fixture, Bytes::from_static(payload)).await;
    }
}

/// A megabyte, or the most that the backend takes.
pub async fn p8_a_megabyte_comes_back<B: Backend>(fixture: &Fixture<B>) {
    assert_comes_back(fixture, noise(fixture.backend.capabilities().max_payload.min(1 << 20))).await;
}

/// The largest payload that the backend says it takes.
pub async fn p8_the_largest_payload_comes_back<B: Backend>(fixture: &Fixture<B>) {
    assert_comes_back(fixture, noise(fixture.backend.capabilities().max_payload)).await;
}

/// Inserts the payload and swaps it in; it must come back both times.
async fn assert_comes_back<B: Backend>(fixture: &Fixture<B>, payload: Bytes) {
    let (key, inserted) = fixture.live(payload.clone()).await;
    fixture.assert_holds(&key, &inserted).await;
    let (other, old) = fixture.live("something else").await;
    let swapped = fixture.stored(payload);
    assert_eq!(fixture.swap(&other, &old.version, &Entry::Live(swapped.clone())).await, Swapped::Done);
    fixture.assert_holds(&other, &swapped).await;
    fixture.remove(&key, None).await;
    fixture.remove(&other, None).await;
}

/// Bytes that no compression makes small (xorshift).
fn noise(length: usize) -> Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes.into()
}
