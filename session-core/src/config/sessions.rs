//! Lifetimes and policies.

use std::time::Duration;

use serde::Deserialize;

use super::{Compatibility, CookieConfig, seconds};
use crate::error::{Error, Result};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What happens to a change whose session was changed meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ConflictPolicy {
    /// The change log is replayed on the fresh session: different keys merge, `update` counts on, of two `set`s of one key the
    /// last stays.
    #[default]
    Merge,
    /// As `Merge`, but where a key that this request has *read* was changed meanwhile, the commit is
    /// [`Error::Conflict`] (409): what was computed from the old value is not stored.
    Strict,
}

/// Which responses store the session's changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CommitOn {
    /// All of them, error pages too, as Flask does.
    #[default]
    Every,
    /// All but server errors (5xx).
    NoServerError,
    /// Only success and redirects (below 400).
    Success,
}

impl CommitOn {
    /// Whether a response of this HTTP status stores changes.
    #[must_use]
    pub const fn stores(self, status: u16) -> bool {
        match self {
            CommitOn::Every => true,
            CommitOn::NoServerError => status < 500,
            CommitOn::Success => status < 400,
        }
    }
}

/// What a record that cannot be read means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CorruptPolicy {
    /// [`Error::Corrupt`] (500); record and cookie stay, so that a bad deployment can be rolled back.
    #[default]
    Refuse,
    /// The visitor starts anew under a new id; the unreadable record stays until it expires.
    StartAnew,
}

/// How sessions behave: cookie, lifetimes, policies.
///
/// The defaults are the safe ones. [`Sessions::new`](crate::Sessions::new) checks them.
///
/// ```
/// use std::time::Duration;
/// use session_core::SessionConfig;
///
/// let config = SessionConfig::default().idle(Duration::from_secs(30 * 60)).permanent(true);
/// assert!(config.cookie.secure.is_none(), "unset means the safe default: Secure");
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionConfig {
    /// The cookie. Default: `__Host-id; Secure; HttpOnly; SameSite=Lax; Path=/`.
    pub cookie: CookieConfig,
    /// A session that nobody used for this long ends (Flask's `PERMANENT_SESSION_LIFETIME`). Default: 14 days. In
    /// configuration files: seconds. Enforced on the server; each use moves the deadline, see `refresh_below`.
    #[serde(with = "seconds")]
    pub idle: Duration,
    /// A session ends this long after its beginning or its last login, however much it is used. Default: 90 days; at most
    /// 400, which is what browsers keep a cookie for; none (`Duration::MAX`) and more than that only in the Flask modes. In
    /// configuration files: seconds.
    #[serde(with = "seconds")]
    pub absolute: Duration,
    /// Whether new sessions outlive the browser (Flask's `SESSION_PERMANENT`). Default: no, a browser-session cookie.
    pub permanent: bool,
    /// A read moves the idle deadline when less than this share of the idle time is left. Default: 0.9, so that a busy
    /// visitor costs one extra store call in ten per cent of the idle time.
    pub refresh_below: f64,
    /// Whether reads move the idle deadline at all (Flask's `SESSION_REFRESH_EACH_REQUEST`). Default: yes.
    pub refresh: bool,
    /// What happens to changes that met another's. Default: they are merged.
    pub conflict: ConflictPolicy,
    /// Which responses store. Default: every one.
    pub commit_on: CommitOn,
    /// What an unreadable record means. Default: an error that leaves it alone.
    pub corrupt: CorruptPolicy,
    /// What one request may spend on store calls in all, counted while they are under way; each `save()` after the
    /// response's head starts a new budget. Default: 4 s. In configuration files: seconds.
    #[serde(with = "seconds")]
    pub budget: Duration,
    /// How far the clocks of several processes may differ. Default: 60 s, at most 100 s: a retired id is remembered for 120 s.
    #[serde(with = "seconds")]
    pub clock_skew: Duration,
    /// Whose rules decide when the cookie is sent: this library's, Flask's or Flask-Session's. Default: this library's.
    pub compatibility: Compatibility,
    /// Development on plain `http://localhost`: no `Secure`, no prefix in the cookie's name. Default: no.
    pub development: bool,
}

impl Default for SessionConfig {
    fn default() -> Self {
        SessionConfig {
            cookie: CookieConfig::default(),
            idle: 14 * DAY,
            absolute: 90 * DAY,
            permanent: false,
            refresh_below: 0.9,
            refresh: true,
            conflict: ConflictPolicy::Merge,
            commit_on: CommitOn::Every,
            corrupt: CorruptPolicy::Refuse,
            budget: Duration::from_secs(4),
            clock_skew: Duration::from_secs(60),
            compatibility: Compatibility::Native,
            development: false,
        }
    }
}

impl SessionConfig {
    /// Settings for development on plain `http://localhost`: the cookie is called `id` and has no `Secure`. Not for anything
    /// that others can reach.
    #[must_use]
    pub fn development() -> Self {
        SessionConfig { development: true, ..SessionConfig::default() }
    }

