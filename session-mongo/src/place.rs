//! Where the sessions are: from a configuration to the driver's handle, and what of a URL may be shown.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::RawDocumentBuf;
use mongodb::options::{
    Acknowledgment, ClientOptions, CollectionOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Collection};
use session_core::{Error, Operation, Result};

use crate::config::{Durability, MongoConfig};
use crate::error::Report;

/// How long the DNS may take to name the servers of a `mongodb+srv://` URL.
const DNS_PATIENCE: Duration = Duration::from_secs(5);

/// The collection of the sessions, and a name for where it is.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) sessions: Collection<RawDocumentBuf>,
    /// For errors and `Debug`: hosts and ports.
    pub(crate) hosts: Arc<str>,
}

impl Place {
    /// Opens a client; it connects when it is first used.
    pub(crate) async fn open(config: &MongoConfig) -> Result<Self> {
        config.check()?;
        let mut options = parsed(&config.url).await?;
        options.server_selection_timeout.get_or_insert(config.server_selection_timeout);
        options.connect_timeout.get_or_insert(config.connect_timeout);
        // How long a server that is well again may go unnoticed: within the time for which a call looks for one. The driver's
        // own ten seconds would fail requests that long after one stray answer; half a second is the shortest that it takes.
        options.heartbeat_freq.get_or_insert(Duration::from_millis(500));
        options.app_name.get_or_insert_with(|| "session-mongo".into());
        let database = config.database_or(options.default_database.as_deref())?;
        let client = Client::with_options(options).map_err(|_| wrong_url("its options do not go together"))?;
        Ok(Self::named(&client, &database, config, hosts(&config.url).unwrap_or("the servers of the URL")))
    }

    /// In a client of the caller's.
    pub(crate) fn within(client: &Client, config: &MongoConfig) -> Result<Self> {
        config.check()?;
        let default = client.default_database();
        let database = config.database_or(default.as_ref().map(mongodb::Database::name))?;
        Ok(Self::named(client, &database, config, "the client's servers"))
    }

    fn named(client: &Client, database: &str, config: &MongoConfig, hosts: &str) -> Self {
        // A secondary may not have heard of a logout yet.
        let primary = SelectionCriteria::ReadPreference(ReadPreference::Primary);
        let options = CollectionOptions::builder()
            .selection_criteria(primary)
            .read_concern(ReadConcern::local())
            .write_concern(write_concern(config))
            .build();
        let sessions = client.database(database).collection_with_options(&config.collection, options);
        Place { sessions, hosts: hosts.into() }
    }
}

fn write_concern(config: &MongoConfig) -> WriteConcern {
    let (acknowledged, journaled) = match config.durability {
        Durability::Majority => (Acknowledgment::Majority, true),
        Durability::Journal => (Acknowledgment::Nodes(1), true),
        Durability::Memory => (Acknowledgment::Nodes(1), false),
    };
    // Nobody waits any longer then; without it the server would, for ever, while most members are away.
    let patience = config.store.call_timeout;
    WriteConcern::builder().w(acknowledged).journal(journaled).w_timeout(patience).build()
}

/// The URL in the driver's form. What the driver says of a wrong one holds parts of it, so it is said in our words.
async fn parsed(url: &str) -> Result<ClientOptions> {
    if !(url.starts_with("mongodb://") || url.starts_with("mongodb+srv://")) {
        let fix = "begin it with mongodb:// or mongodb+srv://";
        return Err(Error::config("url", "it names no MongoDB server", fix));
    }
    if url.starts_with("mongodb+srv://") && !cfg!(feature = "srv") {
        let fix = "turn on the feature srv of session-mongo, or name the servers in a mongodb:// URL";
        return Err(Error::config("url", "mongodb+srv:// asks the DNS for the servers", fix));
    }
    let parsing = ClientOptions::parse(url);
    // Only what asks the DNS takes any time.
    let parsed = tokio::time::timeout(DNS_PATIENCE, async move { parsing.await }).await;
    parsed.map_err(|_| Error::Timeout { operation: Operation::Connect })?.map_err(|error| {
        let report = Report::of(&error, hosts(url).unwrap_or_default());
        match report {
            Report::NoServer { .. } => report.during(Operation::Connect),
            _ => wrong_url(&problem(url, &error.to_string())),
        }
    })
}

fn wrong_url(problem: &str) -> Error {
    let fix = "write mongodb://USER:PASSWORD@HOST:PORT/DATABASE, with what is no letter or digit in USER and PASSWORD \
               percent-encoded";
    Error::config("url", problem.to_owned(), fix)
}

/// What is wrong: an option that the driver names, or something with the rest.
fn problem(url: &str, said: &str) -> String {
    let query = url.rsplit_once('?').map_or("", |(_, query)| query);
    let mut options = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
    let is_name = |name: &str| name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    match options.find(|name| is_name(name) && said.to_lowercase().contains(&name.to_lowercase())) {
        Some(name) => format!("the driver does not take its option {name}, or not with this value"),
        None => "the driver cannot read it".to_owned(),
    }
}

/// A URL's hosts and ports; nothing where it cannot be told what is what.
pub(crate) fn hosts(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let place = before.rsplit_once('@').map_or(before, |(_, place)| place);
    let hosts = place.split('/').next()?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".:,-_%[]".contains(&byte);
    (!query.contains('@') && !hosts.is_empty() && hosts.bytes().all(legal)).then_some(hosts)
}

/// A URL without user, password and options.
pub(crate) fn redacted(url: &str) -> String {
    match (url.split_once("://"), hosts(url)) {
        (Some((scheme @ ("mongodb" | "mongodb+srv"), _)), Some(hosts)) => format!("{scheme}://{hosts}/…"),
        _ => "(no MongoDB URL)".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s59_of_a_url_only_the_hosts_are_shown() {
        let shown = [
            ("mongodb://admin:hunter2@db1:27017,db2/shop?replicaSet=rs0", "mongodb://db1:27017,db2/…"),
            ("mongodb+srv://admin:hunter2@cluster.example/", "mongodb+srv://cluster.example/…"),
            ("mongodb://[::1]:27017", "mongodb://[::1]:27017/…"),
            ("mongodb://admin:hun/ter2@db", "mongodb://db/…"),
            ("mongodb://admin:hun@ter2@db", "mongodb://db/…"),
        ];
        for (url, wanted) in shown {
            assert_eq!(redacted(url), wanted);
        }
        let hidden = [
            "mongodb://admin:hun?ter2@db",
            "mongodb://db/?password=hunter2@home",
            "admin:hunter2@db",
            "hunter2://hunter2",
            "mongodb://",
            "",
        ];
        for url in hidden {
            assert_eq!(redacted(url), "(no MongoDB URL)", "{url}");
        }
    }
}
