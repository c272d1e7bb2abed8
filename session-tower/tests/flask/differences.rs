//! Where this library differs from Flask on purpose, and the comparison of everything else.

use serde_json::{Value, json};
use session_cookie::session_flask::{FlaskCookie, Signer, SignerConfig};
use session_tower::session_core::{Error, Timestamp};

use crate::application::Seen;
use crate::typed::plain;
use crate::vectors::{Step, Vector};

/// One request of a vector.
pub(crate) struct Asked<'a> {
    pub(crate) vector: &'a Vector,
    pub(crate) step: &'a Step,
    pub(crate) at: usize,
}

/// What this layer answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The `Cookie` header that was sent.
    pub(crate) sent: Option<String>,
    pub(crate) status: u16,
    pub(crate) set_cookie: Vec<String>,
    pub(crate) vary: Option<String>,
    pub(crate) seen: Seen,
}

/// A difference: why, and how it is told from a mistake.
type Difference = (&'static str, fn(&Step, &Answer) -> bool);

/// The list, as in `docs/flask-differences.md`.
const DIFFERENCES: [Difference; 4] = [
    ("nothing ended, so no cookie is removed", |step, answer| {
        removes(&step.set_cookie) && answer.set_cookie.is_empty() && !answer.seen.live
    }),
    ("an update with no keys is no use of the session", |step, answer| {
        let nothing = |action: &[Value]| action[0] == "update" && action[1] == json!({"dict": []});
        answer.set_cookie.is_empty() && step.actions.iter().all(|action| nothing(action))
    }),
    ("a removal repeats all attributes, Flask-Session's only domain and path", |step, answer| {
        removes(&step.set_cookie) && same(step, &without_flags(&answer.set_cookie))
    }),
    ("two ways to deflate write other bytes for the same text", |step, answer| {
        let texts = |lines: &[String]| lines.iter().map(|line| held_text(step, line)).collect::<Vec<_>>();
        step.set_cookie.iter().any(|line| line.contains("=.")) && texts(&step.set_cookie) == texts(&answer.set_cookie)
    }),
];

/// Why a configuration that Flask takes is refused when the sessions are built.
const REFUSED: [(&str, &str); 4] = [
    ("SESSION_COOKIE_SECURE", "browsers drop SameSite=None without Secure"),
    ("SESSION_COOKIE_NAME", "no cookie name by RFC 6265, or a prefix whose rules do not hold"),
    ("SESSION_COOKIE_PATH", "browsers ignore a path that does not begin with '/'"),
    ("SESSION_COOKIE_DOMAIN", "no host name in ASCII"),
];

/// What became of the vectors' steps.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) agreed: usize,
    pub(crate) failures: Vec<String>,
    differing: Vec<(String, &'static str)>,
}

impl Tally {
    pub(crate) fn judge(&mut self, asked: &Asked<'_>, answer: &Answer) {
        let name = format!("{} step {} ({})", asked.vector.id, asked.at + 1, asked.vector.name);
        let wrong = differs(asked.step, answer);
        let on_purpose = DIFFERENCES.iter().find(|(_, is)| is(asked.step, answer));
        match (wrong, on_purpose) {
            (None, _) => self.agreed += 1,
            (Some("set_cookie"), Some((reason, _))) => self.differing.push((name, reason)),
            (Some(what), _) => self.failures.push(format!("{name}: {what}: {:?} but {answer:?}", asked.step)),
        }
    }

    pub(crate) fn refused(&mut self, vector: &Vector, refusal: &Error) {
        match REFUSED.iter().find(|(field, _)| refusal.to_string().starts_with(field)) {
            Some((_, reason)) => self.differing.push((vector.id.clone(), reason)),
            None => self.failures.push(format!("{}: {refusal}", vector.id)),
        }
    }

    pub(crate) fn print(&self, file: &str, vectors: usize) {
        let (agreed, differing) = (self.agreed, self.differing.len());
        println!("{file}: {vectors} vectors: {agreed} steps as Flask, {differing} differ on purpose");
        for (name, reason) in &self.differing {
            println!("  {name}: {reason}");
        }
    }
}

/// What is not as Flask's; the cookie is looked at last.
fn differs(step: &Step, answer: &Answer) -> Option<&'static str> {
    let wanted = |results: &Vec<Value>| results.iter().map(plain).eq(answer.seen.results.iter().cloned());
    let results = step.results.as_ref().is_none_or(wanted);
    let found = [
        ("status", step.status == answer.status),
        ("vary", step.vary == answer.vary),
        ("results", results),
        ("set_cookie", same(step, &answer.set_cookie) && same_id(step, answer)),
    ];
    found.into_iter().find(|(_, as_flask)| !as_flask).map(|(what, _)| what)
}

fn removes(lines: &[String]) -> bool {
    lines.iter().any(|line| line.contains("Max-Age=0"))
}

/// The same texts; of server-side sessions but for the tokens, which only have to be empty in the same places.
fn same(step: &Step, ours: &[String]) -> bool {
    let (theirs, exact) = (&step.set_cookie, step.now.is_some());
    theirs.len() == ours.len()
        && theirs.iter().zip(ours).all(|(a, b)| if exact { a == b } else { Line::of(a) == Line::of(b) })
}

/// A `Set-Cookie` line without its token and, since nobody noted when Flask-Session wrote it, without its date.
#[derive(PartialEq)]
struct Line {
    name: String,
    removed: bool,
    attributes: Vec<String>,
}

impl Line {
    fn of(line: &str) -> Self {
        let mut parts = line.split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes = parts.map(|part| match part.starts_with("Expires=") && !value.is_empty() {
            true => "Expires".to_owned(),
            false => part.to_owned(),
        });
        Line { name: name.to_owned(), removed: value.is_empty(), attributes: attributes.collect() }
    }
}

/// Flask-Session sends the very id that came wherever it sends one for a live session; so do we, and a new one where it does.
fn same_id(step: &Step, answer: &Answer) -> bool {
    let ids = step.set_cookie.iter().zip(&answer.set_cookie);
    step.now.is_some()
        || ids.into_iter().all(|(theirs, ours)| again(theirs, &step.request_cookie) == again(ours, &answer.sent))
}

fn again(line: &str, sent: &Option<String>) -> bool {
    let id = line.split(';').next().unwrap().rsplit('=').next().unwrap();
    sent.as_deref().is_some_and(|sent| !id.is_empty() && sent.ends_with(id))
}

/// The JSON text in the cookie that a line sets, and the line's attributes.
fn held_text(step: &Step, line: &str) -> Option<(String, String)> {
    let (pair, attributes) = line.split_once(';')?;
    let weak = SignerConfig::default().danger_allow_weak_key(true);
    let cookie = FlaskCookie::new(Signer::new("http vectors", [""; 0], &weak).ok()?);
    let session = cookie.open_value(pair.split_once('=')?.1, Timestamp::from_millis(step.now? * 1000))?;
    Some((session.to_tagged_json().ok()?, attributes.to_owned()))
}

fn without_flags(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.replace("; HttpOnly", "")).collect()
}
