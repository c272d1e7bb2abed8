#![doc = include_str!("../README.md")]

mod caching;
mod cookies;
#[cfg(feature = "csrf")]
mod csrf;
mod error;
mod error_page;
mod exchange;
#[cfg(feature = "axum")]
mod extract;
mod future;
mod handle;
mod head;
mod layer;
mod log;
mod received;
mod session;
mod session_cookie;

pub use cookies::{CookieError, CookieProblem, Cookies, SetCookie};
#[cfg(feature = "csrf")]
pub use csrf::{Csrf, CsrfError};
pub use error::SessionError;
pub use error_page::{EmptyPage, ErrorPage, ShortText};
pub use future::ResponseFuture;
pub use handle::SessionHandle;
pub use layer::{SessionLayer, SessionService};
pub use session::Session;
pub use session_core;
pub use session_core::{Report, SameSite};

/// Compiles what the workspace's README shows.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct WorkspaceReadme;

/// Compiles what the guide shows.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../../docs/flask-migration.md")]
#[derive(Debug)]
pub struct FlaskMigration;
