//! Code that does not do the same again, and the same done right.
//!
//! Worker A runs the workflows and worker B the activities. A dies while the order is being placed; when it is back, it
//! has to replay what it did before.

use serde_json::{Value, json};

use super::patterns::{purchase, request};
use super::{Registry, Story, registry, started};
use crate::base::time::Span;
use crate::catalogue::workflows::traced;
use crate::contract::request::Reset;
use crate::sim::fault::{Target, Verb};
use crate::sim::node::WorkerName;
use crate::sim::script::{Action, When};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        // What comes of wrong code depends on when it has to be replayed: that is what is wrong with it.
        replayed(
            "dice-wrong",
            "Dice thrown by the code",
            "The code throws the machine's dice; at the replay they fall otherwise, and the history does not fit. Only the machine knew how they fell: the right code is deployed, and the run is reset to its beginning.",
            "SpotCheck",
            &two(),
        )
        .mended_by("dice-right")
        .versions(&[thrown, registry])
        .act(When::Next, Span::secs(18), Action::Launch(A, 1))
        .act(When::Next, Span::millis(1_500), Action::Reset("purchase-1".to_owned(), to_the_beginning()))
        .not_crash_proof(),
        replayed(
            "dice-right",
            "Random numbers of the SDK",
            "The same with `ctx.random()`: its numbers follow from the run, and the replay draws the same ones.",
            "SpotCheck",
            &two(),
        ),
        replayed(
            "dice-by-activity",
            "A draw by a local activity",
            "The same with a local activity that draws: the history has what was drawn, in a marker, and the replay reads it there.",
            "SpotCheck",
            &two(),
        )
        .versions(&[drawn]),
        replayed(
            "clock-wrong",
            "The machine's clock",
            "The code asks the machine how late it is; at the replay nothing seems to have taken any time, and the history does not fit. The right code reads the same time as the first run did, and goes on where that stopped.",
            "LateAnswer",
            &request("Cedar", 10),
        )
        .mended_by("clock-right")
        .versions(&[by_the_wall, registry])
        .act(When::Next, Span::secs(75), Action::Launch(A, 1))
        .not_crash_proof(),
        replayed(
            "clock-right",
            "The clock of the SDK",
            "The same with `ctx.workflow_time()`: it is the time at which the task was given out, which the history has.",
            "LateAnswer",
            &request("Cedar", 10),
        ),
    ]
}

const A: WorkerName = WorkerName(0);

fn replayed(
    id: &'static str,
    title: &'static str,
    sentence: &'static str,
    workflow_type: &str,
    input: &Value,
) -> Story {
    purchase([id, title, sentence], workflow_type)
        .input_is(input)
        .worker(0, |worker| worker.activities = false)
        .worker(1, |worker| worker.workflows = false)
        .strikes(
            started("PlaceOrder", 1),
            vec![(Span::millis(100), Target::Worker(A), Verb::Crash)],
        )
}

fn two() -> Value {
    json!([request("Alder", 10), request("Birch", 10)])
}

/// The end of the first workflow task is the first thing that is not kept.
fn to_the_beginning() -> Reset {
    Reset {
        event_id: 4,
        reason: "the dice cannot be thrown again".to_owned(),
        reapply_signals: true,
        reapply_updates: true,
    }
}

fn thrown() -> Registry {
    registry().with_source::<traced::spot_check_dice::SpotCheck>()
}

fn drawn() -> Registry {
    registry().with_source::<traced::spot_check_drawn::SpotCheck>()
}

fn by_the_wall() -> Registry {
    registry().with_source::<traced::late_answer_wall_clock::LateAnswer>()
}
