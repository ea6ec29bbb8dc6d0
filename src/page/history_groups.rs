//! The history cut into what belongs together, one group a workflow task, filtered. Plain data; `history_panel.rs` draws it.

use crate::history::class::{Part, Thing};
use crate::view::recording::{EventRow, Outcome, Unwritten};

/// A workflow task and the events around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its number, from 1; 0 before the first.
    pub task: u32,
    /// What came in and what went out, in words.
    pub summary: String,
    /// Its events, in order of id.
    pub events: Vec<EventRow>,
}

/// Groups what is written so far and matches the filter. Groups without a match vanish.
pub fn groups(events: &[EventRow], filter: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![];
    for event in events {
        if groups.last().is_none_or(|g| g.task != event.task) {
            groups.push(Group {
                task: event.task,
                summary: String::new(),
                events: vec![],
            });
        }
        if let Some(group) = groups.last_mut() {
            group.events.push(event.clone());
        }
    }
    for group in &mut groups {
        group.summary = summary(&group.events);
        group.events.retain(|e| matches(e, filter));
    }
    groups.retain(|g| !g.events.is_empty());
    groups
}

/// What is true and not written, as far as it matches.
pub fn unwritten(all: &[Unwritten], filter: &str) -> Vec<Unwritten> {
    let filter = filter.trim().to_lowercase();
    all.iter()
        .filter(|u| format!("{} {}", u.text, u.chip).to_lowercase().contains(&filter))
        .cloned()
        .collect()
}

/// Every word of the filter is somewhere in the event: id, name, chip, attributes.
fn matches(event: &EventRow, filter: &str) -> bool {
    let mut text = format!("{} {} {}", event.id, event.name, event.chip);
    for (name, value) in &event.details {
        text.push_str(&format!(" {name} {value}"));
    }
    let text = text.to_lowercase();
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// `→ ProcessPayment`, from the events that the task's answer brought; else how far it has come.
fn summary(events: &[EventRow]) -> String {
    let task_ended = |event: &&EventRow| matches!(event.class.part, Part::Closes(Thing::WorkflowTask, _));
    let Some(last) = events
        .iter()
        .rfind(task_ended)
        .filter(|event| event.outcome == Outcome::Ok)
    else {
        let ended = events
            .iter()
            .rev()
            .find(|event| event.class.ends_run() || task_ended(event));
        return match ended {
            Some(event) if event.class.ends_run() => "the run ended before it".to_owned(),
            Some(event) if event.outcome == Outcome::TimedOut => format!("timed out: {}", event.chip),
            Some(event) => format!("failed: {}", event.chip),
            None => "not answered yet".to_owned(),
        };
    };
    let made = |event: &&EventRow| {
        let tells = matches!(
            event.class.part,
            Part::Opens(_) | Part::Closes(Thing::Run, _) | Part::Alone
        );
        event.id > last.id && event.class.is_answer() && tells
    };
    let out: Vec<String> = events
        .iter()
        .filter(made)
        .map(|event| event.chip.clone())
        .filter(|chip| !chip.is_empty())
        .collect();
    if out.is_empty() {
        "nothing new out".into()
    } else {
        format!("→ {}", out.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::SimTime;
    use crate::history::proto::{EventType, event_name};

    fn event(id: u32, task: u32, event_type: EventType, chip: &str) -> EventRow {
        EventRow {
            id,
            at: SimTime::ZERO,
            name: event_name(event_type).into(),
            class: event_type.class(),
            outcome: Outcome::of(event_type.class()),
            chip: chip.into(),
            task,
            step: id,
            refers_to: vec![],
            details: vec![("input".into(), "SKU-7".into())],
            why: String::new(),
            json: String::new(),
        }
    }

    fn history() -> Vec<EventRow> {
        vec![
            event(1, 1, EventType::WorkflowExecutionStarted, "OrderSaga"),
            event(2, 1, EventType::WorkflowTaskScheduled, "order-q"),
            event(3, 1, EventType::WorkflowTaskStarted, "worker A"),
            event(4, 1, EventType::WorkflowTaskCompleted, "worker A"),
            event(5, 1, EventType::ActivityTaskScheduled, "Validate"),
            event(6, 2, EventType::WorkflowTaskScheduled, "order-q"),
        ]
    }

    #[test]
    fn a_group_says_what_its_task_asked_for() {
        let groups = groups(&history(), "");
        let told: Vec<_> = groups
            .iter()
            .map(|g| (g.task, g.events.len(), g.summary.as_str()))
            .collect();
        assert_eq!(told, [(1, 5, "→ Validate"), (2, 1, "not answered yet")]);
    }

    #[test]
    fn a_task_that_is_not_answered_says_why() {
        let told = |last: EventType, chip: &str| {
            let mut history = history();
            history.push(event(7, 2, last, chip));
            groups(&history, "").pop().unwrap().summary
        };
        assert_eq!(
            told(EventType::WorkflowTaskFailed, "NonDeterministicError"),
            "failed: NonDeterministicError"
        );
        assert_eq!(
            told(EventType::WorkflowTaskTimedOut, "StartToClose"),
            "timed out: StartToClose"
        );
        assert_eq!(
            told(EventType::WorkflowExecutionTerminated, "no need"),
            "the run ended before it"
        );
    }

    #[test]
    fn a_filter_needs_all_its_words_anywhere_in_the_event() {
        let ids = |filter| {
            groups(&history(), filter)
                .iter()
                .flat_map(|g| &g.events)
                .map(|e| e.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("SCHEDULED validate"), [5]);
        assert_eq!(ids("worker"), [3, 4]);
        assert_eq!(ids("sku-7"), [1, 2, 3, 4, 5, 6]);
        assert_eq!(ids("nothing like it"), Vec::<u32>::new());
    }
}
