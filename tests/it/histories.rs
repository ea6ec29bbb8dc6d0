//! The files of `tests/histories` and `tests/real`.

use std::fs;
use std::path::Path;

/// Name and text of every history, by name.
pub(crate) fn all() -> Vec<(String, String)> {
    let files = folder("tests/histories");
    assert_eq!(files.len(), 149, "a history was added or lost: say so here");
    files
}

/// Name and text of every recording of our own stories, by name.
pub(crate) fn real() -> Vec<(String, String)> {
    folder("tests/real")
}

fn folder(path: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// The text of one.
pub(crate) fn one(name: &str) -> String {
    find(name).unwrap_or_else(|| panic!("no history {name}"))
}

/// The text of one, if there is one of that name.
pub(crate) fn find(name: &str) -> Option<String> {
    all().into_iter().find(|(n, _)| n == name).map(|(_, text)| text)
}
