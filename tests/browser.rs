//! In a real browser: what needs a document, a clock or storage. Run with `./dev test` or `wasm-pack test`.
#![cfg(all(target_arch = "wasm32", feature = "page"))]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The page mounts into a document and says its name.
#[wasm_bindgen_test]
fn the_page_mounts() {
    leptos::mount::mount_to_body(sagascope::page::App);
    let body = leptos::prelude::document().body().expect("a document has a body");
    assert!(body.text_content().unwrap_or_default().contains("Sagascope"));
}
