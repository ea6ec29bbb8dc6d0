#[cfg(target_arch = "wasm32")]
fn main() {
    sagascope::page::mount(my_lab::CATALOGUE);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    sagascope::cli::run(my_lab::CATALOGUE)
}
