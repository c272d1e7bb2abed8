//! One session, two programs: the login page with `--flask-session`, and a real Flask with Flask-Session, on each server that both
//! can share; and the way out, `--adopt-flask-session`.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod adopting;
mod configured;
mod conformance;
mod expiry;
mod interleaved;
mod matrix;
mod moved;
mod pickles;
mod shared;
#[path = "../support/mod.rs"]
mod support;
mod under_way;
mod vectors;
mod visitor;
mod walk;

/// Each test on each server.
macro_rules! on_each_server {
    ($($name:ident;)*) => {
        on_each_server!(@redis $($name)*);
        on_each_server!(@memcached $($name)*);
        on_each_server!(@mongodb $($name)*);
        on_each_server!(@sqlite $($name)*);
        on_each_server!(@postgresql $($name)*);
        on_each_server!(@mariadb $($name)*);
    };
    (@$server:ident $($name:ident)*) => {
        mod $server {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(crate::shared::Shared::$server()).await;
            })*
        }
    };
}
pub(crate) use on_each_server;
