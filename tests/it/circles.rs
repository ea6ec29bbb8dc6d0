//! No file of a layer names another that names it back, directly or by way of others. What the compiler does not check
//! either; that one layer does not use another the wrong way is in `layers`.
//!
//! Methods may call methods of another file all the same, where a type is shared: the machines of the Service hand a run
//! on to each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers that are kept free of circles.
const LAYERS: [&str; 4] = ["base", "contract", "service", "page"];

/// A file by the names of its modules below the layer; none for the layer's own `mod.rs`.
type Module = Vec<String>;

fn files(layer: &str) -> BTreeMap<Module, String> {
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer);
    let mut found = Vec::new();
    walk(&root, &mut found);
    let module = |path: &Path| {
        let inside = path.strip_prefix(&root).unwrap().with_extension("");
        let mut names: Module = inside.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
        names.pop_if(|last| last == "mod");
        names
    };
    let read = |path: &PathBuf| (module(path), code(&fs::read_to_string(path).unwrap()));
    found.iter().map(read).collect()
}

/// A file without its comments, its unit tests, and the words that say who may see something.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    text.replace("pub(super)", "pub").replace("pub(in crate::", "pub(in ")
}

/// The files that a file names.
fn named(layer: &str, of: &Module, text: &str, all: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let own = format!("crate::{layer}");
    let mut found = BTreeSet::new();
    for (start, base) in [(own.as_str(), Vec::new()), ("super", parent(of))] {
        for (at, _) in text.match_indices(start) {
            let after = &text[at + start.len()..];
            let whole_word =
                after.starts_with("::") && !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if whole_word {
                for path in paths(&after[2..]) {
                    found.insert(file_of(base.clone(), &path, all));
                }
            }
        }
    }
    found.remove(of);
    found
}

fn parent(of: &Module) -> Module {
    of[..of.len().saturating_sub(1)].to_vec()
}

/// What stands after `crate::layer::`: one path, or, in braces, the beginnings of several.
fn paths(text: &str) -> Vec<Vec<&str>> {
    let name_end = |text: &str| {
        text.find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len())
    };
    if let Some(list) = text.strip_prefix('{') {
        let list = list.split('}').next().unwrap_or_default();
        return list.split(',').flat_map(|part| paths(part.trim())).collect();
    }
    let (first, rest) = text.split_at(name_end(text));
    match rest.strip_prefix("::") {
        Some(rest) => {
            let mut all = paths(rest);
            all.iter_mut().for_each(|path| path.insert(0, first));
            all
        }
        None => vec![vec![first]],
    }
}

/// The file in which such a path ends: what is no module is in the last that is one.
fn file_of(mut base: Module, path: &[&str], all: &BTreeMap<Module, String>) -> Module {
    for name in path {
        if *name == "super" {
            base = parent(&base);
            continue;
        }
        base.push((*name).to_owned());
        if !all.contains_key(&base) {
            base.pop();
            break;
        }
    }
    base
}

#[test]
fn no_file_leads_back_to_itself() {
    for layer in LAYERS {
        let all = files(layer);
        let mut leads_to: BTreeMap<&Module, BTreeSet<Module>> = all
            .iter()
            .map(|(module, text)| (module, named(layer, module, text, &all)))
            .collect();
        // Whatever leads to nothing that is left is in no circle.
        while let Some(free) = leads_to.iter().find(|(_, to)| to.is_empty()).map(|(module, _)| *module) {
            leads_to.remove(free);
            leads_to.values_mut().for_each(|to| _ = to.remove(free));
        }
        assert!(leads_to.is_empty(), "{layer} has a circle among {leads_to:#?}");
    }
}

#[test]
fn a_path_ends_in_the_file_that_has_what_it_names() {
    let all: BTreeMap<Module, String> = ["", "run", "machines", "machines/close"]
        .iter()
        .map(|path| {
            (
                path.split('/')
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect(),
                String::new(),
            )
        })
        .collect();
    let of: Module = vec!["machines".to_owned(), "close".to_owned()];
    let found = named(
        "service",
        &of,
        &code("use crate::service::run::{Run, State};\nuse super::Tx; // super::super::Other\npub(super) fn f() {}"),
        &all,
    );
    let expected: BTreeSet<Module> = [vec!["run".to_owned()], vec!["machines".to_owned()]].into();
    assert_eq!(found, expected);
}
