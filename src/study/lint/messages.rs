//! Rules about what comes from outside and goes outside: signals, updates, requests to stop.

use std::collections::BTreeSet;

use crate::history::class::{End, Part, Thing};
use crate::history::proto::{Attributes, EventType, HistoryEvent, outcome};

use super::evidence::{Ending, Evidence, Task, how, is};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{counted, failure, name, names, number};

/// A run takes no more signals (`history.maximumSignalsPerExecution`).
const MOST_SIGNALS: u64 = 10_000;

/// A run takes no more updates (`history.maxTotalUpdates`).
const MOST_UPDATES: u64 = 2_000;

/// No more updates at a time (`history.maxInFlightUpdates`).
const MOST_UPDATES_AT_ONCE: u64 = 10;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "signal-not-delivered",
        severity: Severity::Warning,
        title: "a signal came, and the run ended before any workflow task had delivered it",
        why: "The Service had accepted it, and its sender knows no better; but no code has ever seen it.",
        todo: "If the run was ended from outside, look at what the signal asked for and do it by hand, or reset the run to its \
               last workflow task: signals after that point are applied again. Use an update where a sender must know.",
        page: "encyclopedia/workflow-message-passing",
        look: signal_not_delivered,
    },
    Rule {
        id: "signal-with-last-task",
        severity: Severity::Note,
        title: "a signal came with the very workflow task that ended the run",
        why: "It was delivered together with other news, one of which ended the workflow. Whether its handler ran to its end a \
              history cannot tell: a signal that is still in a channel, or whose handler waits, is lost then.",
        todo: "Before returning or continuing as new, handle the signals that there are, and wait until all handlers have \
               finished.",
        page: "encyclopedia/workflow-message-passing",
        look: signal_with_last_task,
    },
    Rule {
        id: "update-not-completed",
        severity: Severity::Warning,
        title: "an update was accepted, and the run ended before it had completed",
        why: "Whoever waits for its outcome gets an error, though the handler has run in part.",
        todo: "Before returning or continuing as new, wait until all handlers have finished (`all_handlers_finished`).",
        page: "encyclopedia/workflow-message-passing",
        look: update_not_completed,
    },
    Rule {
        id: "update-failed",
        severity: Severity::Note,
        title: "an update failed",
        why: "Its handler ran and threw: its sender gets this failure, and what the handler had done before stays done. (An \
              update that the validator rejects leaves no event.)",
        todo: "If it could be known beforehand, reject it in the validator.",
        page: "encyclopedia/workflow-message-passing",
        look: update_failed,
    },
    Rule {
        id: "cancel-not-heeded",
        severity: Severity::Warning,
        title: "a run was asked to stop, and nothing shows that its code has taken notice",
        why: "A request to stop is delivered once, to code that may do with it what it likes: here nothing was cancelled since, \
              and the run did not end by itself. It is not carried over to a next run either.",
        todo: "Let the cancellation reach what the workflow waits for, and clean up in a scope that is not cancelled. \
               Terminate only what must end without cleaning up.",
        page: "encyclopedia/workflow/cancellation-and-termination",
        look: cancel_not_heeded,
    },
    Rule {
        id: "signals-near-limit",
        severity: Severity::Warning,
        title: "a run has nearly received as many signals as it may",
        why: "By default a run takes 10,000 signals; after that the Service refuses them, and senders get an error.",
        todo: "Continue as new before.",
        page: "workflow-execution/limits",
        look: signals_near_limit,
    },
    Rule {
        id: "updates-near-limit",
        severity: Severity::Warning,
        title: "a run has nearly as many updates as it may",
        why: "By default a run takes 2,000 updates, 10 at a time; the Service refuses more.",
        todo: "Continue as new before; let handlers answer sooner, or hand long work to the workflow's main function.",
        page: "workflow-execution/limits",
        look: updates_near_limit,
    },
    Rule {
        id: "external-request-failed",
        severity: Severity::Warning,
        title: "a signal or a request to stop did not reach another workflow",
        why: "There is no open run with this id: it has ended, has never begun, or has another name or namespace. What was to \
              be told there is lost.",
        todo: "Handle this failure in the workflow, where it arrives; let the other one be waited for or started (signal with \
               start, from an activity).",
        page: "encyclopedia/workflow-message-passing",
        look: external_request_failed,
    },
];

