//! Cases of the rules about how a run was started, and what it tells of itself.

use super::case::{Case, base64, case, lines, payload};

/// A run that was started with these options.
fn start(options: &str) -> String {
    format!("start {{{options}}}\n task 0")
}

pub(super) fn cases() -> Vec<Case> {
    let limits = |run: &str, whole: &str, more: &str| {
        start(&format!(
            r#""workflowRunTimeout": "{run}", "workflowExecutionTimeout": "{whole}"{more}"#
        ))
    };
    let delay = |delay: &str, more: &str| start(&format!(r#""firstWorkflowTaskBackoff": "{delay}"{more}"#));
    let memo = |field: &str, encoding: &str| {
        start(&format!(
            r#""memo": {{"fields": {{"{field}": {{"metadata": {{"encoding": "{}"}}, "data": "IngI"}}}}}}"#,
            base64(encoding)
        ))
    };
    let arguments = |count: usize| {
        start(&format!(
            r#""input": {{"payloads": [{}]}}"#,
            vec![payload("1"); count].join(", ")
        ))
    };
    let upserts = |count: u32, field: &str| {
        let value = payload("1");
        let all = lines(count, |n| {
            format!(
                "{n} UpsertWorkflowSearchAttributes {{\"searchAttributes\": {{\"indexedFields\": {{\"{field}\": {value}}}}}}}"
            )
        });
        format!("start\n task 0{all}")
    };
    vec![
        case(
            "execution-timeout",
            start(r#""workflowExecutionTimeout": "3600s""#),
            start(r#""workflowRunTimeout": "3600s""#),
        ),
        case(
            "run-timeout-fills-execution-timeout",
            limits("3600s", "3600s", ""),
            limits("1800s", "3600s", ""),
        ),
        case(
            "run-timeout-fills-execution-timeout",
            limits("3600s", "3600s", ""),
            limits("3600s", "3600s", r#", "cronSchedule": "@daily""#),
        ),
        case(
            "no-time-for-next-run",
            limits("3600s", "3600s", r#", "retryPolicy": {"maximumAttempts": 3}"#),
            limits("3600s", "3600s", ""),
        ),
        case(
            "run-timeout-short",
            start(r#""workflowRunTimeout": "119s""#),
            start(r#""workflowRunTimeout": "120s""#),
        ),
        case(
            "workflow-task-timeout-long",
            start(r#""workflowTaskTimeout": "11s""#),
            start(r#""workflowTaskTimeout": "10s""#),
        ),
        case(
            "workflow-task-timeout-short",
            start(r#""workflowTaskTimeout": "9s""#),
            start(r#""workflowTaskTimeout": "9s", "workflowRunTimeout": "9s""#),
        ),
        case("start-delay-long", delay("86400s", ""), delay("86399s", "")),
        case(
            "start-delay-long",
            delay("86400s", ""),
            delay("86400s", r#", "cronSchedule": "@daily""#),
        ),
        case("start-delay-short", delay("0.9s", ""), delay("1s", "")),
        case(
            "start-delay-short",
            delay("0.9s", ""),
            delay("0.9s", r#", "initiator": "Workflow""#),
        ),
        case(
            "start-delay-outlasts-execution-timeout",
            delay("3600s", r#", "workflowExecutionTimeout": "3600s""#),
            delay("3600s", r#", "workflowExecutionTimeout": "3601s""#),
        ),
        case(
            "start-delay-shortens-run",
            delay(
                "3600s",
                r#", "workflowRunTimeout": "3600s", "workflowExecutionTimeout": "7199s""#,
            ),
            delay(
                "3600s",
                r#", "workflowRunTimeout": "3600s", "workflowExecutionTimeout": "7200s""#,
            ),
        ),
        case(
            "workflow-retry-policy",
            start(r#""retryPolicy": {"maximumAttempts": 3}"#),
            start("\"identity\": \"me\""),
        ),
        case("workflow-retried", start(r#""attempt": 2"#), start(r#""attempt": 1"#)),
        case(
            "cron-schedule",
            start(r#""cronSchedule": "@daily""#),
            start(r#""cronSchedule": """#),
        ),
        case("several-arguments", arguments(2), arguments(1)),
        case(
            "memo-sensitive",
            memo("db-password", "json/plain"),
            memo("db-password", "binary/encrypted"),
        ),
        case(
            "memo-sensitive",
            memo("SSN", "json/plain"),
            memo("sessionName", "json/plain"),
        ),
        case(
            "search-attributes-upserted-often",
            upserts(20, "Step"),
            upserts(19, "Step"),
        ),
        case(
            "search-attributes-upserted-often",
            upserts(20, "Step"),
            upserts(20, "TemporalChangeVersion"),
        ),
    ]
}
