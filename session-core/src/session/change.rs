//! The change log: what a request did to its session, so that it can be done again on a fresher one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Result};
use crate::record::{Codec, FLASHES, Record, Value};
use crate::session::Flash;
use crate::session::flash_text::Flashes;

/// What `update` runs: from the present value to the next, in the record's codec.
pub(crate) type Updater = Box<dyn FnMut(Option<Value>, Codec) -> Result<Value> + Send>;

/// One change.
pub(crate) enum Change {
    Set {
        name: String,
        value: Value,
    },
    /// `ready` is what the handler's own run gave; a replay runs the closure again.
    Update {
        name: String,
        updater: Updater,
        ready: Option<Value>,
    },
    Remove {
        name: String,
    },
    /// `take_once`: holds only where the value is still the one that was handed out.
    Take {
        name: String,
        value: Value,
    },
    Clear {
        wholly: bool,
    },
    Permanent(bool),
    Flash(Flash),
    /// Removes what was seen, so that a message added meanwhile stays.
    TakeFlashes(Vec<Flash>),
}

impl Change {
    /// Applies it; false where a `take_once` came too late.
    pub(crate) fn apply(&mut self, record: &mut Record) -> Result<bool> {
        match self {
            Change::Set { name, value } => put(record, name, value)?,
            Change::Update { name, updater, ready } => {
                let value = match ready.take() {
                    Some(value) => value,
                    None => run_again(name, updater, record)?,
                };
                put(record, name, &value)?;
            }
            Change::Remove { name } => drop(record.remove(name)),
            Change::Take { name, value } => {
                if record.get(name).as_ref() != Some(value) {
                    return Ok(false);
                }
                record.remove(name);
            }
            Change::Clear { wholly } => record.clear(*wholly),
            Change::Permanent(permanent) => record.set_permanent(*permanent),
            Change::Flash(flash) => add_flash(record, flash)?,
            Change::TakeFlashes(seen) => remove_flashes(record, seen)?,
        }
        Ok(true)
    }
}

fn put(record: &mut Record, name: &str, value: &Value) -> Result<()> {
    if value.codec() != record.codec() {
        // Another process rewrote the record in another codec between two of our calls.
        return Err(Error::Conflict);
    }
    record.put(name, value.bytes().clone());
    Ok(())
}

fn run_again(name: &str, updater: &mut Updater, record: &Record) -> Result<Value> {
    let (present, codec) = (record.get(name), record.codec());
    catch_unwind(AssertUnwindSafe(|| updater(present, codec)))
        .unwrap_or_else(|_| Err(Error::value(name, "the closure of `update` panicked when it ran on a fresher value")))
}

/// The flashed messages of a record, oldest first.
pub(crate) fn flashes(record: &Record) -> Result<Vec<Flash>> {
    let Some(value) = record.get(FLASHES) else { return Ok(Vec::new()) };
    match value.read::<Vec<(String, String)>>(FLASHES) {
        Ok(pairs) => Ok(pairs.into_iter().map(Flash::from).collect()),
        // Flask flashes anything.
        Err(_) => Ok(value.read::<Flashes>(FLASHES)?.0),
    }
}

fn write_flashes(record: &mut Record, flashes: &[Flash]) -> Result<()> {
    if flashes.is_empty() {
        record.remove(FLASHES);
        return Ok(());
    }
    let pairs: Vec<_> = flashes.iter().map(|flash| (&flash.category, &flash.message)).collect();
    let value = record.codec().write(FLASHES, &pairs)?;
    put(record, FLASHES, &value)
}

fn add_flash(record: &mut Record, flash: &Flash) -> Result<()> {
    let mut all = flashes(record)?;
    all.push(flash.clone());
    write_flashes(record, &all)
}

fn remove_flashes(record: &mut Record, seen: &[Flash]) -> Result<()> {
    let mut left = flashes(record)?;
    for flash in seen {
        if let Some(at) = left.iter().position(|other| other == flash) {
            left.remove(at);
        }
    }
    write_flashes(record, &left)
}

/// The log on a fresh base. A `take_once` that came too late leaves the log; false says that one did.
pub(crate) fn replay(log: &mut Vec<Change>, base: &Record) -> Result<(Record, bool)> {
    let mut record = base.clone();
    let before = log.len();
    let mut failed = None;
    log.retain_mut(|change| match change.apply(&mut record) {
        Ok(held) => held,
        Err(error) => {
            failed.get_or_insert(error);
            true
        }
    });
    match failed {
        Some(error) => Err(error),
        None => Ok((record, log.len() == before)),
    }
}
