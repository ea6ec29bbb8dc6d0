//! What the engine's work costs, against others who do the same work: `./dev bench` prints the tables and writes them,
//! with a plot, to `benches/README.md`. Each comparison is of figures taken in one run, in turns.
//!
//! [`kernels`] is what the engine is measured at, on [`guests`] and their [`histories`]; [`contest`] is how. The others
//! are [`limit`] (the SDK's bare runtime), [`official`] (its Rust replayer), [`python`], [`live`] (a development server)
//! and [`reflect`]. [`figures`] are what was measured, [`table`] and [`plot`] show them. In a browser ([`chrome`]) the
//! same kernels run, and the figures are handed over.

mod contest;
#[cfg_attr(target_arch = "wasm32", allow(dead_code, reason = "the browser only notes"))]
mod figures;
mod guests;
mod histories;
#[cfg_attr(target_arch = "wasm32", allow(dead_code, reason = "the browser runs the first two"))]
mod kernels;
mod limit;

#[cfg(target_arch = "wasm32")]
mod chrome;
#[cfg(feature = "cluster")]
mod live;
#[cfg(not(target_arch = "wasm32"))]
mod memory;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(feature = "cluster")]
mod official;
#[cfg(not(target_arch = "wasm32"))]
mod plot;
#[cfg(not(target_arch = "wasm32"))]
mod python;
#[cfg(not(target_arch = "wasm32"))]
mod reflect;
#[cfg(not(target_arch = "wasm32"))]
mod table;

#[cfg(feature = "cluster")]
#[path = "../../tests/conformance/server.rs"]
mod server;

/// What `server` takes from the program that it is a part of elsewhere.
#[cfg(feature = "cluster")]
mod cli {
    /// Where the server's log goes.
    pub(crate) const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
