//! Native integration tests, one binary.
//!
//! What the parts do:
//! - `codec`: histories read and write back as they were; a second implementation of protobuf agrees; what is tolerated
//!   and what is refused; `forms`: other tools' files; `broken_files`: files
//!   that chance has broken
//! - `rules`: every history of a real server is well-formed; every rule catches what it is for
//! - `classes`: what each type of event is, against every history there is
//! - `text`: a history as lines, golden; `outlook`: what is open at its end, and why
//! - `risk`: what a crash could have done, golden, and held against what the lab's crashes do
//! - `fold`: the state of a run is a fold of its history; the Service and the fold agree (see `agreement`)
//! - `service`: the Service alone, told what happens and when (by a `script`); which events it writes
//! - `lifecycle`: how runs begin, end and follow each other; `children`: runs that start others
//! - `resets`: starting again from a point in the past
//! - `queries`: questions to runs; `updates`: changes asked of them, and tasks that never were; `messages`: signals, requests to stop, terminations, and what else reaches a run from outside
//! - `retry`: the arithmetic of retries
//! - `worker`: replay meets history; what it says when it cannot; `machines`: every request of the SDK, lived and
//!   replayed; `nondeterminism`: the official verdict on changed code (they play programs, see `program`);
//!   `asked_otherwise`: what replay tells beside its verdict
//! - `diff`: two histories compared
//! - `shop`, `tracing`: the order workflow and its traced twin; `world`: the ledgers
//!
//! What they do together:
//! - `stories`: every story, golden, and its history against the rules and the oracle
//! - `order_processing`, `fulfilment`, `payment_fallback`, `idempotency`: what the stories of a chapter must show
//!   (`telling` has what they ask)
//! - `real`: our stories as a real server wrote them, event for event and attribute for attribute
//! - `registration`, `approval`, `circuit_breaker`, `data_sync`: what the stories of a chapter show
//! - `sweep`: every worker crashed at every step of every story
//! - `chances`: random seeds and random crashes; failures print a repro string
//! - `addresses`: how runs are spelled, and what is said about bad spellings
//! - `scripts`: what clients and operators do and are told; `choices`: what the user does, by steps and by the clock
//! - `setups`: what is refused before a run begins
//! - `growth`: long runs, and Temporal's own limits; `timeline`: going back in time, and forks
//! - `heartbeats`, `workers`: activities that report progress; what workers are for and what befalls them
//! - `patterns`, `sharing`, `stuck`, `determinism`, `versioning`, `outage`: what the stories of a chapter are there to show
//! - `recording`: what the page is given; `truth`: that it is so; `operations`: lists, descriptions, task queues
//! - `opened`: histories from files, as the page is given them
//! - `watching`: what the tools of operators are given: traces, metrics (`tests/readers` has others read them)
//! - `command_line`: the binary itself
//! - `lint`: every rule of the linter fires and does not; what it says of all histories, golden (`sketch` draws small ones)
//! - `lessons`: the first scene, card by card, and the tour, station by station
//! - `layers`: which part may use which; the house rules; `circles`: no files that name each other
//!
//! `lab` has workflows that only rehearse. `shape`, shared with `tests/conformance`, says what two histories of one
//! scenario may differ in. Histories of a real server
//! are in `tests/histories`, of our own stories on a real server in `tests/real`; each has its README. Golden files are
//! in `tests/golden` and `tests/stories`; `UPDATE_EXPECT=1` rewrites them.

#![cfg(not(target_arch = "wasm32"))]

mod addresses;
mod agreement;
mod approval;
mod asked_otherwise;
mod broken_files;
mod chances;
mod children;
mod choices;
mod circles;
mod circuit_breaker;
mod classes;
mod codec;
mod command_line;
mod console;
mod data_sync;
mod determinism;
mod diff;
mod fold;
mod forms;
mod fulfilment;
mod golden;
mod growth;
mod guide;
mod heartbeats;
mod histories;
mod idempotency;
mod lab;
mod layers;
mod lessons;
mod lifecycle;
mod lint;
mod machines;
mod messages;
mod moments;
mod nondeterminism;
mod opened;
mod operations;
mod oracle;
mod order_processing;
mod outage;
mod outlook;
mod patterns;
mod payment_fallback;
#[path = "../conformance/pending.rs"]
mod pending;
mod program;
mod queries;
mod real;
mod recording;
mod registration;
mod resets;
mod retry;
mod risk;
mod rules;
mod script;
mod scripts;
mod service;
mod setups;
#[allow(dead_code, reason = "shared with another test")]
#[path = "../conformance/shape.rs"]
mod shape;
mod sharing;
mod shop;
mod sketch;
mod stories;
mod stuck;
mod sweep;
mod telling;
mod text;
mod timeline;
mod tracing;
mod truth;
mod updates;
mod versioning;
mod watching;
mod worker;
mod workers;
mod world;