fn signal_name(event: &HistoryEvent) -> Option<&str> {
    match &event.attributes {
        Some(Attributes::WorkflowExecutionSignaledEventAttributes(a)) => Some(&a.signal_name),
        _ => None,
    }
}

/// Id of the WorkflowTaskStarted up to which completed tasks have delivered everything.
fn delivered(evidence: &Evidence<'_>) -> i64 {
    let completed = evidence.tasks.iter().filter(|task| task.completed().is_some());
    let started = completed.filter_map(|task| task.started);
    started.map(|(started, _)| started.event_id).max().unwrap_or_default()
}

fn signal_not_delivered(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Ending::Closed(close) = evidence.ending else { return };
    let delivered = delivered(evidence);
    let late = evidence
        .events
        .iter()
        .filter(|event| event.event_id > delivered && event.event_id < close.event_id);
    for event in late {
        if let Some(signal) = signal_name(event) {
            let what = format!("signal “{}”; {} by event {}", name(signal), how(close), close.event_id);
            finds.like(signal, event.event_id, what);
        }
    }
}

fn signal_with_last_task(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Ending::Closed(close) = evidence.ending else { return };
    if !close.class().is_answer() {
        return;
    }
    let started = evidence
        .tasks
        .iter()
        .filter(|task| task.completed().is_some())
        .filter_map(|task| task.started);
    let started: Vec<i64> = started.map(|(started, _)| started.event_id).collect();
    let [.., last] = started.as_slice() else { return };
    let before = started.iter().rev().nth(1).copied().unwrap_or_default();
    let news: Vec<&HistoryEvent> = evidence
        .events
        .iter()
        .filter(|event| event.event_id > before && event.event_id < *last && is_news(event))
        .collect();
    let signals: Vec<&&HistoryEvent> = news.iter().filter(|event| signal_name(event).is_some()).collect();
    if signals.is_empty() || news.len() < 2 {
        return;
    }
    let ids: Vec<i64> = signals.iter().map(|event| event.event_id).collect();
    let kinds: BTreeSet<&str> = signals.iter().filter_map(|event| signal_name(event)).collect();
    let what = format!(
        "{} ({}) of {} that this task delivered; {} by event {}",
        counted(signals.len() as u64, "signal"),
        names(kinds),
        counted(news.len() as u64, "event"),
        how(close),
        close.event_id
    );
    finds.among(&ids, what);
}

/// Whether an event is something for the workflow's code to react to.
fn is_news(event: &HistoryEvent) -> bool {
    match event.class().part {
        Part::Opens(thing) => thing == Thing::Run,
        Part::Closes(thing, _) => !event.class().is_answer() && thing != Thing::WorkflowTask,
        Part::Alone => {
            is(event, EventType::WorkflowExecutionSignaled) || is(event, EventType::WorkflowExecutionCancelRequested)
        }
        Part::Starts(thing) => thing == Thing::Child,
        Part::Changes(_) => false,
    }
}

fn update_not_completed(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Ending::Closed(close) = evidence.ending else { return };
    let updates = evidence
        .operations
        .iter()
        .filter(|operation| operation.thing == Thing::Update);
    for update in updates.filter(|update| update.closed.is_none()) {
        let Some(event) = evidence.event(update.opened) else {
            continue;
        };
        let Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) = &event.attributes else {
            continue;
        };
        let input = accepted
            .accepted_request
            .as_ref()
            .and_then(|request| request.input.as_ref());
        let handler = input.map_or("", |input| &input.name);
        let what = format!(
            "update “{}” (id {}); {} by event {}",
            name(handler),
            name(&accepted.protocol_instance_id),
            how(close),
            close.event_id
        );
        finds.like(handler, event.event_id, what);
    }
}

