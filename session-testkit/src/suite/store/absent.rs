//! P1 and P2 for stores.

use session_core::{SessionStore, Token};

use super::create;
use crate::suite::race::race;
use crate::suite::store_fixture::{StoreFixture, assert_absent, assert_same_contents, live};

/// A well-formed token that the store never made opens nothing.
pub async fn p1_an_unknown_token_is_absent(fixture: &StoreFixture) {
    let store = fixture.store();
    let stranger = Token::random().expect("random bytes");
    if let Some(token) = store.parse(stranger.expose()) {
        assert_absent(&*store, &token).await;
    }
}

/// Text that no cookie can hold is no token, without a call.
pub async fn p1_malformed_text_is_no_token(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, _) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    let good = token.expose();
    assert!(store.parse(good).is_some(), "a token that the store made is one");
    let wrong = ["", " ", "a b", "a;b", "a,b", "\"", "a\0b", "é", "\u{2000}", &"a".repeat(4097)].map(str::to_owned);
    for text in
        wrong.into_iter().chain([format!("{good} "), format!(" {good}"), format!("{good}\r\n"), format!("\"{good}\"")])
    {
        assert!(store.parse(&text).is_none(), "accepted as a token: {} bytes", text.len());
    }
}

/// A token with any one character changed, cut off or added opens nothing; and that is no error.
pub async fn p1_a_forged_token_is_absent(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, _) = create(&*store, &fixture.record(&[("user", "ada")]), fixture.later()).await;
    let text = token.expose();
    let changed = (0..text.len()).flat_map(|at| {
        let other = |with: &str| format!("{}{with}{}", &text[..at], &text[at + 1..]);
        [other("A"), other("B"), other(""), text[..at].to_owned()]
    });
    for forged in changed.chain([format!("{text}A"), format!("{text}=")]).filter(|forged| forged != text) {
        if let Some(token) = store.parse(&forged) {
            assert_absent(&*store, &token).await;
        }
    }
    live(&*store, &token).await;
}

/// A session whose deadline has passed is absent.
pub async fn p1_an_expired_session_is_absent(fixture: &StoreFixture) {
    let store = fixture.store();
    let deadline = fixture.now().plus(fixture.time().short());
    let (token, _) = create(&*store, &fixture.record(&[("n", "1")]), deadline).await;
    live(&*store, &token).await;
    fixture.time().outlive_short().await;
    assert_absent(&*store, &token).await;
}

/// A deleted session is absent.
pub async fn p1_a_deleted_session_is_absent(fixture: &StoreFixture) {
    let store = fixture.store();
    let (token, written) = create(&*store, &fixture.record(&[("n", "1")]), fixture.later()).await;
    store.delete(&written.at, None).await.expect("delete");
    assert_absent(&*store, &token).await;
}

/// The absolute end inside a record counts, whatever the deadline beside it says.
pub async fn p1_an_absolute_end_counts(fixture: &StoreFixture) {
    let store = fixture.store();
    let record = fixture.record(&[("n", "1")]);
    let (token, _) = create(&*store, &record, record.life().absolute.plus(crate::suite::fixture::HOUR)).await;
    live(&*store, &token).await;
    fixture.time().pass(record.life().absolute.since(fixture.now())).await;
    assert_absent(&*store, &token).await;
}

/// Of 32 sessions created at once each has a token of its own, which opens it and no other.
pub async fn p2_each_session_has_its_own_token(fixture: &StoreFixture) {
    let deadline = fixture.later();
    let created = race(32, |index| {
        let (store, record) = (fixture.store(), fixture.record(&[("visitor", &index.to_string())]));
        async move { (create(&*store, &record, deadline).await.0, record) }
    })
    .await;
    let store = fixture.store();
    for (index, (token, record)) in created.iter().enumerate() {
        assert!(created[..index].iter().all(|(other, _)| other != token), "two sessions under one token");
        assert_same_contents(&live(&*store, token).await.record, record);
    }
}
