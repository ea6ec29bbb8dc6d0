//! A history as lines, golden: read the difference before you change it.

use sagascope::history::json::read;
use sagascope::history::text::{event_name, flatten, history_lines, key_fact};

use crate::histories;

#[test]
fn a_history_is_told_in_lines() {
    let history = read(&histories::one("sem-act-retry")).unwrap().history;
    let lines = history_lines(&history);
    assert_eq!(
        lines.trim_end(),
        include_str!("../golden/sem-act-retry.txt").trim_end(),
        "\n{lines}"
    );
}

#[test]
fn no_event_of_any_history_is_left_without_words() {
    for (name, text) in histories::all() {
        let history = read(&text).unwrap().history;
        let lines = history_lines(&history);
        assert_eq!(lines.lines().count(), history.events.len() + 1, "{name}");
        for event in &history.events {
            let rows = flatten(event);
            let mut names: Vec<_> = rows.iter().map(|(name, _)| name).collect();
            let before = names.len();
            names.sort();
            names.dedup();
            assert_eq!(
                names.len(),
                before,
                "{name} {}: a name twice in {rows:?}",
                event.event_id
            );
            assert!(
                rows.iter().all(|(name, value)| !name.is_empty() && !value.is_empty()),
                "{name}: {rows:?}"
            );
            let silent = [
                "WorkflowExecutionCanceled",
                "WorkflowExecutionCompleted",
                "ActivityTaskCancelRequested",
            ];
            let fact = key_fact(event);
            assert!(
                !fact.is_empty() || silent.contains(&event_name(event.event_type())),
                "{name} {}",
                event.event_id
            );
            assert!(fact.chars().count() <= 61 && !fact.contains('\n'), "{name}: {fact}");
        }
    }
}

#[test]
fn an_event_is_told_in_rows() {
    let history = read(&histories::one("sem-act-retry")).unwrap().history;
    let rows: String = flatten(&history.events[4])
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    assert_eq!(
        rows,
        "\
activityId: 1
activityType: flaky
taskQueue.name: sem-tq4
taskQueue.kind: Normal
input: 3
startToCloseTimeout: 10 s
workflowTaskCompletedEventId: 4
retryPolicy.initialInterval: 300 ms
retryPolicy.backoffCoefficient: 2
retryPolicy.maximumInterval: 30 s
useWorkflowBuildId: true
",
        "\n{rows}"
    );
}
