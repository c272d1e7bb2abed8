//! Which servers there are, and which of them keeps a key.

use session_core::{Error, Result};

/// The port where none is named.
const PORT: u16 = 11211;

/// The servers that a URL names, each as `host:port`.
pub(crate) fn parse(url: &str) -> Result<Vec<String>> {
    let wrong = |problem: &'static str, fix: &'static str| Err(Error::config("url", problem, fix));
    let Some((scheme, rest)) = url.split_once("://") else {
        return wrong("it names no kind of store", "write memcache://host:port,host:port");
    };
    if scheme != "memcache" {
        return wrong("it does not begin with memcache://", "write memcache://host:port,host:port");
    }
    if rest.contains('@') {
        return wrong("it holds a user or a password", "leave them out: this store speaks to Memcached without");
    }
    if rest.contains(['?', '#']) {
        return wrong("it has options", "put them into MemcachedConfig");
    }
    let places = rest.strip_suffix('/').unwrap_or(rest);
    if places.contains('/') {
        return wrong("it has a path", "end it after the last port; StoreConfig::prefix keeps applications apart");
    }
    let servers: Vec<_> = places.split(',').map(server).collect::<Result<_>>()?;
    match servers.iter().enumerate().find(|(index, server)| servers[..*index].contains(server)) {
        Some((_, twice)) => Err(Error::config("url", format!("it names {twice} twice"), "name each server once")),
        None => Ok(servers),
    }
}

/// One server, in one spelling: which keys it keeps hangs on its name.
fn server(place: &str) -> Result<String> {
    let wrong = || {
        let fix = "write memcache://host:port,host:port, an IPv6 address in brackets";
        Err(Error::config("url", format!("{place:?} is no server"), fix))
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (place, Some(PORT)),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let legal = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)),
    };
    match port {
        Some(port @ 1..) if legal => Ok(format!("{}:{port}", host.to_ascii_lowercase())),
        _ => wrong(),
    }
}

/// The server that keeps a key, by rendezvous hashing: of n servers, one that comes or goes moves one key in n. Fixed for all
/// time and every compiler, unlike the hash of Rust's own maps: two programs that share sessions must agree.
pub(crate) fn route(key: &[u8], servers: &[String]) -> usize {
    let hash = fnv(key);
    let scores = servers.iter().map(|server| mixed(hash ^ fnv(server.as_bytes())));
    scores.enumerate().max_by_key(|(_, score)| *score).map_or(0, |(index, _)| index)
}

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finish of SplitMix64, which spreads what differs in a few bits over all.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_servers() {
        assert_eq!(parse("memcache://localhost").unwrap(), ["localhost:11211"]);
        assert_eq!(
            parse("memcache://A.example:1,b,[::1]:2,[::1]/").unwrap(),
            ["a.example:1", "b:11211", "[::1]:2", "[::1]:11211"]
        );
    }

    #[test]
    fn s59_a_wrong_url_is_one_clear_line_without_secrets() {
        let wrong = [
            ("localhost:11211", "url: it names no kind of store; write memcache://host:port,host:port"),
            ("redis://localhost", "url: it does not begin with memcache://; write memcache://host:port,host:port"),
            (
                "memcache://bob:hunter2@h:1",
                "url: it holds a user or a password; leave them out: this store speaks to Memcached without",
            ),
            ("memcache://h:1?password=hunter2", "url: it has options; put them into MemcachedConfig"),
            (
                "memcache://h:1/0",
                "url: it has a path; end it after the last port; StoreConfig::prefix keeps applications apart",
            ),
            ("memcache://h,H:11211", "url: it names h:11211 twice; name each server once"),
        ];
        for (url, line) in wrong {
            assert_eq!(parse(url).unwrap_err().to_string(), line);
        }
        for url in [
            "memcache://",
            "memcache://a,,b",
            "memcache://:1",
            "memcache://a:0",
            "memcache://a:70000",
            "memcache://a b",
            "memcache://[a]",
            "memcache://a:b:1",
        ] {
            let line = parse(url).unwrap_err().to_string();
            assert!(line.contains("is no server; write memcache://"), "{line}");
        }
    }

    #[test]
    fn keys_are_spread_and_stay_where_they_are() {
        let all: Vec<_> = (0..4).map(|n| format!("10.0.0.{n}:11211")).collect();
        let without_last = &all[..3];
        let keys: Vec<_> = (0..4000).map(|n| format!("session:{n}")).collect();
        let mut kept = [0; 4];
        for key in &keys {
            let server = route(key.as_bytes(), &all);
            kept[server] += 1;
            assert!(server == 3 || route(key.as_bytes(), without_last) == server, "only the lost server's keys move");
        }
        assert!(kept.iter().all(|count| (900..1100).contains(count)), "{kept:?}");
        // Whoever changes these logs everybody out.
        let pinned: Vec<_> = keys[..12].iter().map(|key| route(key.as_bytes(), &all)).collect();
        assert_eq!(pinned, [1, 2, 1, 3, 2, 0, 0, 2, 1, 3, 1, 0]);
    }
}
