//! The kernels in a browser, as a test of `wasm-bindgen-test`: what they came to is a line of its output.

use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

use crate::figures::Figures;
use crate::kernels;

// Not in the page itself: a page that does not answer for minutes is given up by the driver.
wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn kernels_in_the_browser() {
    let mut figures = Figures::default();
    for replay in kernels::replays() {
        kernels::measure_replay(&mut figures, &replay, Vec::new());
    }
    kernels::measure_sweeps(&mut figures);
    console_log!(
        "figures {}",
        serde_json::to_string(&figures).expect("numbers and names")
    );
}
