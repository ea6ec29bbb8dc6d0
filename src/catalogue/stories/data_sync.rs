//! Data sync: a table is copied page by page, and what becomes of the pages when somebody dies.

use serde_json::json;

use super::{InWorld as _, Story, shop, started};
use crate::base::time::{SimTime, Span};
use crate::catalogue::world::{self, System, WorldConfig};
use crate::sim::fault::{Target, Verb};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        sync(
            "sync-goes-well",
            "A table is copied",
            "Five pages in one activity, two seconds each: the world changes with every page, and the heartbeats that tell of it lag behind, for the worker passes on the newest one every 3.2 s.",
        ),
        sync(
            "sync-worker-dies",
            "Worker dies between two pages",
            "Four pages are copied and the last heartbeat tells of two: the next attempt goes on after the second, and the copy knows the records of two pages by their keys.",
        )
        .worker_dies(),
        sync(
            "sync-worker-dies-no-keys",
            "Worker dies between two pages, no keys",
            "The same death, and a copy that does not look at keys: what lies between the last heartbeat and the crash is there twice.",
        )
        .mended_by("sync-worker-dies")
        .world(|world| world.idempotency_keys = false)
        .worker_dies()
        .not_crash_proof(),
        sync(
            "sync-source-down",
            "The source is down for a minute",
            "The third page cannot be read: the attempt fails with its progress, the retries go on from there with growing pauses, and no page is read twice.",
        )
        .world(|world| {
            world.faults = vec![world::Mishap::Down {
                activity_type: "CopyPages".to_owned(),
                from: SimTime::ZERO + Span::secs(5),
                until: SimTime::ZERO + Span::secs(65),
            }];
        }),
        continues_as_new(),
    ]
}

/// The Service suggests to continue as new after a dozen events here, and in earnest after thousands.
fn continues_as_new() -> Story {
    let mut story = sync(
        "sync-continues-as-new",
        "A long sync continues as new",
        "Twelve pages are three batches, each in a run of its own: every run is handed what the one before has done, and no history grows long.",
    )
    .asks(|table| table["table"] = json!("invoices"));
    story.setup.limits.suggest_events = 12;
    story
}

/// A table of 23 records on five pages, two workers, nothing goes wrong.
fn sync(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    shop([id, title, sentence], "DataSync", "sync-customers")
        .input_is(&json!({ "table": "customers" }))
        .world(|world| *world = WorldConfig::of(&[System::Replica]))
}

impl Story {
    /// After the fourth page; the Service has heard of the second.
    fn worker_dies(self) -> Self {
        self.strikes(
            started("CopyPages", 1),
            vec![(Span::millis(8_100), Target::Doer, Verb::Kill)],
        )
    }
}
