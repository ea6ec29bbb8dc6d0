//! What two histories of one scenario may differ in. Whoever compares histories does it by these tables.

use serde_json::Value;

/// Values that differ from run to run. They are blotted out, so that each must still be there on both sides.
pub(crate) const VARIES: &[(&str, &str)] = &[
    ("eventTime", "the real server had a real clock"),
    ("taskId", "counted over a whole shard"),
    ("requestId", "random"),
    ("originalExecutionRunId", "random"),
    ("firstExecutionRunId", "random"),
    ("identity", "who happened to do it"),
    ("historySizeBytes", "follows from all the others"),
    ("buildId", "a hash of the worker's code"),
    ("name of a sticky queue", "random"),
];

/// Values of runs that belong to others, or follow them, that differ from run to run. Blotted out like those above.
const VARIES_IN_CHAINS: &[(&str, &str)] = &[
    ("runId", "random"),
    ("baseRunId", "random"),
    ("newRunId", "random"),
    ("continuedExecutionRunId", "random"),
    ("newExecutionRunId", "random"),
    ("namespace", "each performance on a real server has its own"),
    (
        "parentWorkflowNamespace",
        "each performance on a real server has its own",
    ),
    ("namespaceId", "random"),
    ("parentWorkflowNamespaceId", "random"),
    ("createTime", "of a reset point: the real server had a real clock"),
    ("expireTime", "of a reset point: the real server had a real clock"),
    ("workflowExecutionExpirationTime", "the real server had a real clock"),
];

/// Those of both tables that are compared after all where every run and everybody has a name, and instants are told from
/// the run's beginning: see [`Parties::Named`].
const NAMED: &[&str] = &[
    "originalExecutionRunId",
    "firstExecutionRunId",
    "continuedExecutionRunId",
    "newExecutionRunId",
    "identity",
    "createTime",
    "expireTime",
    "workflowExecutionExpirationTime",
];

/// A set, which Core writes in any order: it is sorted. Another Core has other flags: its are blotted out.
const FLAGS: &str = "coreUsedFlags";

/// What a recording owes to its client and worker, where they were not Rust's. Left out.
const FOREIGN: &[(&str, &str)] = &[
    ("sdkName", "Python's"),
    ("sdkVersion", "Python's"),
    ("priority", "Python writes an empty one with every activity"),
    (
        "eventGroupMarkers",
        "Python's Core marks what the handler of an update did",
    ),
    ("header", "the CLI writes an empty one at the start"),
    ("stackTrace", "Python's"),
];

/// Limits of time that the CLI writes where there are none.
const LIMITS: &[&str] = &["workflowExecutionTimeout", "workflowRunTimeout"];

/// What a worker notes of the wall clock in the markers of local activities. Blotted out.
const CLOCK: &[(&str, &str)] = &[
    ("complete_time", "the worker's clock"),
    ("original_schedule_time", "the worker's clock"),
];

/// Durations that are what is left of an interval when work is done: key, tolerance in seconds, reason. Compared with
/// that tolerance where [`Parties::Named`], for whoever compares: [`near`].
pub(crate) const NEAR: [(&str, f64, &str); 2] = [
    ("firstWorkflowTaskBackoff", 0.6, "what is left of an interval"),
    ("backoffStartInterval", 0.6, "what is left of an interval"),
];

/// From this attempt on, the timeout of a workflow task is partly drawn. It is blotted out.
const FIRST_DRAWN_TIMEOUT: f64 = 4.0;

const BLOT: &str = "…";

/// Who took part in a recorded history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parties {
    /// Clients and workers of another language.
    Foreign,
    /// Rust's, as they call themselves.
    Strangers,
    /// Rust's, with given identities; ids of runs are replaced by names.
    Named,
}

/// Takes out of an event, as JSON, what may differ.
pub(crate) fn normalise(value: &mut Value, parties: Parties) {
    let foreign = parties == Parties::Foreign;
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| normalise(item, parties)),
        Value::Object(members) => {
            members.retain(|key, value| {
                let left_out = FOREIGN.iter().any(|(left_out, _)| key == left_out);
                let no_limit = LIMITS.contains(&key.as_str()) && value == "0s";
                !foreign || !left_out && !no_limit
            });
            for (key, value) in members.iter_mut() {
                let named = parties == Parties::Named && NAMED.contains(&key.as_str());
                let mut varying = VARIES.iter().chain(VARIES_IN_CHAINS).chain(CLOCK);
                if !named && varying.any(|(varies, _)| key == varies) {
                    *value = BLOT.into();
                }
            }
            match members.get_mut(FLAGS) {
                Some(flags) if foreign => *flags = BLOT.into(),
                Some(Value::Array(flags)) => flags.sort_by_key(ToString::to_string),
                _ => {}
            }
            if members.get("kind").is_some_and(|kind| kind == "TASK_QUEUE_KIND_STICKY") {
                members["name"] = BLOT.into();
            }
            let attempt = members.get("attempt").and_then(Value::as_f64);
            if members.contains_key("startToCloseTimeout") && attempt >= Some(FIRST_DRAWN_TIMEOUT) {
                members["startToCloseTimeout"] = BLOT.into();
            }
            members.values_mut().for_each(|member| normalise(member, parties));
        }
        _ => {}
    }
}

/// How far two durations of that key may be from each other, in seconds.
pub(crate) fn near(key: &str) -> f64 {
    NEAR.iter()
        .find(|(near, ..)| *near == key)
        .map_or(0.0, |(_, tolerance, _)| *tolerance)
}

/// Whether a table has that key, for parties that are [`Parties::Named`].
pub(crate) fn may_differ(key: &str) -> bool {
    let mut varying = VARIES.iter().chain(VARIES_IN_CHAINS).chain(CLOCK);
    // Of a sticky queue.
    key == "name" || !NAMED.contains(&key) && varying.any(|(varies, _)| key == *varies)
}
