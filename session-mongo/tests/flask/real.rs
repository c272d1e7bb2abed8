//! A real Flask application on the same collection.

use serde_json::{Value as Json, json};
use session_testkit::server::{FlaskRelease, FlaskServer, MongoServer};

use crate::common::{commit, config, log_in, sessions};

#[tokio::test]
async fn flask_itself_shares_its_sessions() {
    for server in [MongoServer::shared(), MongoServer::shared_replica_set()] {
        let config = config(server);
        let settings = json!({ "SECRET_KEY": "a key", "SESSION_MONGODB_COLLECT": config.collection });
        let flask = FlaskServer::with_backend(FlaskRelease::Current, "mongodb", server.url(), &settings);
        let sessions = sessions(&config).await;
        let user =
            |token: &str| flask.act(Some(&format!("session={token}")), &json!([["get", "user"], ["get", "theme"]]));
        let cookie = flask.act(None, &json!([["set", "user", "alice"]])).cookie("session").unwrap();
        let old = cookie.trim_start_matches("session=");

        // What Flask begins we go on with, and Flask with what we leave.
        let session = sessions.open([old]).await.unwrap();
        assert_eq!(session.get::<String>("user").unwrap().as_deref(), Some("alice"));
        session.set("theme", "dark").unwrap();
        commit(&sessions, &session).await;
        let new = log_in(&sessions, old).await;
        assert_eq!(user(&new).results, json!(["alice", "dark"]));
        let after = flask.act(Some(&cookie), &json!([["get", "user"]]));
        assert_eq!((after.status, after.results), (200, json!([Json::Null])), "a retired id is none for Flask");
        let set = flask.act(Some(&format!("session={new}")), &json!([["set", "cart", [1, 2]]]));
        assert_eq!(set.status, 200);
        let session = sessions.open([new.as_str()]).await.unwrap();
        assert_eq!(session.get::<Vec<u8>>("cart").unwrap(), Some(vec![1, 2]));

        // Whoever logs out, both have done so.
        session.destroy();
        commit(&sessions, &session).await;
        assert_eq!(user(&new).results, json!([Json::Null, Json::Null]));
        let session = sessions.fresh();
        session.set("user", "bob").unwrap();
        let bob = commit(&sessions, &session).await.unwrap();
        assert_eq!(user(&bob).results, json!(["bob", Json::Null]));
        let cleared = flask.act(Some(&format!("session={bob}")), &json!([["clear"]]));
        assert_eq!(cleared.status, 200);
        assert!(sessions.open([bob.as_str()]).await.unwrap().is_new());
    }
}
