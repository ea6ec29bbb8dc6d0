//! Several workers on one task queue: each takes what it has room for, nobody hands anything out.

use super::Story;
use super::TASK_QUEUE;
use super::patterns::{purchase, wanted};
use crate::base::time::Span;
use crate::sim::node::WorkerName;
use crate::sim::script::{Action, When, WorkerSetup};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        ten(
            "workers-one",
            "One worker, one slot",
            "Ten quotes are asked for at once and one worker has room for one activity: nine wait in the queue, and one after the other gets its turn.",
            1,
            1,
        ),
        ten(
            "workers-four",
            "Four workers, one slot each",
            "The same ten quotes with four workers: the queue is shorter, and the order is placed in less than half the time.",
            4,
            1,
        ),
        ten(
            "workers-share",
            "Three workers share ten tasks",
            "Three workers with two slots each poll one queue: whoever has room takes the next task, and no task is taken twice.",
            3,
            2,
        ),
        ten(
            "workers-slow-and-dead",
            "One worker slow, one dead",
            "Worker B takes four times as long and gets fewer tasks for it; worker C dies with two in its hands, which the Service gives to others when their minute is over.",
            3,
            2,
        )
        .worker(1, |worker| worker.pace = 25)
        .act(When::Next, Span::millis(700), Action::Kill(WorkerName(2))),
    ]
}

/// Ten suppliers are asked at once, by so many workers with so many slots for activities.
fn ten(id: &'static str, title: &'static str, sentence: &'static str, workers: usize, slots: u32) -> Story {
    let suppliers = [
        "Ash", "Beech", "Chestnut", "Elder", "Fir", "Hazel", "Larch", "Maple", "Oak", "Pine",
    ];
    let mut story = purchase([id, title, sentence], "Parallel").input_is(&wanted(&suppliers));
    let worker = WorkerSetup {
        activity_slots: slots,
        ..WorkerSetup::on(TASK_QUEUE)
    };
    story.setup.workers = vec![worker; workers];
    story
}
