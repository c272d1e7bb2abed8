//! Tokens in forms, against requests that another site forges.

mod error;
mod nonce;
mod token;

use std::time::Duration;

use session_core::SecretKeys;

use crate::cookies::{Cookies, SetCookie};
use crate::error::SessionError;
use crate::session::Session;
use nonce::Nonce;
use token::{Bearer, Signer};

pub use error::CsrfError;

/// How long a stranger may take over a form.
const NONCE_AGE: Duration = Duration::from_secs(60 * 60);

/// Makes and checks the tokens that go into forms as a hidden field, so that another site cannot send them in a visitor's name.
/// `SameSite` cookies are a second line, not the only one.
///
/// * **A stranger's token**, for forms that need no session, such as the login: bound to a random nonce in a cookie of its own
///   (`__Host-csrf`; in [development](session_core::SessionConfig::development) `csrf`) that lives for an hour. It costs no store
///   call. A nonce that is there is used again, so that two tabs work; it is not bound to the session, so that a doubled login
///   passes.
/// * **A session's token**, for all other forms: bound to the session's present id. It dies at login and logout. (A request that
///   was under way during a login still has its old id, and its token: it can end the session, and change nothing.)
///
/// Each call makes a token that looks different, so that compressed pages tell nothing about it. Check before anything is
/// changed, and change things by POST alone.
///
/// ```
/// use http::StatusCode;
/// use session_tower::{Cookies, Csrf, CsrfError, Session, SessionError};
///
/// async fn form(csrf: &Csrf, session: Session, cookies: Cookies) -> Result<String, SessionError> {
///     let token = csrf.session_token(&session, &cookies).await?;
///     Ok(format!(r#"<form method="post"><input type="hidden" name="csrf" value="{token}"> … </form>"#))
/// }
///
/// async fn submit(csrf: &Csrf, session: Session, cookies: Cookies, token: &str) -> Result<(), CsrfError> {
///     csrf.verify_session(&session, &cookies, token)?;
///     // … now change things
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Csrf(Signer);

impl Csrf {
    /// Tokens by these keys: the first signs, all of them verify.
    ///
    /// ```
    /// use session_tower::{Csrf, session_core::SecretKeys};
    ///
    /// let csrf = Csrf::new(&SecretKeys::new("correct horse battery staple, and some more")?);
    /// # Ok::<(), session_tower::session_core::Error>(())
    /// ```
    #[must_use]
    pub fn new(keys: &SecretKeys) -> Self {
        Csrf(Signer::new(keys))
    }

    /// A token for a form that needs no session. The nonce's cookie goes out with the response, anew with each form, so that its
    /// hour begins with the last one.
    ///
    /// # Errors
    /// A response that is under way; a system without random bytes.
    pub fn stranger_token(&self, cookies: &Cookies) -> Result<String, SessionError> {
        let name = cookie_name(cookies);
        let present = cookies.exchange().pending(name).or_else(|| cookies.get(name));
        let nonce = match present.as_deref().and_then(Nonce::parse) {
            Some(nonce) => nonce,
            None => Nonce::random()?,
        };
        cookies.set(SetCookie::new(name, nonce.to_text()).max_age(NONCE_AGE))?;
        cookies.exchange().mark_personal();
        self.0.sign(Bearer::Stranger(&nonce))
    }

    /// Checks the token of a form that needs no session.
    ///
    /// # Errors
    /// [`CsrfError`] for a token that is missing (empty), wrong, of another visitor or out of date.
    pub fn verify_stranger(&self, cookies: &Cookies, token: &str) -> Result<(), CsrfError> {
        let nonce = cookies.get(cookie_name(cookies)).as_deref().and_then(Nonce::parse).ok_or(CsrfError)?;
        self.0.verify(Bearer::Stranger(&nonce), token)
    }

    /// A token for a form of a visitor with a session; a visitor without one gets a stranger's.
    ///
    /// Where the request is about to make an id or to change it, this stores the changes first
    /// ([`save`](session_core::Session::save)), since the token has to fit the id that comes back with the form. That is the one
    /// store call that the response's head would have made. So make it last, when the session is as it is to be.
    ///
    /// # Errors
    /// Those of `save`; a response that is under way; a system without random bytes.
    pub async fn session_token(&self, session: &Session, cookies: &Cookies) -> Result<String, SessionError> {
        if session.binding().is_none() && session.is_modified() {
            session.save().await?;
        }
        match session.binding() {
            Some(binding) => {
                cookies.exchange().mark_personal();
                self.0.sign(Bearer::Session(&binding))
            }
            None => self.stranger_token(cookies),
        }
    }

    /// Checks the token of a form of a visitor with a session, or a stranger's where there is none. Call it before `rotate` and
    /// `destroy`, after which no token fits.
    ///
    /// # Errors
    /// [`CsrfError`] for a token that is missing (empty), wrong, of another visitor or out of date: one that was made before the
    /// login or the logout.
    pub fn verify_session(&self, session: &Session, cookies: &Cookies, token: &str) -> Result<(), CsrfError> {
        match session.binding() {
            Some(binding) => self.0.verify(Bearer::Session(&binding), token),
            None => self.verify_stranger(cookies, token),
        }
    }
}

/// Browsers let nobody but this very host set a cookie with the prefix, and only over HTTPS.
fn cookie_name(cookies: &Cookies) -> &'static str {
    if cookies.is_development() { "csrf" } else { "__Host-csrf" }
}
