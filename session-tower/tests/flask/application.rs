//! A handler that does what a vector's actions say.

use std::collections::BTreeMap;
use std::convert::Infallible;

use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use session_tower::{Session, SessionError, SessionHandle};

use crate::typed::{Typed, plain, read};

/// What the handler is to do.
#[derive(Debug, Clone)]
pub(crate) struct Actions(pub(crate) Vec<Vec<Value>>);

/// What the handler saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) results: Vec<Value>,
    /// The request brought a live session.
    pub(crate) live: bool,
}

pub(crate) async fn application(request: Request<()>) -> Result<Response<Vec<u8>>, Infallible> {
    let (seen, status) = act(&request).await.unwrap();
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response.extensions_mut().insert(seen);
    Ok(response)
}

async fn act(request: &Request<()>) -> Result<(Seen, StatusCode), SessionError> {
    let Actions(actions) = request.extensions().get().unwrap();
    let mut seen = Seen::default();
    if actions.is_empty() {
        return Ok((seen, StatusCode::OK));
    }
    let session = SessionHandle::of(request.extensions())?.load().await?;
    seen.live = !session.is_new();
    let mut lists = BTreeMap::new();
    for action in actions {
        if action[0] == "raise" {
            return Ok((seen, StatusCode::INTERNAL_SERVER_ERROR));
        }
        seen.results.push(step(&session, action, &mut lists)?);
    }
    Ok((seen, StatusCode::OK))
}

/// One action; `lists` are those that were changed in the handler's hands and nowhere else.
fn step(session: &Session, action: &[Value], lists: &mut BTreeMap<String, Value>) -> Result<Value, SessionError> {
    let key = action.get(1).and_then(Value::as_str).unwrap_or_default();
    match action[0].as_str().unwrap() {
        "get" => return Ok(read(session, key)?.unwrap_or_default()),
        "index" => return Ok(read(session, key)?.unwrap_or_else(|| json!("KeyError"))),
        "pop" => return Ok(session.pop::<Value>(key)?.unwrap_or_default()),
        "contains" => return Ok(json!(session.contains(key))),
        "len" => return Ok(json!(session.len())),
        "keys" => return Ok(json!(session.keys())),
        "is_permanent" => return Ok(json!(session.permanent())),
        "setdefault" => return Ok(session.get_or_insert_with(key, || plain(&action[2]))?),
        "set" => session.set(key, Typed(&action[2]))?,
        "del" if !session.remove(key)? => return Ok(json!("KeyError")),
        "del" => {}
        "clear" => session.clear(),
        "update" => {
            for pair in action[1]["dict"].as_array().unwrap() {
                session.set(pair[0].as_str().unwrap(), Typed(&pair[1]))?;
            }
        }
        "append" => append(session, key, &action[2], lists)?,
        "modified" => set_again(session, lists)?,
        "permanent" => session.set_permanent(action[1].as_bool().unwrap()),
        "regenerate" => session.rotate(),
        other => panic!("unknown action {other}"),
    }
    Ok(Value::Null)
}

fn append(session: &Session, key: &str, item: &Value, lists: &mut BTreeMap<String, Value>) -> Result<(), SessionError> {
    let mut list = session.require::<Value>(key)?;
    list.as_array_mut().unwrap().push(item.clone());
    lists.insert(key.to_owned(), list);
    Ok(())
}

/// Python's `session.modified = True`: here, what was changed is set, or all of it anew.
fn set_again(session: &Session, lists: &mut BTreeMap<String, Value>) -> Result<(), SessionError> {
    for key in session.keys() {
        let value = match lists.remove(&key) {
            Some(changed) => changed,
            None => session.require::<Value>(key.as_str())?,
        };
        session.set(key.as_str(), value)?;
    }
    Ok(())
}
