//! The history cut into what belongs together, one group a workflow task, filtered. Plain data; `history_panel.rs` draws it.

use crate::view::recording::{EventRow, Unwritten};

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

/// `ProcessPayment out`, from the events that commands wrote after the task was completed.
fn summary(events: &[EventRow]) -> String {
    let completed = events.iter().position(|e| e.name == "WorkflowTaskCompleted");
    let Some(completed) = completed else {
        let failed = events
            .iter()
            .find(|e| e.name == "WorkflowTaskTimedOut" || e.name == "WorkflowTaskFailed");
        return match failed {
            Some(e) => format!(
                "{}: {}",
                if e.name.ends_with("Failed") {
                    "failed"
                } else {
                    "timed out"
                },
                e.chip
            ),
            None => "not answered yet".into(),
        };
    };
    let made = |e: &&EventRow| {
        let closes = e.name.starts_with("WorkflowExecution");
        closes
            || ["Scheduled", "Initiated", "TimerStarted"]
                .iter()
                .any(|end| e.name.ends_with(end))
    };
    let out: Vec<String> = events[completed + 1..]
        .iter()
        .take_while(|e| e.name != "WorkflowTaskScheduled")
        .filter(made)
        .map(|e| e.chip.clone())
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
    use crate::view::recording::{Category, Outcome};

    fn event(id: u32, task: u32, name: &str, chip: &str) -> EventRow {
        EventRow {
            id,
            at: SimTime::ZERO,
            name: name.into(),
            category: Category::Other,
            outcome: Outcome::Running,
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
            event(1, 1, "WorkflowExecutionStarted", "OrderSaga"),
            event(2, 1, "WorkflowTaskScheduled", "order-q"),
            event(3, 1, "WorkflowTaskStarted", "worker A"),
            event(4, 1, "WorkflowTaskCompleted", "worker A"),
            event(5, 1, "ActivityTaskScheduled", "Validate"),
            event(6, 2, "WorkflowTaskScheduled", "order-q"),
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
