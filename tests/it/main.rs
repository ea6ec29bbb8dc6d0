//! Native integration tests, one binary.
//!
//! - `codec`: histories read and write back as they were; a second implementation of protobuf agrees; what is tolerated
//!   and what is refused
//! - `rules`: every history of a real server is well-formed; every rule catches what it is for
//! - `text`: a history as lines, golden
//!
//! The histories are in `tests/histories`, see its README.

#![cfg(not(target_arch = "wasm32"))]

mod codec;
mod histories;
mod rules;
mod text;
