//! Compares with a file, or rewrites it: `UPDATE_EXPECT=1 cargo test`. Read the difference before you commit it.

use std::fs;
use std::path::Path;

/// `text` must be what the file under `tests/` says.
#[track_caller]
pub(crate) fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let first_difference = expected
        .lines()
        .zip(text.lines())
        .enumerate()
        .find(|(_, (e, t))| e != t);
    assert!(
        expected == text,
        "{file} differs, first at {first_difference:#?}; UPDATE_EXPECT=1 rewrites it"
    );
}
