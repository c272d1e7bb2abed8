//! Messages for the next page.

use super::ada;
use crate::suite::store_fixture::StoreFixture;
use crate::suite::visitor::Visitor;

async fn take(visitor: &mut Visitor) -> Vec<String> {
    let session = visitor.open().await;
    let taken = session.take_flashes().expect("flashes");
    assert!(visitor.answer(&session).await.result.is_ok());
    taken.into_iter().map(|flash| flash.message).collect()
}

/// Messages come out once, in order.
pub async fn flashes_are_taken_once(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    visitor.request(|session| session.flash("first").and_then(|()| session.flash_as("error", "second"))).await;
    assert_eq!(take(&mut visitor).await, ["first", "second"]);
    assert!(take(&mut visitor).await.is_empty());
}

/// A message that is added while another request takes those before it is not lost.
pub async fn flash_added_meanwhile_stays(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    visitor.request(|session| session.flash("before")).await;
    let taking = visitor.open().await;
    assert_eq!(taking.take_flashes().expect("flashes").len(), 1);
    visitor.request(|session| session.flash("meanwhile")).await;
    assert!(visitor.answer(&taking).await.result.is_ok());
    assert_eq!(take(&mut visitor).await, ["meanwhile"]);
}

/// Messages that two requests add at once both stay.
pub async fn flashes_of_two_both_stay(fixture: &StoreFixture) {
    let mut visitor = ada(fixture).await;
    let (one, two) = (visitor.open().await, visitor.open().await);
    one.flash("one").expect("flash");
    two.flash("two").expect("flash");
    assert!(visitor.answer(&one).await.result.is_ok());
    assert!(visitor.answer(&two).await.result.is_ok());
    assert_eq!(take(&mut visitor).await, ["one", "two"]);
}