    /// Settings that behave on the wire as Flask's own sessions, which live in the cookie, with Flask's defaults: cookie `session`
    /// with `HttpOnly` and `Path=/` alone, a life of 31 days since the last write for every session, no absolute end.
    ///
    /// Set `SESSION_COOKIE_SECURE` and `SESSION_COOKIE_SAMESITE` as the Flask application has them; Flask's defaults are neither.
    ///
    /// ```
    /// use session_core::{Environment, MemoryStore, SessionConfig, Sessions};
    ///
    /// let environment = Environment::from_pairs([("SESSION_COOKIE_SECURE", "True"), ("APPLICATION_ROOT", "/shop")]);
    /// let sessions = Sessions::new(MemoryStore::default(), environment.sessions(SessionConfig::flask())?)?;
    /// let cookie = sessions.cookie();
    /// assert_eq!((cookie.name(), cookie.path(), cookie.secure()), ("session", "/shop", true));
    /// assert_eq!(cookie.same_site(), None);
    /// # Ok::<(), session_core::Error>(())
    /// ```
    #[must_use]
    pub fn flask() -> Self {
        SessionConfig {
            compatibility: Compatibility::Flask,
            idle: 31 * DAY,
            absolute: Duration::MAX,
            ..SessionConfig::default()
        }
    }

    /// Settings that behave on the wire as Flask-Session 0.8, whose sessions live on the server: as [`SessionConfig::flask`], but
    /// that new sessions outlive the browser and that each request moves the deadline. A read then costs two store calls.
    #[must_use]
    pub fn flask_session() -> Self {
        SessionConfig { compatibility: Compatibility::FlaskSession, permanent: true, ..SessionConfig::flask() }
    }

    crate::setters! {
        /// Sets the cookie's name and attributes.
        cookie: CookieConfig,
        /// Sets the idle time.
        idle: Duration,
        /// Sets the absolute lifetime.
        absolute: Duration,
        /// Sets whether new sessions outlive the browser.
        permanent: bool,
        /// Sets the share of the idle time below which a read moves the deadline (0 to 1).
        refresh_below: f64,
        /// Sets whether reads move the deadline.
        refresh: bool,
        /// Sets what happens to changes that met another's.
        conflict: ConflictPolicy,
        /// Sets which responses store.
        commit_on: CommitOn,
        /// Sets what an unreadable record means.
        corrupt: CorruptPolicy,
        /// Sets the time that one request may spend on store calls.
        budget: Duration,
        /// Sets how far clocks may differ.
        clock_skew: Duration,
        /// Sets whose rules decide when the cookie is sent.
        compatibility: Compatibility,
    }

    /// Refuses what cannot be right, naming the field and the fix.
    pub(crate) fn check(&self) -> Result<()> {
        let longest = if self.compatibility.is_flask() { Duration::MAX } else { 400 * DAY };
        let limits = [
            ("PERMANENT_SESSION_LIFETIME", self.idle, Duration::from_secs(1), 3650 * DAY),
            ("absolute", self.absolute, Duration::from_secs(1), longest),
            ("budget", self.budget, Duration::from_millis(1), Duration::from_secs(60)),
            ("clock_skew", self.clock_skew, Duration::ZERO, Duration::from_secs(100)),
        ];
        for (field, value, least, most) in limits {
            if value < least || value > most {
                let problem = format!("{value:?} is out of range");
                return Err(Error::config(
                    field,
                    problem,
                    format!("choose between {least:?} and {} s", most.as_secs()),
                ));
            }
        }
        if !(0.0..=1.0).contains(&self.refresh_below) {
            return Err(Error::config("refresh_below", format!("{} is no share", self.refresh_below), "choose 0 to 1"));
        }
        Ok(())
    }

    /// Whether so little of the idle time is left that a read should move the deadline.
    pub(crate) fn is_refresh_due(&self, left: Duration) -> bool {
        self.refresh && left < self.idle.mul_f64(self.refresh_below.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s09_lifetimes_out_of_range_are_refused_and_named() {
        let new = SessionConfig::default;
        for (config, field) in [
            (new().idle(Duration::ZERO), "PERMANENT_SESSION_LIFETIME"),
            (new().idle(Duration::MAX), "PERMANENT_SESSION_LIFETIME"),
            (new().absolute(401 * DAY), "absolute"),
            (new().budget(Duration::ZERO), "budget"),
            (new().clock_skew(Duration::from_secs(101)), "clock_skew"),
            (new().refresh_below(f64::NAN), "refresh_below"),
            (new().refresh_below(1.1), "refresh_below"),
        ] {
            assert!(config.check().unwrap_err().to_string().starts_with(field), "{config:?}");
        }
        assert!(new().check().is_ok());
        assert!(new().absolute(Duration::MAX).check().is_err());
        assert!(SessionConfig::flask().check().is_ok() && SessionConfig::flask_session().check().is_ok());
    }

    #[test]
    fn a_file_may_set_some_fields_and_a_typo_is_an_error() {
        let read = |text| serde_json::from_str::<SessionConfig>(text);
        let config =
            read(r#"{"idle": 1800, "cookie": {"name": "sid", "same_site": "Strict"}, "conflict": "strict"}"#).unwrap();
        assert_eq!((config.idle.as_secs(), config.cookie.name.as_deref()), (1800, Some("sid")));
        assert_eq!(config.conflict, ConflictPolicy::Strict);
        assert_eq!(config.absolute, 90 * DAY);
        assert!(read(r#"{"idel": 1}"#).unwrap_err().to_string().contains("idel"));
        assert!(read(r#"{"idle": -1}"#).unwrap_err().to_string().contains("seconds"));
    }

    #[test]
    fn a_refresh_is_due_when_less_than_ninety_per_cent_are_left() {
        let config = SessionConfig::default().idle(Duration::from_secs(100));
        assert!(!config.is_refresh_due(Duration::from_secs(90)));
        assert!(config.is_refresh_due(Duration::from_millis(89_999)));
        assert!(!config.refresh(false).is_refresh_due(Duration::ZERO));
    }
}
