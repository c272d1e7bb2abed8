//! Servers in containers: which image, and how it is started. One constant a server.

use std::env;

/// An image of a container, with a server in it.
#[derive(Debug, Clone, Copy)]
pub struct Image {
    /// The environment variable that names another image, as in `redis:6.2`. Read at run time.
    pub variable: &'static str,
    /// The image and its tag. Where other versions are to be had, the tests ask for the one that the native programs have.
    pub name: &'static str,
    /// The port inside.
    pub port: u16,
    /// What stands behind the image's own entry point.
    pub arguments: &'static [&'static str],
    /// What the entry point reads: users, passwords, databases.
    pub environment: &'static [(&'static str, &'static str)],
}

/// Redis. As on a disk of its own, nothing is written.
pub(super) const REDIS: Image = Image {
    variable: "SESSION_TEST_REDIS_IMAGE",
    name: "redis:7.0",
    port: 6379,
    arguments: &["--save", "", "--appendonly", "no"],
    environment: &[],
};

/// Memcached.
pub(super) const MEMCACHED: Image = Image {
    variable: "SESSION_TEST_MEMCACHED_IMAGE",
    name: "memcached:1.6",
    port: 11211,
    arguments: &["-m", "256", "-U", "0"],
    environment: &[],
};

/// MongoDB by itself.
pub(super) const MONGODB: Image = Image {
    variable: "SESSION_TEST_MONGODB_IMAGE",
    name: "mongo:6.0.5",
    port: 27017,
    arguments: &["--setParameter", "ttlMonitorSleepSecs=1", "--setParameter", "enableTestCommands=1"],
    environment: &[],
};

/// MongoDB as the first member of a replica set, which nobody has initiated yet.
pub(super) const MONGODB_REPLICA_SET: Image = Image {
    arguments: &["--replSet", "rs0", "--oplogSize", "64", "--setParameter", "ttlMonitorSleepSecs=1"],
    ..MONGODB
};

/// PostgreSQL, which asks nobody for a password.
pub(super) const POSTGRES: Image = Image {
    variable: "SESSION_TEST_POSTGRES_IMAGE",
    name: "postgres:15",
    port: 5432,
    arguments: &["-c", "max_connections=400"],
    environment: &[("POSTGRES_HOST_AUTH_METHOD", "trust")],
};

/// MariaDB, whose root needs no password.
pub(super) const MARIADB: Image = Image {
    variable: "SESSION_TEST_MARIADB_IMAGE",
    name: "mariadb:10.11",
    port: 3306,
    arguments: &["--max-connections=400"],
    environment: &[("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "yes")],
};

impl Image {
    /// The image and the tag to use: those of the environment, else the own ones.
    #[must_use]
    pub fn name_and_tag(&self) -> (String, String) {
        let named = env::var(self.variable).ok().filter(|name| !name.is_empty());
        let (name, tag) = split(named.as_deref().unwrap_or(self.name));
        (name.to_owned(), tag.to_owned())
    }
}

/// A tag stands behind the last colon, unless that belongs to the port of a registry.
fn split(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_no_port() {
        assert_eq!(split("redis:7.0"), ("redis", "7.0"));
        assert_eq!(split("valkey/valkey:8"), ("valkey/valkey", "8"));
        assert_eq!(split("registry.example:5000/redis"), ("registry.example:5000/redis", "latest"));
    }

    #[test]
    fn each_image_says_its_tag() {
        for image in [REDIS, MEMCACHED, MONGODB, MONGODB_REPLICA_SET, POSTGRES, MARIADB] {
            assert_ne!(split(image.name).1, "latest", "{}: a run of today is the run of tomorrow", image.name);
        }
    }
}
