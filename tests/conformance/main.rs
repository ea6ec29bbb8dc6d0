//! Scenarios, played twice: in the simulation, and on a real Temporal server with the official SDK's worker. The same
//! histories must come of it, event for event and attribute for attribute. See README.md beside this file.
//!
//! - `scenario`: what a scenario is; `scenarios/`: the catalogue, a file a theme
//! - `simulated`: plays one in the simulation
//! - `stage`: plays one on a real server, with `server`, `worker` (a process, killed for real), `wire` and
//!   `client`
//! - `house`: plays many, several at the same time
//! - `performance`: what a performance leaves behind; recordings hold one each
//! - `moment`: how things stood at a moment of a real performance, by the server's description; `pending`: by the fold
//! - `compare`: finds what differs; `shape` says what may
//! - `replays`: has the histories replayed by our worker and the official one, also with code that is not theirs (`changed`)
//! - `cli`: what is asked of this program; it is no ordinary test, but `cargo test` runs it all the same

#![expect(clippy::print_stdout, reason = "it is a program, and prints tables")]

mod changed;
mod cli;
mod client;
mod compare;
mod house;
mod moment;
#[path = "../replayers/official.rs"]
mod official;
mod pending;
mod performance;
mod replays;
#[allow(dead_code, reason = "words that a scenario may use")]
mod scenario;
mod scenarios;
mod server;
#[allow(dead_code, reason = "shared with another test")]
mod shape;
mod simulated;
mod stage;
mod think;
mod wire;
mod worker;

fn main() -> std::process::ExitCode {
    cli::main()
}
