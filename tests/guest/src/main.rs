//! The travel desk's own lab: a page in the browser, else a command line.

use travel_desk::desk::CATALOGUE;

#[cfg(target_arch = "wasm32")]
fn main() {
    sagascope::page::mount(CATALOGUE);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    sagascope::cli::run(CATALOGUE)
}
