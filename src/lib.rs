//! Sagascope: a laboratory for durable workflows.
//!
//! It runs real Temporal workflows, written with the official Rust SDK, against a simulated Temporal Service and
//! simulated workers on a virtual clock. A run is a pure function of its address: a story, a seed, and what was done at
//! which step or time.
//!
//! # Your own workflow, crash-tested
//!
//! With `default-features = false` this is a library for tests: no page, no web crate, no command line. Say what your
//! activities do to the outside and what is promised about it; then [`Sweep`] runs the workflow once for every moment at
//! which a worker can die, in memory, in milliseconds.
//!
//! ```
//! use sagascope::{Behaviour, Judged, Promise, Registry, Setup, StartWorkflow, Sweep, World};
//! use temporalio_macros::{activity_definitions, workflow, workflow_methods};
//! use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};
//!
//! // The workflow and its activities, as on any Temporal worker.
//! struct Bank;
//!
//! #[activity_definitions]
//! impl Bank {
//!     #[activity(name = "withdraw")]
//!     pub async fn withdraw(euros: u64) {
//!         unimplemented!()
//!     }
//! }
//!
//! #[workflow]
//! #[derive(Default)]
//! struct Payout;
//!
//! #[workflow_methods]
//! impl Payout {
//!     #[run(name = "Payout")]
//!     async fn run(ctx: &mut WorkflowContext<Self>, euros: u64) -> WorkflowResult<()> {
//!         let within = ActivityOptions::start_to_close_timeout(std::time::Duration::from_secs(5));
//!         ctx.execute_activity(Bank::withdraw, euros, within).await?;
//!         Ok(())
//!     }
//! }
//!
//! // The outside: a state, and what each activity does to it.
//! #[derive(Clone, Default, serde::Serialize)]
//! struct Account {
//!     withdrawn: u64,
//! }
//!
//! fn setup(bank: Behaviour) -> Setup {
//!     let world = World::new(Account::default()).activity(Bank::withdraw, bank, |account, euros| {
//!         account.withdrawn += euros;
//!         Ok(())
//!     });
//!     let start = StartWorkflow::new("Payout", "payout-1", &100);
//!     Setup::new(start, || Registry::new().with::<Payout>())
//!         .outside(world)
//!         .promise(Promise::new("the money leaves the account once", |end| {
//!             let withdrawn = end.state::<Account>().withdrawn;
//!             Judged::new(withdrawn == 100, format!("{withdrawn} euros withdrawn"))
//!         }))
//! }
//!
//! // A bank that knows a repeated call by its idempotency key: whenever a worker dies, the promise is kept.
//! Sweep::of(setup(Behaviour::at("Bank").keyed())).assert_holds();
//!
//! // One that does not: there is a moment at which a crash costs 200 euros, and the report names it.
//! let mut sweep = Sweep::of(setup(Behaviour::at("Bank")));
//! sweep.run_to_end();
//! let report = sweep.report().unwrap();
//! assert!(report.contains("200 euros withdrawn"));
//! assert!(report.contains("repro: payout-1?seed=7&do="));
//! ```
//!
//! With the feature `page` the same set-up is a lab of your own in the browser (`page::mount`), with `cli` one on the
//! command line (`cli::run`); `tests/guest/README.md` tells how, and how the lines of your source are shown there.
//!
//! # The map, in reading order
//!
//! | layer | what it is | start at |
//! | --- | --- | --- |
//! | `base` | words everything is made of: time, chance, the probe of source lines, a machine's clock and dice | `base::time` |
//! | `history` | Temporal's event types, what each means, the event log, the state that follows from it, JSON, words, rules | `history::proto` |
//! | `study` | what a history tells afterwards, whoever wrote it: what is unwise in it, what a crash would have cost, how two differ | `study::lint` |
//! | `contract` | what Service and worker say to each other: data only | `contract::task` |
//! | `service` | the simulated Temporal Service: durable, the only writer of histories | `service::Service` |
//! | `worker` | runs, caches, replays workflow code through the SDK; local activities; findings of nondeterminism | `worker::execution` |
//! | `sim` | all of it wired together and stepped; the outside; set-ups, scripts of clients and operators, faults | [`sim::Sim`](Sim) |
//! | `check` | many worlds, judged: promises, the crash sweep | [`check::sweep`](Sweep) |
//! | `view` | a run as plain data for any front end, and for the tools of operators: traces, metrics | `view::recorder` |
//! | `page` | Leptos; the only web code | `page::session` |
//! | `cli` | the command line | `cli::run` |
//! | `catalogue` | the lab's own workflows, their world, promises and stories | `catalogue::stories` |
//! | `cluster` | the same workflows on a real Temporal cluster, through the official SDK; native | `cluster::worker` |
//!
//! Each layer uses layers above it in this table and never one below. Service and worker never see each other; what
//! stands above `catalogue` is the engine and names no story and no shop; it builds without a single web crate
//! (`--no-default-features`). A test, `tests/it/layers.rs`, says exactly who may use whom. The layers are public with
//! the feature `internals` only, for this project's own tests and programs; everybody else has what stands below.
//!
//! # What is absent, and stays so
//!
//! No layer but `page` and `cluster` reads a clock. No draw of chance has an order: each is a function of the seed and
//! of what it is drawn for. Nothing happens outside [`Sim::step`]. Only one folder, `worker/sdk`, names the SDK's
//! private seam.

