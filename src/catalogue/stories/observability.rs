//! What a look at many runs at once shows.

use super::patterns::{purchase, request};
use super::{InWorld as _, Story};
use crate::base::time::{SimTime, Span};
use crate::catalogue::world::Mishap;
use crate::contract::request::StartWorkflow;
use crate::sim::script::{Action, When};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        many(
            "alert",
            "An outage, and an alert",
            "A purchase every ten seconds; for forty seconds no supplier can be reached, and those that meet the outage fail at their third attempt: a third of all, more than any limit for an alert allows.",
        )
        .world(|world| {
            world.faults = vec![Mishap::Down {
                activity_type: "AskForQuote".to_owned(),
                from: SimTime::ZERO + Span::secs(35),
                until: SimTime::ZERO + Span::secs(75),
            }];
        })
        // Who waits for a lost attempt meets another moment of the outage.
        .not_crash_proof(),
    ]
}

/// How many purchases there are.
const PURCHASES: u32 = 12;

/// Between the starts of two.
const EVERY: Span = Span::secs(10);

fn many(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    let first = purchase([id, title, sentence], "Sequence").input_is(&request("Birch", 10));
    let start = first.setup.start.clone();
    (2..=PURCHASES).fold(first, |story, number| {
        let start = StartWorkflow {
            workflow_id: format!("purchase-{number}"),
            ..start.clone()
        };
        story.act(When::Next, EVERY, Action::Start(Box::new(start)))
    })
}
