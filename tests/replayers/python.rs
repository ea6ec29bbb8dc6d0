//! The Python SDK's own replayer (`saga.py`), fed with our histories as JSON, the way a user exports them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sagascope::history::json;
use sagascope::history::proto::History;

/// Names an environment of Python packages with `temporalio` 1.35.0.
const VENV: &str = "SAGASCOPE_VENV";

/// What the replayer refuses, a line each. `None`, with a note, where Python's SDK is not installed.
pub(crate) fn refused(name: &str, histories: &[(String, History)]) -> Option<Vec<String>> {
    let Some(venv) = std::env::var_os(VENV) else {
        eprintln!("skipped: {VENV} names no Python environment with temporalio 1.35.0");
        return None;
    };
    let folder = folder(name);
    for (at, (_, history)) in histories.iter().enumerate() {
        fs::write(folder.join(format!("{at:05}.json")), json::write(history)).expect("the folder is ours");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replayers/saga.py");
    let output = Command::new(PathBuf::from(venv).join("bin/python"))
        .arg(script)
        .arg(&folder)
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}{complaints}", output.status);
    assert!(said.ends_with(&format!("{} replayed\n", histories.len())), "{said}");
    let refused = said.lines().filter_map(|line| line.strip_prefix("refused "));
    let named = refused.map(|refused| {
        let (at, why) = refused.split_once(' ').expect("a number and a reason");
        format!("{}: {why}", histories[at.parse::<usize>().expect("a number")].0)
    });
    Some(named.collect())
}

/// An empty folder under the build's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replayers").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the build's folder can be written");
    folder
}
