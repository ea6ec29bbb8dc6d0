//! Which part may use which, and the house rules: what the compiler does not check.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer and the layers it may use. Every other use is an error.
const LAYERS: [(&str, &[&str]); 13] = [
    ("base", &[]),
    ("history", &["base"]),
    // Nothing of what runs here: a history may be anybody's.
    ("study", &["base", "history"]),
    ("contract", &["base", "history"]),
    ("service", &["base", "history", "contract"]),
    ("worker", &["base", "history", "contract"]),
    ("sim", &["base", "history", "contract", "service", "worker"]),
    ("check", &["base", "history", "sim"]),
    (
        "view",
        &[
            "base", "history", "study", "contract", "service", "worker", "sim", "check",
        ],
    ),
    ("page", &["base", "history", "study", "sim", "check", "view"]),
    (
        "cli",
        &["base", "history", "study", "contract", "worker", "sim", "check", "view"],
    ),
    // A guest of the engine, like anybody's; only the programs bring it together with the front ends.
    ("catalogue", &["base", "history", "contract", "worker", "sim"]),
    // The way to a real cluster: of the simulation it takes the outside and the names of stories.
    ("cluster", &["base", "sim", "catalogue"]),
];

/// Folders in `src/` that are no part of the crate.
const PACKAGES: [&str; 1] = ["trace"];

/// Crates that only one place may name.
const FENCED: [(&str, &str); 9] = [
    ("leptos", "page"),
    ("web_sys", "page"),
    ("js_sys", "page"),
    ("wasm_bindgen", "page"),
    ("gloo_timers", "page"),
    ("serde_wasm_bindgen", "page"),
    ("__private", "worker/sdk/"),
    ("temporalio_workflow", "catalogue/workflows worker/sdk/ cluster"),
    (
        "temporalio_",
        "catalogue/workflows worker/sdk/ cluster sim/outside/world.rs",
    ),
];

/// What would make a run depend on the machine it runs on.
const BANNED: [&str; 7] = [
    "SystemTime",
    "Instant::now",
    "HashMap",
    "HashSet",
    "thread_rng",
    "SmallRng",
    "RandomState",
];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file of the crate, with its path below `src/`.
fn files() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&src(), &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(src()).unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

/// A line without what stands in a comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// A file without its own tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

fn is_build_script(file: &str) -> bool {
    file.ends_with("/build.rs")
}

#[test]
fn dependencies_run_one_way() {
    let known: BTreeSet<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    let mut wrong = Vec::new();
    for (file, text) in files() {
        let Some((layer, _)) = file.split_once('/') else {
            continue;
        };
        let Some((_, may_use)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            continue;
        };
        for (number, line) in (1..).zip(without_tests(&text).lines().map(code)) {
            for used in line
                .match_indices("crate::")
                .map(|(at, _)| &line[at + "crate::".len()..])
            {
                let used = used
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or_default();
                if known.contains(used) && used != layer && !may_use.contains(&used) && !is_build_script(&file) {
                    wrong.push(format!("{file}:{number}: {layer} may not use {used}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn workflows_are_ordinary_user_code() {
    // The module's own list and the twins, which nobody writes by hand.
    let listing = ["mod.rs", "traced.rs"].map(|file| format!("catalogue/workflows/{file}"));
    for (file, text) in files() {
        if !file.starts_with("catalogue/workflows/") || listing.contains(&file) {
            continue;
        }
        for line in text.lines().map(code) {
            for (at, _) in line.match_indices("crate::") {
                let used = &line[at + "crate::".len()..];
                // The stand-ins for the machine's clock and dice, and for code that computes.
                let may = used.starts_with("catalogue::workflows::") || used.starts_with("base::");
                assert!(may, "{file}: {line}");
            }
        }
    }
}

#[test]
fn every_folder_is_a_layer() {
    let layers: BTreeSet<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    for (file, _) in files() {
        if let Some((folder, _)) = file.split_once('/') {
            assert!(
                folder == "bin" || layers.contains(folder) || PACKAGES.contains(&folder),
                "{file}: say in LAYERS what {folder} may use"
            );
        }
    }
}

#[test]
fn fenced_crates_stay_behind_their_fence() {
    let mut wrong = Vec::new();
    for (file, text) in files() {
        for (number, line) in (1..).zip(text.lines().map(code)) {
            for (name, places) in FENCED {
                let inside = places.split(' ').any(|place| file.starts_with(place));
                if line.contains(name) && !inside && file != "main.rs" && !is_build_script(&file) {
                    wrong.push(format!("{file}:{number}: {name} belongs to {places}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_in_the_engine_depends_on_the_machine() {
    let mut wrong = Vec::new();
    for (file, text) in files()
        .into_iter()
        .filter(|(file, _)| !file.starts_with("page/") && !file.starts_with("cluster/") && !is_build_script(file))
    {
        for (number, line) in (1..).zip(text.lines().map(code)) {
            for banned in BANNED.iter().filter(|banned| line.contains(*banned)) {
                wrong.push(format!("{file}:{number}: {banned}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_owns() {
    let silent: Vec<String> = files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn colours_are_named_in_one_file() {
    let style = Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
    for entry in fs::read_dir(style).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name == "tokens.css") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let hex = |word: &str| {
            word.strip_prefix('#').is_some_and(|digits| {
                matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        };
        let stray = text
            .split(|c: char| !c.is_alphanumeric() && c != '#')
            .find(|word| hex(word));
        assert!(stray.is_none(), "{}: {stray:?} belongs into tokens.css", path.display());
    }
}
