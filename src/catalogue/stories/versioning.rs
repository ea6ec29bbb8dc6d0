//! Code that changes while runs are open: the order saga gets a check for fraud before the payment.
//!
//! The first order is at its payment when the new code is deployed. Both workers get it: each finishes what it has in
//! hand, leaves, and is started again.

use super::order_saga::ordinary;
use super::{Registry, Story, registry};
use crate::base::time::Span;
use crate::catalogue::workflows::traced;
use crate::contract::request::StartWorkflow;
use crate::history::payload;
use crate::sim::node::WorkerName;
use crate::sim::script::{Action, When};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        deployed(
            "deploy-unpatched",
            "Changed code, no patch",
            "Version 2 checks for fraud before the payment, which an open run has made already: it cannot be replayed and stays open, failing task after task, until version 3 marks the change as a patch.",
            &[registry, unpatched, patched],
        )
        .mended_by("deploy-patched")
        .deploy(at("order-1001", PAYMENT), Span::ZERO, 1)
        .deploy(When::Next, Span::secs(25), 2),
        deployed(
            "deploy-patched",
            "Changed code with a patch",
            "Version 2 asks `patched` first: the open run goes on without the check for fraud, the order after it has it, and a mark in its history.",
            &[registry, patched],
        )
        .deploy(at("order-1001", PAYMENT), Span::ZERO, 1)
        .next_order(),
        deployed(
            "patch-removed-too-early",
            "A patch removed too early",
            "A run has the mark of the patch, and version 2 knows nothing of it any more: its replay fails until version 3 deprecates the patch, as it should have been.",
            &[patched, unpatched, deprecating],
        )
        .mended_by("patch-deprecated")
        .deploy(at("order-1001", PAYMENT_CHECKED), Span::ZERO, 1)
        .deploy(When::Next, Span::secs(25), 2),
        deployed(
            "patch-deprecated",
            "The last of a patch",
            "All runs have the mark, so version 2 deprecates the patch; the order that it begins has a mark that may be ignored, and so version 3 without any patch can go on with it.",
            &[patched, deprecating, unpatched],
        )
        .deploy(at("order-1001", PAYMENT_CHECKED), Span::ZERO, 1)
        .next_order()
        .deploy(at("order-1002", PAYMENT_CHECKED), Span::ZERO, 2),
    ]
}

/// Which activity of a run the payment is, without and with the check for fraud before it.
const PAYMENT: &str = "3";
const PAYMENT_CHECKED: &str = "4";

fn deployed(id: &'static str, title: &'static str, sentence: &'static str, versions: &[fn() -> Registry]) -> Story {
    ordinary([id, title, sentence]).versions(versions)
}

fn unpatched() -> Registry {
    registry().with_source::<traced::order_orchestration_2::OrderOrchestration>()
}

fn patched() -> Registry {
    registry().with_source::<traced::order_orchestration_2_patched::OrderOrchestration>()
}

fn deprecating() -> Registry {
    registry().with_source::<traced::order_orchestration_2_deprecating::OrderOrchestration>()
}

/// A worker has taken that activity of an order.
fn at(order: &str, activity_id: &str) -> When {
    When::AttemptStarted {
        workflow: order.to_owned(),
        activity_id: activity_id.to_owned(),
        attempt: 1,
    }
}

impl Story {
    /// Both workers get that version of the code.
    fn deploy(self, when: When, after: Span, version: u8) -> Self {
        self.act(when, after, Action::Launch(WorkerName(0), version)).act(
            When::Next,
            Span::ZERO,
            Action::Launch(WorkerName(1), version),
        )
    }

    /// Another order comes in as soon as the one before is done.
    fn next_order(self) -> Self {
        let mut order = self.input();
        order["order_id"] = "order-1002".into();
        let start = StartWorkflow {
            workflow_id: "order-1002".to_owned(),
            input: Some(payload::json(&order)),
            ..self.setup.start.clone()
        };
        let before = When::Closed {
            workflow: self.setup.start.workflow_id.clone(),
        };
        self.act(before, Span::secs(1), Action::Start(Box::new(start)))
    }
}