fn update_failed(evidence: &Evidence<'_>, finds: &mut Finds) {
    for event in evidence.events {
        let Some(Attributes::WorkflowExecutionUpdateCompletedEventAttributes(completed)) = &event.attributes else {
            continue;
        };
        let outcome = completed.outcome.as_ref().and_then(|outcome| outcome.value.as_ref());
        if let Some(outcome::Value::Failure(failed)) = outcome {
            finds.at(event.event_id, failure(failed));
        }
    }
}

fn cancel_not_heeded(evidence: &Evidence<'_>, finds: &mut Finds) {
    let asked = evidence
        .events
        .iter()
        .find(|event| is(event, EventType::WorkflowExecutionCancelRequested));
    let Some(asked) = asked else { return };
    let heard = |task: &&Task<'_>| {
        task.completed().is_some()
            && task
                .started
                .is_some_and(|(started, _)| started.event_id > asked.event_id)
    };
    let Some(heard) = evidence.tasks.iter().find(heard).and_then(Task::completed) else {
        return;
    };
    let ended = match evidence.ending {
        Ending::Unknown | Ending::Reset => return,
        Ending::Open => "and the run is open".to_owned(),
        Ending::Closed(close) => match close.event_type() {
            EventType::WorkflowExecutionContinuedAsNew
            | EventType::WorkflowExecutionTerminated
            | EventType::WorkflowExecutionTimedOut => format!("and then: {} (event {})", how(close), close.event_id),
            // It came to an end of its own, perhaps because of the request.
            _ => return,
        },
    };
    let since = evidence.events.iter().filter(|event| event.event_id > heard.event_id);
    let cancels = |event: &HistoryEvent| match event.class().part {
        Part::Changes(thing) => thing == Thing::Activity,
        Part::Opens(thing) => matches!(thing, Thing::CancelOut | Thing::NexusCancel),
        Part::Closes(thing, end) => thing == Thing::Timer && end == End::Canceled,
        Part::Starts(_) | Part::Alone => false,
    };
    if !since.into_iter().any(cancels) {
        let what = format!(
            "delivered by the task that completed with event {}, {ended}",
            heard.event_id
        );
        finds.at(asked.event_id, what);
    }
}

fn signals_near_limit(evidence: &Evidence<'_>, finds: &mut Finds) {
    let signals = evidence
        .events
        .iter()
        .filter(|event| is(event, EventType::WorkflowExecutionSignaled));
    let signals = signals.count() as u64;
    if signals >= MOST_SIGNALS / 10 * 8 {
        finds.whole(format!("{} of {}", number(signals), number(MOST_SIGNALS)));
    }
}

fn updates_near_limit(evidence: &Evidence<'_>, finds: &mut Finds) {
    let updates: Vec<_> = evidence
        .operations
        .iter()
        .filter(|operation| operation.thing == Thing::Update)
        .collect();
    let all = updates.len() as u64;
    if all >= MOST_UPDATES / 10 * 8 {
        finds.whole(format!("{} of {}", number(all), number(MOST_UPDATES)));
    }
    if let Some((most, event)) = super::size::most_at_once(evidence, Thing::Update)
        && most >= MOST_UPDATES_AT_ONCE / 10 * 8
    {
        finds.at(event, format!("{most} at a time, of {MOST_UPDATES_AT_ONCE}"));
    }
}

fn external_request_failed(evidence: &Evidence<'_>, finds: &mut Finds) {
    for event in evidence.events {
        let (what, execution, why) = match &event.attributes {
            Some(Attributes::SignalExternalWorkflowExecutionFailedEventAttributes(a)) => {
                ("signal", a.workflow_execution.as_ref(), a.cause().as_str_name())
            }
            Some(Attributes::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a)) => (
                "request to stop",
                a.workflow_execution.as_ref(),
                a.cause().as_str_name(),
            ),
            _ => continue,
        };
        let to = execution.map_or("", |execution| &execution.workflow_id);
        let why = why.split("FAILED_CAUSE_").last().unwrap_or(why);
        let told = format!("{what} to workflow {}: {why}", name(to));
        finds.like(&format!("{what} {why}"), event.event_id, told);
    }
}
