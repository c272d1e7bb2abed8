//! A store from its URL.

use session_cookie::CookieStore;
use session_cookie::session_flask::Signer;
use session_core::{AdoptingStore, Environment, Error, MemoryStore, Result, SecretKeys, SessionStore, Shape};
use session_memcached::{MemcachedConfig, MemcachedStore};
use session_mongo::{MongoConfig, MongoStore};
use session_redis::{RedisConfig, RedisStore};
use session_sql::{SqlConfig, SqlStore};

use crate::settings::{Place, Settings};

const KNOWN: &str = "use memory:, cookie:, cookie+signed:, cookie+flask:, sqlite://FILE, postgres://HOST/DATABASE, \
                     mysql://HOST/DATABASE, redis://HOST, redis+cluster://HOST:PORT,HOST:PORT, memcache://HOST:PORT or \
                     mongodb://HOST";

/// Opens the store that the settings name, and the one that it adopts from. A server that is away is no error here: its requests
/// are 503 until it is there.
pub(crate) async fn open(settings: &Settings) -> Result<Box<dyn SessionStore>> {
    let store = open_at(&settings.place, &settings.keys).await?;
    Ok(match &settings.adopted {
        None => store,
        Some(old) => Box::new(AdoptingStore::new(store, open_at(old, &settings.keys).await?)?),
    })
}

async fn open_at(place: &Place, keys: &SecretKeys) -> Result<Box<dyn SessionStore>> {
    let (url, config) = (&place.url, place.config.clone());
    let (scheme, _) = url.split_once(':').unwrap_or((url, ""));
    if config.shape() == Shape::Flask && (scheme == "memory" || scheme.starts_with("cookie")) {
        let problem = format!("{scheme}: is nothing that a Flask application with Flask-Session shares");
        return Err(Error::config("--flask-session", problem, "name its server, such as redis://HOST"));
    }
    Ok(match scheme {
        "memory" => Box::new(MemoryStore::new(config)?),
        "cookie" => Box::new(CookieStore::encrypted(keys)?),
        "cookie+signed" => Box::new(CookieStore::signed(keys)?),
        "cookie+flask" => Box::new(CookieStore::flask(Signer::from_environment(&Environment::of_process())?)),
        "sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb" => {
            Box::new(SqlStore::connect_with(sql(place).store(config)).await?)
        }
        "redis" | "rediss" => Box::new(RedisStore::connect_with(RedisConfig::new(url).store(config)).await?),
        "redis+cluster" | "rediss+cluster" => {
            Box::new(RedisStore::connect_with(RedisConfig::cluster(nodes(url)).store(config)).await?)
        }
        "memcache" => Box::new(MemcachedStore::connect_with(MemcachedConfig::new(url).store(config)).await?),
        "mongodb" => Box::new(MongoStore::connect_with(mongo(place).store(config)).await?),
        _ => return Err(Error::config("--store", format!("no store has the scheme {scheme:?}"), KNOWN)),
    })
}

/// The URLs of a cluster's nodes, of which one lists as many as it likes.
fn nodes(url: &str) -> Vec<String> {
    let (scheme, hosts) = url.split_once("+cluster://").unwrap_or_default();
    hosts.split(',').map(|host| format!("{scheme}://{host}")).collect()
}

fn sql(place: &Place) -> SqlConfig {
    let config = SqlConfig::new(&place.url);
    match &place.table {
        Some(table) => config.table(table),
        None => config,
    }
}

fn mongo(place: &Place) -> MongoConfig {
    let mut config = MongoConfig::new(&place.url);
    config.database.clone_from(&place.database);
    match &place.table {
        Some(collection) => config.collection(collection),
        None => config,
    }
}
