//! A caching nginx in front of a server.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running nginx with its own folder; killed on drop.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    pub url: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts it in front of `upstream`, caching whatever it is allowed to.
    pub fn in_front_of(upstream: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let configuration = configuration(folder.path().to_str().expect("a plain path"), port, upstream);
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration).expect("it can be written");
        let child = Command::new(program())
            .arg("-c")
            .arg(&file)
            .arg("-p")
            .arg(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed: cargo xtask setup");
        wait_for(port);
        Nginx { child, url: format!("http://127.0.0.1:{port}"), _folder: folder }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Debian keeps it where a user's PATH may not lead.
fn program() -> &'static str {
    if std::path::Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port()
}

fn wait_for(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "nginx does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// As in docs/proxy.md, with the files in `folder` and one process that ends with its parent.
fn configuration(folder: &str, port: u16, upstream: &str) -> String {
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
         events {{}}
         http {{
           access_log off;
           client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
           uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
           proxy_cache_path {folder}/cache keys_zone=pages:1m;
           server {{
             listen 127.0.0.1:{port};
             location / {{
               proxy_pass {upstream};
               proxy_set_header Host $host;
               proxy_set_header X-Forwarded-Proto $scheme;
               proxy_cache pages;
               add_header X-Cache $upstream_cache_status;
             }}
           }}
         }}"
    )
}