#![cfg_attr(
    not(feature = "internals"),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "most of it is for the front ends"
    )
)]

// So that the traced twins of this crate name it as those of any other do.
extern crate self as sagascope;

#[doc(hidden)]
pub use base::probe;
pub use base::time::{SimTime, Span};
pub use check::sweep::{CrashPoint, Judgement, Sweep};
pub use contract::request::{Query, Reset, Signal, StartWorkflow, Update};
pub use history::proto::EventType;
pub use service::limits::Limits;
pub use sim::fault::{Fault, Target, Trigger, Verb};
pub use sim::lesson::{Happening, Lessons, Scene, Sight, Station, Task, Words};
pub use sim::node::WorkerName;
pub use sim::outside::{
    ActivityError, Beats, Behaviour, Call, Entry, EntryKind, Fact, OnCancel, Outside, Parts, Plan, World,
};
pub use sim::promise::{End, Judged, Promise};
pub use sim::script::{Act, Action, When, WorkerSetup};
pub use sim::setup::Setup;
pub use sim::spec::{Choice, RunSpec};
pub use sim::story::{Catalogue, Chapter, Story};
pub use sim::{Sim, Verdict};
pub use worker::registry::Registry;
pub use worker::source::{Source, Traced};

#[cfg(feature = "internals")]
pub mod base;
#[cfg(not(feature = "internals"))]
mod base;
#[cfg(feature = "internals")]
pub mod catalogue;
#[cfg(feature = "internals")]
pub mod check;
#[cfg(not(feature = "internals"))]
mod check;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
#[cfg(feature = "internals")]
pub mod contract;
#[cfg(not(feature = "internals"))]
mod contract;
#[cfg(feature = "internals")]
pub mod history;
#[cfg(not(feature = "internals"))]
mod history;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "internals")]
pub mod service;
#[cfg(not(feature = "internals"))]
mod service;
#[cfg(feature = "internals")]
pub mod sim;
#[cfg(not(feature = "internals"))]
mod sim;
#[cfg(feature = "internals")]
pub mod study;
#[cfg(not(feature = "internals"))]
mod study;
#[cfg(feature = "internals")]
pub mod view;
#[cfg(not(feature = "internals"))]
mod view;
#[cfg(feature = "internals")]
pub mod worker;
#[cfg(not(feature = "internals"))]
mod worker;
