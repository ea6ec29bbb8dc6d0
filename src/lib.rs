//! Sagascope: a laboratory for durable workflows.
//!
//! It runs real Temporal workflows, written with the official Rust SDK, against a simulated Temporal Service and
//! simulated workers on a virtual clock. A run is a pure function of its address: a story, a seed, and what the user did
//! at which step or time ([`sim::spec::RunSpec`]).
//!
//! # The map, in reading order
//!
//! | layer | what it is | start at |
//! | --- | --- | --- |
//! | [`base`] | words everything is made of: time, chance, the probe of source lines, a machine's clock and dice | [`base::time`] |
//! | [`history`] | Temporal's event types, the event log, its JSON, its words, its rules; the state of a run as its fold | [`history::proto`] |
//! | [`contract`] | what Service and worker say to each other: data only | [`contract::task`] |
//! | [`service`] | the simulated Temporal Service: durable, the only writer of histories | [`service::Service`] |
//! | [`worker`] | runs, caches, replays workflow code through the SDK; local activities; findings of nondeterminism | [`worker::execution`] |
//! | [`workflows`] | ordinary user code on the public SDK: the order saga and its neighbours; activities for rehearsals | [`workflows::order_orchestration`] |
//! | [`world`] | the outside: stock, payments, carrier, mail, and their journal | [`world::World`] |
//! | [`sim`] | all of it wired together and stepped; set-ups, scripts of clients and operators, faults; the stories | [`sim::Sim`] |
//! | [`check`] | many worlds, judged: promises, the crash sweep | [`check::sweep`] |
//! | [`view`] | a run as plain data for any front end, and for the tools of operators: traces, metrics | [`view::recorder`] |
//! | `page` | Leptos; the only web code | `page::session` |
//! | `cluster` | the same workflows on a real Temporal cluster, through the official SDK; native | `cluster::worker` |
//!
//! # The one rule
//!
//! Each layer uses layers above it in this table and never one below. Service and worker never see each other;
//! `workflows` uses only the SDK; the engine builds without a single web crate (`--no-default-features`). A test,
//! `tests/it/layers.rs`, says exactly who may use whom.
//!
//! # What is absent, and stays so
//!
//! No layer but `page` and `cluster` reads a clock. No draw of chance has an order: each is a function of the seed and
//! of what it is drawn for. Nothing happens outside [`sim::Sim::step`]. Only one folder, `worker/sdk`, names the SDK's
//! private seam.
//!
//! ```
//! use sagascope::sim::{Sim, Verdict, spec::RunSpec};
//!
//! // Kill worker A when 15 steps are done: the payment is taken and nobody has said so yet.
//! let spec = RunSpec::parse("all-goes-well?do=15:kill:A").unwrap();
//! let mut sim = Sim::new(&spec).unwrap();
//! assert_eq!(sim.run_to_end(), Verdict::Settled);
//! assert_eq!(sim.world().balance().captured_minor, 8_900); // once, thanks to the idempotency key
//! ```

pub mod base;
pub mod check;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod contract;
pub mod history;
#[cfg(feature = "page")]
pub mod page;
pub mod service;
pub mod sim;
pub mod view;
pub mod worker;
pub mod workflows;
pub mod world;
