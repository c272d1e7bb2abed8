//! What comes in as cookies, and what goes out.

use session_core::{CookieAction, SessionConfig};

use super::ada;
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::{has_no_cookie, new_cookie};

/// Of several cookies the first live one wins; rubbish before and behind it logs nobody out.
pub async fn first_live_cookie_wins(fixture: &StoreFixture) {
    let (ada, mut other) = (ada(fixture).await, fixture.visitor());
    other.request(|session| session.set("username", "eve")).await;
    let (ours, theirs) = (ada.cookie.clone().expect("a cookie"), other.cookie.clone().expect("a cookie"));
    for cookies in [
        vec![ours.as_str(), &theirs],
        vec!["rubbish", &ours, &theirs],
        vec!["", "x y", "rubbish", "more rubbish", &ours],
        vec![&ours, "rubbish"],
        vec![&ours, &ours, &ours, &ours],
    ] {
        let session = ada.sessions.open(cookies).await.expect("the session opens");
        assert_eq!(session.require::<String>("username").expect("a text"), "ada");
    }
}

/// A retired id yields to a live one behind it.
pub async fn retired_cookie_yields_to_a_live_one(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let retired = visitor.cookie.clone().expect("a cookie");
    visitor.login().await;
    let live = visitor.cookie.clone().expect("a cookie");
    let session = visitor.sessions.open([retired.as_str(), &live]).await.expect("the session opens");
    assert_eq!(session.require::<String>("username").expect("a text"), "ada");
}

/// A server-side id is sent when it is made and never again.
pub async fn cookie_is_sent_once(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let committed = visitor.request(|session| session.set("n", 1)).await;
    assert!(has_no_cookie(&committed), "{:?}", committed.cookie);
}

/// A browser-session cookie has no Max-Age; a permanent one has what is left of the absolute life.
pub async fn max_age_is_the_rest_of_the_absolute_life(fixture: &StoreFixture) {
    let mut visitor = fixture.visitor();
    let committed = visitor.request(|session| session.set("n", 1)).await;
    assert!(matches!(committed.cookie, CookieAction::Set { max_age: None, .. }), "{:?}", committed.cookie);

    let config = SessionConfig::default().permanent(true);
    let absolute = config.absolute;
    visitor = visitor.on(fixture.sessions(config));
    visitor.cookie = None;
    let committed = visitor.request(|session| session.set("n", 1)).await;
    let CookieAction::Set { max_age: Some(max_age), .. } = committed.cookie else { panic!("{:?}", committed.cookie) };
    assert!(absolute - max_age <= fixture.time().tolerance(), "{max_age:?}");
}

/// A change of `permanent` gives a new id, and keeps when the session was created and when it ends.
pub async fn permanent_change_rotates_keeping_deadlines(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let (old, before) = (visitor.cookie.clone(), visitor.open().await);
    fixture.time().pass(fixture.time().unit()).await;
    let committed = visitor
        .request(|session| {
            session.set_permanent(true);
            Ok(())
        })
        .await;
    assert_ne!(Some(new_cookie(&committed)), old);
    let CookieAction::Set { max_age: Some(max_age), .. } = committed.cookie else { panic!("{:?}", committed.cookie) };

    let after = visitor.open().await;
    assert_eq!((after.created(), after.permanent(), after.keys()), (before.created(), true, before.keys()));
    let absolute = before.created().plus(SessionConfig::default().absolute);
    let left = absolute.since(fixture.now());
    assert!(max_age.abs_diff(left) <= fixture.time().tolerance(), "{max_age:?}, but {left:?} are left");
}
