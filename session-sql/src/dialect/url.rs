//! The URL of a server: what may stand in it, before the driver reads it.

use session_core::{Error, Result};

/// Refuses what the driver would misread: an `@`, `/`, `?` or `#` of a password that is not written as `%XX` makes half of the
/// password a host or a database, which errors then show. Refuses settings that are not `known`, too: the driver would log them.
pub(super) fn check(url: &str, known: &[&str], shape: &'static str) -> Result<()> {
    let wrong = || Error::config("url", "it is no URL of a database server", shape);
    let (_, rest) = url.split_once("://").ok_or_else(wrong)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let behind = &rest[authority.len()..];
    if authority.is_empty() || authority.matches('@').count() > 1 || behind.contains(['@', '#']) {
        return Err(wrong());
    }
    let query = behind.split_once('?').map_or("", |(_, query)| query);
    let names = query.split('&').filter(|part| !part.is_empty()).map(|part| part.split('=').next().unwrap_or_default());
    for name in names {
        if !known.contains(&name) {
            let fix = "leave it out; the other settings are fields of SqlConfig";
            return Err(Error::config("url", "what follows the ? is not known", fix));
        }
    }
    Ok(())
}

/// Where a server is: without user and password.
pub(super) fn name(host: &str, port: u16, database: Option<&str>) -> String {
    format!("{host}:{port}/{}", database.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s59_what_the_driver_would_misread_is_refused_without_being_repeated() {
        for url in [
            "postgres://admin:hun@ter2@db/shop",
            "postgres://admin:hun/ter2@db/shop",
            "postgres://admin:hun?ter2@db/shop",
            "postgres://admin:hun#ter2@db/shop",
            "postgres://admin:5432/hunter2@db",
            "postgres://db/shop?passwrd=hunter2",
            "postgres:///hunter2",
            "hunter2",
        ] {
            let line = check(url, &["sslmode"], "write postgres://…").unwrap_err().to_string();
            assert!(line.starts_with("url: ") && !line.contains("ter2") && !line.contains("admin"), "{line}");
        }
        for url in
            ["postgres://db", "postgres://u:hun%40ter2@[::1]:5432/shop?sslmode=require", "postgres://%2Frun/shop"]
        {
            assert!(check(url, &["sslmode"], "").is_ok(), "{url}");
        }
    }
}
