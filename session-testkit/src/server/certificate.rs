//! A certificate for servers that encrypt.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::postgres::{is_root, run};

/// A certificate for 127.0.0.1 that nobody has signed but itself, and its key; gone when dropped. Made by the program openssl.
#[derive(Debug)]
pub struct Certificate(TempDir);

impl Certificate {
    /// A new one.
    ///
    /// # Panics
    /// Without openssl.
    #[must_use]
    pub fn of_loopback() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut make = Command::new("openssl");
        make.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
        make.args(["-subj", "/CN=session-test", "-addext", "subjectAltName=IP:127.0.0.1"]);
        make.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "server.key", "-out", "server.crt"]);
        run(make.current_dir(&folder));
        Certificate(folder)
    }

    /// The PEM file with the certificate.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.0.path().join("server.crt")
    }

    /// The PEM file with its key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.0.path().join("server.key")
    }

    /// Puts both into a server's folder, the key for its user alone.
    pub(super) fn copy_to(&self, folder: &Path, user: &str) {
        for file in [self.file(), self.key()] {
            let copy = folder.join(file.file_name().unwrap_or_default());
            std::fs::copy(&file, &copy).expect("the folder is ours");
            run(Command::new("chmod").arg("600").arg(&copy));
            if is_root() {
                run(Command::new("chown").arg(user).arg(&copy));
            }
        }
    }
}
