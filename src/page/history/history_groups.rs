//! What the history list says of its events together: what a workflow task came to, and what is not
//! written yet. Plain data;
//! `history_panel.rs` draws it.

use crate::history::class::{Part, Thing};
use crate::view::recording::{EventRow, Outcome, Unwritten};

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

/// `→ ProcessPayment`, from the events that the task's answer brought; else how far it has come. `events` are those of one
/// workflow task, as far as they are written.
pub fn summary(events: &[EventRow]) -> String {
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
    let made = || events.iter().filter(made).filter(|event| !event.chip.is_empty());
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
    fn a_task_says_what_it_asked_for() {
        assert_eq!(summary(&history()[..5]), "→ Validate");
        assert_eq!(summary(&history()[..3]), "not answered yet");
        assert_eq!(summary(&history()[5..]), "not answered yet");
        let mut many = history()[..4].to_vec();
        many.extend((5..=14).map(|id| event(id, 1, EventType::ActivityTaskScheduled, "Ship")));
        assert_eq!(summary(&many), "→ Ship, Ship, Ship, Ship, Ship, Ship and 4 more");
    }

    #[test]
    fn a_task_that_is_not_answered_says_why() {
        let told = |last: EventType, chip: &str| {
            let mut history = history();
            history.push(event(7, 2, last, chip));
            summary(&history[5..])
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

    /// In no story does a run that is closed still wait for the answer to a task.
    #[test]
    fn a_closed_run_has_no_open_task() {
        use crate::catalogue::stories::LAB;
        use crate::contract::task::RunKey;
        use crate::page::session::engine::{Recorder, RunSpec};
        for story in LAB.ids() {
            let mut recorder = Recorder::of(LAB.sim(&RunSpec::of(story)).unwrap());
            while !recorder.advance(64) {}
            let recording = recorder.finish();
            for run in (0..).take(recording.runs.len()) {
                let all = u32::try_from(recording.history(RunKey(run)).len()).unwrap();
                let last = recording.task_of(run, all).unwrap();
                for task in 1..=last {
                    let said = summary(&recording.events_of(run, task, all));
                    assert_ne!(said, "not answered yet", "{story}, run {run}, task {task}");
                }
            }
        }
    }
}
