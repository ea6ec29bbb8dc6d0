//! What the history list says of its events together: what a workflow task came to, and what matches a filter. Plain data;
//! `history_panel.rs` draws it.

use crate::view::recording::{EventRow, Unwritten};

/// So many results of a workflow task are told; of more, how many.
const TOLD: usize = 6;

/// What is true and not written, as far as it matches.
pub fn unwritten(all: &[Unwritten], filter: &str) -> Vec<Unwritten> {
    let filter = filter.trim().to_lowercase();
    all.iter()
        .filter(|u| format!("{} {}", u.text, u.chip).to_lowercase().contains(&filter))
        .cloned()
        .collect()
}

/// Every word of the filter is somewhere in the event: id, name, chip, attributes.
pub fn matches(event: &EventRow, filter: &str) -> bool {
    let mut text = format!("{} {} {}", event.id, event.name, event.chip);
    for (name, value) in &event.details {
        text.push_str(&format!(" {name} {value}"));
    }
    let text = text.to_lowercase();
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// `→ ProcessPayment`, from the events that commands wrote after the task was completed; `events` are those of one
/// workflow task, as far as they are written.
pub fn summary(events: &[EventRow]) -> String {
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
    let made = || {
        let after = events[completed + 1..].iter();
        after
            .take_while(|e| e.name != "WorkflowTaskScheduled")
            .filter(made)
            .filter(|e| !e.chip.is_empty())
    };
    let told: Vec<&str> = made().take(TOLD).map(|e| e.chip.as_str()).collect();
    match (made().count() - told.len(), told.as_slice()) {
        (_, []) => "nothing new out".into(),
        (0, told) => format!("→ {}", told.join(", ")),
        (more, told) => format!("→ {} and {more} more", told.join(", ")),
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
    fn a_task_says_what_it_asked_for() {
        assert_eq!(summary(&history()[..5]), "→ Validate");
        assert_eq!(summary(&history()[..3]), "not answered yet");
        assert_eq!(summary(&history()[5..]), "not answered yet");
        let mut many = history()[..4].to_vec();
        many.extend((5..=14).map(|id| event(id, 1, "ActivityTaskScheduled", "Ship")));
        assert_eq!(summary(&many), "→ Ship, Ship, Ship, Ship, Ship, Ship and 4 more");
    }

    #[test]
    fn a_filter_needs_all_its_words_anywhere_in_the_event() {
        let ids = |filter| -> Vec<u32> {
            let history = history();
            let found = history.iter().filter(|e| matches(e, filter));
            found.map(|e| e.id).collect()
        };
        assert_eq!(ids("SCHEDULED validate"), [5]);
        assert_eq!(ids("worker"), [3, 4]);
        assert_eq!(ids("sku-7"), [1, 2, 3, 4, 5, 6]);
        assert_eq!(ids("nothing like it"), Vec::<u32>::new());
    }
}
