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
    ("namespaceId", "random"),
    ("parentWorkflowNamespaceId", "random"),
    ("createTime", "of a reset point: the real server had a real clock"),
    ("expireTime", "of a reset point: the real server had a real clock"),
    ("workflowExecutionExpirationTime", "the real server had a real clock"),
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
    ("workflowExecutionTimeout", "the CLI writes that there is none"),
    ("workflowRunTimeout", "the CLI writes that there is none"),
];

/// From this attempt on, the timeout of a workflow task is partly drawn. It is blotted out.
const FIRST_DRAWN_TIMEOUT: f64 = 4.0;

const BLOT: &str = "…";

/// Takes out of an event, as JSON, what may differ.
pub(crate) fn normalise(value: &mut Value, foreign: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| normalise(item, foreign)),
        Value::Object(members) => {
            members.retain(|key, _| !foreign || FOREIGN.iter().all(|(left_out, _)| key != left_out));
            for (key, value) in members.iter_mut() {
                if VARIES.iter().chain(VARIES_IN_CHAINS).any(|(varies, _)| key == varies) {
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
            members.values_mut().for_each(|member| normalise(member, foreign));
        }
        _ => {}
    }
}
