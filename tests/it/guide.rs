//! The guide from an empty folder to one's own lab is what stands in `tests/guide`, which is compiled and run.

use std::fs;
use std::path::Path;

/// The blocks of code in the guide, in their order.
fn blocks(text: &str) -> Vec<&str> {
    let parts = text.split("```").skip(1).step_by(2);
    parts
        .filter_map(|part| part.split_once('\n').map(|(_, code)| code))
        .collect()
}

#[test]
fn every_step_of_the_guide_is_as_it_was_tried() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |path: &str| fs::read_to_string(tests.join(path)).unwrap();
    let guide = read("guest/README.md");
    let steps = blocks(&guide);
    // What differs is where the library is, and that what the guide shows to fail has to fail.
    let manifest = read("guide/Cargo.toml").replace("../..", "../sagascope");
    let test = read("guide/tests/crashes.rs").replace("#[should_panic(expected = \"200 euros withdrawn\")]\n", "");
    let script = read("guide/build.rs");
    let expected = [
        manifest.split_once('\n').unwrap().1.to_owned(),
        read("guide/src/payout.rs"),
        read("guide/src/lib.rs"),
        format!("// build.rs\n{script}\n// tests/crashes.rs\n{test}"),
    ];
    assert_eq!(steps[..4], expected);
    assert!(steps[4].contains("200 euros withdrawn"));
    assert_eq!(steps[5..], [read("guide/src/main.rs"), read("guide/index.html")]);
}
