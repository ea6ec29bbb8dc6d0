//! The native integration tests, a file a feature.
#![cfg(not(target_arch = "wasm32"))]

mod shop;
mod tracing;
mod world;
