//! What the library costs without sockets.
//!
//! - `times [--quick]`: nanoseconds of open, get, set and commit on the memory store, and of decoding, against the session's size.
//! - `sqlite SESSIONS FOLDER [--quick]`: CPU of loads and writes in a table of that many rows, beside plain statements.
//! - `count CASE TIMES`: carries out one of the [`cases`] that often, for callgrind; `cases` lists them.
//!
//! Lines are `name|size|nanoseconds`.

mod app;
mod cases;
#[cfg(feature = "sqlite")]
mod cpu;
#[cfg(feature = "sqlite")]
mod sqlite;
mod times;
mod wire;

use std::process::ExitCode;

/// What goes wrong; for a person to read.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(&words)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-inprocess: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(words: &[String]) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (quick, words) = match &words[..] {
        [rest @ .., "--quick"] => (true, rest),
        all => (false, all),
    };
    match words {
        ["times"] => times::all(quick).await,
        #[cfg(feature = "sqlite")]
        ["sqlite", sessions, folder] => sqlite::all(sessions.parse()?, folder.as_ref(), quick).await,
        ["count", case, times] => cases::run(case, times.parse()?).await,
        ["cases"] => {
            cases::NAMES.iter().for_each(|name| println!("{name}"));
            Ok(())
        }
        _ => Err("times [--quick] | sqlite SESSIONS FOLDER [--quick] | count CASE TIMES | cases".into()),
    }
}
