//! The official Python replayer (`replay.py`) on the same histories, where it is installed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sagascope::history::json;

use crate::kernels::Replay;

/// Names an environment of Python packages with `temporalio`.
const VENV: &str = "SAGASCOPE_VENV";

/// Nanoseconds for each replay, by [`name`]; or why there are none.
pub(crate) fn replayed(replays: &[Replay]) -> Result<BTreeMap<String, f64>, String> {
    let venv = std::env::var_os(VENV).ok_or_else(|| format!("{VENV} names no Python environment with temporalio"))?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-histories");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // The saga is another's code there, with other activities' inputs; the tests replay it.
    for replay in replays.iter().filter(|replay| replay.work != "order-saga") {
        let file = folder.join(name(replay));
        let written = fs::write(file.with_extension("json"), json::write(&replay.history));
        written.map_err(|error| error.to_string())?;
        let written = fs::write(file.with_extension("times"), replay.times().to_string());
        written.map_err(|error| error.to_string())?;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/engine/replay.py");
    let output = Command::new(PathBuf::from(venv).join("bin/python"))
        .arg(script)
        .arg(&folder)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let times = said.lines().filter_map(|line| {
        let (name, took) = line.split_once(' ')?;
        Some((name.to_owned(), took.parse().ok()?))
    });
    Ok(times.collect())
}

/// The name of the file that a history is in.
pub(crate) fn name(replay: &Replay) -> String {
    format!("{}-{}", replay.work, replay.events())
}
