//! Encrypted connections: rustls, with ring, and certificates that are always checked.

use redis::TlsCertificates;
use rustls::crypto::{CryptoProvider, ring};
use session_core::{Error, Result};

use crate::config::RedisConfig;

/// What a PEM file with a certificate holds.
const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// What the driver is to trust, for a URL that asks for TLS.
pub(crate) fn certificates(config: &RedisConfig, url: &str) -> Result<Option<TlsCertificates>> {
    if !url.starts_with("rediss:") && !url.starts_with("valkeys:") {
        return Ok(None);
    }
    choose_provider();
    let Some(file) = &config.ca_file else { return Ok(Some(TlsCertificates { client_tls: None, root_cert: None })) };
    let pem = std::fs::read(file).map_err(|error| {
        let problem = format!("{} cannot be read ({error})", file.display());
        Error::config("ca_file", problem, "name a PEM file that this user may read")
    })?;
    // The driver would take a file without any for a list of none, and refuse every server.
    match pem.windows(MARK.len()).any(|part| part == MARK) {
        true => Ok(Some(TlsCertificates { client_tls: None, root_cert: Some(pem) })),
        false => Err(no_certificate()),
    }
}

pub(crate) fn no_certificate() -> Error {
    Error::config("ca_file", "it holds no certificate", "name a PEM file that does")
}

/// The driver asks rustls for *the* provider of this program and panics where there is none, or where other crates have brought
/// a second one along. Who has chosen one already is not overruled.
pub(crate) fn choose_provider() {
    if CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is as good.
        let _ = ring::default_provider().install_default();
    }
}
