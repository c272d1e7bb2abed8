//! What is measured within one process, without HTTP: `bench-inprocess` prints it, this reads it.

use std::process::Command;

use crate::Result;
use crate::scale::{Curve, SIZES};
use crate::work::Bench;

/// One line that it printed: what, at which size, nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timing {
    pub(crate) name: String,
    pub(crate) size: usize,
    pub(crate) nanoseconds: f64,
}

/// The in-process times.
pub(crate) fn all(bench: &Bench) -> Result<Vec<Timing>> {
    bench.say("in-process: open, get, set, commit; decoding");
    run(bench, &["times"])
}

/// Loads and writes on SQLite, against plain statements on the same file.
pub(crate) fn sqlite(bench: &Bench) -> Result<Vec<Curve>> {
    let mut timings = Vec::new();
    for size in SIZES {
        bench.say(format!("cost with {size} sessions in SQLite"));
        let folder = bench.folder.join(format!("sqlite-{size}"));
        std::fs::create_dir_all(&folder)?;
        timings.extend(run(bench, &["sqlite", &size.to_string(), &folder.to_string_lossy()])?);
        std::fs::remove_dir_all(folder)?;
    }
    let costs = |name: &str| -> Vec<f64> {
        let of_name = timings.iter().filter(|timing| timing.name == name);
        of_name.map(|timing| timing.nanoseconds / 1e3).collect()
    };
    let curve = |operation: &str| Curve {
        store: "SQLite",
        operation: operation.to_owned(),
        ours: costs(operation),
        raw: costs(&format!("raw {operation}")),
    };
    Ok(vec![curve("read"), curve("write")])
}

fn run(bench: &Bench, arguments: &[&str]) -> Result<Vec<Timing>> {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(bench.arguments.programs.join("bench-inprocess")).args(arguments);
    if bench.arguments.quick {
        command.arg("--quick");
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("bench-inprocess: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| timing(line).ok_or_else(|| format!("bench-inprocess said {line:?}").into())).collect()
}

/// A line such as `open + get + commit|300|1234.5`.
fn timing(line: &str) -> Option<Timing> {
    let [name, size, nanoseconds] = line.split('|').collect::<Vec<_>>().try_into().ok()?;
    Some(Timing { name: name.to_owned(), size: size.parse().ok()?, nanoseconds: nanoseconds.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_timing() {
        let wanted = Timing { name: "decode + get".into(), size: 300, nanoseconds: 12.5 };
        assert_eq!(timing("decode + get|300|12.5"), Some(wanted));
        assert_eq!(timing("decode"), None);
    }
}
