//! 200 changes of different keys from two sides on one session: in turn, and at once. What Flask's own last writer loses is
//! counted and printed; what this side does loses nothing.

use http::StatusCode;
use serde_json::{Value, json};
use session_testkit::server::FlaskServer;
use tokio::task::JoinHandle;

use crate::on_each_server;
use crate::shared::Shared;
use crate::support::Server;
use crate::visitor::Visitor;

on_each_server! {
    flask_and_rust_in_turn_lose_nothing;
    flask_and_rust_at_once_lose_nothing_of_what_flask_wrote;
}

const EACH: usize = 100;
/// How long a handler is at work between its session's read and its write, in milliseconds.
const WORK: u64 = 2;

async fn begin(flask: &FlaskServer, login: &Server) -> Visitor {
    let mut visitor = Visitor::of(login);
    visitor.at_flask(flask, &json!([["set", "username", "ada"]]));
    visitor
}

fn flask_sets(visitor: &Visitor, flask: &FlaskServer, key: &str) {
    let answer = visitor.ask_flask(flask, &json!([["set", key, 1], ["sleep", WORK]]));
    assert_eq!(answer.status, 200, "{key}");
}

async fn rust_sets(visitor: &Visitor, key: &str) {
    assert_eq!(visitor.put(key, "there", WORK).await.status, StatusCode::OK, "{key}");
}

/// How many of the keys with this first letter are missing.
fn lost(session: &Value, letter: char) -> usize {
    let keys: Vec<&str> = session["dict"].as_array().unwrap().iter().filter_map(|pair| pair[0].as_str()).collect();
    (0..EACH).filter(|n| !keys.contains(&format!("{letter}{n}").as_str())).count()
}

async fn flask_and_rust_in_turn_lose_nothing(shared: Shared) {
    let (flask, login) = (shared.flask(), shared.login());
    let visitor = begin(&flask, &login).await;
    for n in 0..EACH {
        flask_sets(&visitor, &flask, &format!("f{n}"));
        rust_sets(&visitor, &format!("r{n}")).await;
    }
    let session = &visitor.ask_flask(&flask, &json!([["dump"]])).results[0];
    assert_eq!((lost(session, 'f'), lost(session, 'r')), (0, 0));
}

async fn all_of_flask(visitor: Visitor, flask: &FlaskServer, letter: char) {
    for n in 0..EACH {
        flask_sets(&visitor, flask, &format!("{letter}{n}"));
        tokio::task::yield_now().await;
    }
}

async fn all_of_rust(visitor: Visitor, letter: char) {
    for n in 0..EACH {
        rust_sets(&visitor, &format!("{letter}{n}")).await;
    }
}

async fn both(one: JoinHandle<()>, two: JoinHandle<()>) {
    one.await.unwrap();
    two.await.unwrap();
}

async fn flask_and_rust_at_once_lose_nothing_of_what_flask_wrote(shared: Shared) {
    let flask = std::sync::Arc::new(shared.flask());
    let logins = [shared.login(), shared.login()];
    let in_flask = |visitor: &Visitor, letter| {
        let (visitor, flask) = (visitor.clone(), std::sync::Arc::clone(&flask));
        tokio::spawn(async move { all_of_flask(visitor, &flask, letter).await })
    };
    let in_rust = |visitor: &Visitor, login: &Server, letter| {
        let visitor = Visitor { browser: visitor.browser.at(&login.url) };
        tokio::spawn(all_of_rust(visitor, letter))
    };
    let dump = |visitor: &Visitor| visitor.ask_flask(&flask, &json!([["dump"]])).results[0].clone();

    let mixed = begin(&flask, &logins[0]).await;
    let (one, two) = (in_flask(&mixed, 'f'), in_rust(&mixed, &logins[0], 'r'));
    both(one, two).await;
    let session = dump(&mixed);
    let (flasks, rusts) = (lost(&session, 'f'), lost(&session, 'r'));
    assert_eq!(flasks, 0, "this side writes over nothing that it has not seen");

    let ours = begin(&flask, &logins[0]).await;
    let (one, two) = (in_rust(&ours, &logins[0], 'r'), in_rust(&ours, &logins[1], 's'));
    both(one, two).await;
    let session = dump(&ours);
    let among_ourselves = lost(&session, 'r') + lost(&session, 's');
    assert_eq!(among_ourselves, 0);

    let theirs = begin(&flask, &logins[0]).await;
    let (one, two) = (in_flask(&theirs, 'f'), in_flask(&theirs, 'g'));
    both(one, two).await;
    let session = dump(&theirs);
    let among_flasks = lost(&session, 'f') + lost(&session, 'g');
    println!("lost of 200 | {} | {flasks} | {rusts} | {among_ourselves} | {among_flasks} |", shared.name);
}
