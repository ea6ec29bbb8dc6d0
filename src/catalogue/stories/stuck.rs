//! Workflows that do not go on, and what helps. Each is stuck for a while, and then somebody does something about it.

use serde_json::json;

use super::order_saga::ordinary;
use super::patterns::{purchase, request};
use super::{Story, started};
use crate::base::time::Span;
use crate::history::proto::EventType;
use crate::sim::fault::{Target, Verb};
use crate::sim::node::WorkerName;
use crate::sim::script::{Action, When, WorkerSetup};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        order(
            "no-worker",
            "No worker at all",
            "A workflow is started and nobody polls its queue: the Service keeps its first task, without a limit, until a worker comes a minute later.",
        )
        .worker(0, |worker| worker.code = None)
        .worker(1, |worker| worker.code = None)
        .act(begun(), Span::secs(60), Action::Launch(A, 0))
        .act(When::Next, Span::secs(1), Action::Launch(B, 0)),
        order(
            "queue-misspelt",
            "A queue misspelt",
            "Worker A polls “ordres”, the workflow waits in “orders”: nobody reports an error, and nothing happens until a worker polls the right name.",
        )
        .worker(0, |worker| *worker = WorkerSetup::on("ordres"))
        .worker(1, |worker| worker.code = None)
        .act(begun(), Span::secs(60), Action::Launch(B, 0)),
        order(
            "activity-not-registered",
            "An activity nobody has",
            "The only worker was built without CreateShipment: every attempt fails with NotFoundError and is tried again, longer and longer, until a worker that has it is deployed.",
        )
        .worker(0, |worker| {
            worker.has = Some(vec![
                "ValidateOrder",
                "ReserveInventory",
                "ProcessPayment",
                "RefundPayment",
                "ReleaseInventory",
                "SendNotification",
            ]);
        })
        .worker(1, |worker| worker.code = None)
        .act(
            When::AttemptFailed {
                workflow: "order-1001".to_owned(),
                activity_id: "4".to_owned(),
                attempt: 5,
            },
            Span::ZERO,
            Action::Launch(B, 0),
        )
        .act(When::Next, Span::ZERO, Action::Stop(A)),
        purchase(
            [
                "waits-for-timeout",
                "A long timeout",
                "The worker that systems the order dies; the activity may take an hour, so the Service waits for an hour before it tries again.",
            ],
            "Sequence",
        )
        .mended_by("heartbeat-tells")
        .input_is(&request("Alder", 10))
        .strikes(started("PlaceOrder", 1), vec![(Span::millis(200), Target::Doer, Verb::Kill)]),
        purchase(
            [
                "heartbeat-tells",
                "The same with heartbeats",
                "The activity may take ten minutes, but has to report every five seconds: a dead worker is found out at once, and another one asks again.",
            ],
            "Select",
        )
        .input_is(&json!([request("Dogwood", 10), request("Gorse", 10)]))
        .strikes(started("AskForQuote", 1), vec![(Span::secs(2), Target::Doer, Verb::Kill)]),
    ]
}

const A: WorkerName = WorkerName(0);
const B: WorkerName = WorkerName(1);

fn order(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    ordinary([id, title, sentence])
}

fn begun() -> When {
    When::Event {
        workflow: "order-1001".to_owned(),
        event_type: EventType::WorkflowExecutionStarted,
        count: 1,
    }
}
