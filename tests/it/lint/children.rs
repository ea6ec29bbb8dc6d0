//! Cases of the rules about child workflows.

use super::case::{COMPLETED, Case, case};

/// A run that asked for a child with these options.
fn child(options: &str) -> String {
    format!(
        r#"start
        task 0
        0 StartChildWorkflowExecutionInitiated {{"workflowId": "kid", "workflowType": {{"name": "Kid"}}, {options}}}"#
    )
}

const CHILD_BEGUN: &str = "\n 0 ChildWorkflowExecutionStarted {\"initiatedEventId\": 5}\n task 1";

pub(super) fn cases() -> Vec<Case> {
    let policy = |policy: &str| child(&format!(r#""parentClosePolicy": "{policy}""#));
    let terminate = policy("Terminate");
    let reset = "\n 2 WorkflowExecutionTerminated {\"identity\": \"history-resetter\"}";
    vec![
        case(
            "child-start-not-awaited",
            format!("{terminate}{COMPLETED}"),
            format!("{terminate}{CHILD_BEGUN}{COMPLETED}"),
        ),
        case(
            "child-start-not-awaited",
            format!("{terminate}{COMPLETED}"),
            format!("{}{COMPLETED}", policy("Abandon")),
        ),
        case(
            "child-terminated-with-parent",
            format!("{terminate}{CHILD_BEGUN}{COMPLETED}"),
            format!("{}{CHILD_BEGUN}{COMPLETED}", policy("Abandon")),
        ),
        case(
            "child-terminated-with-parent",
            format!("{terminate}{CHILD_BEGUN}{COMPLETED}"),
            format!("{terminate}{CHILD_BEGUN}{reset}"),
        ),
        case(
            "child-left-running",
            format!("{}{CHILD_BEGUN}{COMPLETED}", policy("RequestCancel")),
            format!("{terminate}{CHILD_BEGUN}{COMPLETED}"),
        ),
        case(
            "child-start-failed",
            format!(
                "{terminate}\n 1 StartChildWorkflowExecutionFailed {{\"initiatedEventId\": 5, \"cause\": \"WorkflowAlreadyExists\"}}"
            ),
            format!("{terminate}{CHILD_BEGUN}"),
        ),
        case(
            "child-retry-policy",
            child(r#""retryPolicy": {"maximumAttempts": 3}"#),
            child("\"input\": null"),
        ),
        case(
            "child-terminates-running",
            child(r#""workflowIdReusePolicy": "TerminateIfRunning""#),
            child(r#""workflowIdReusePolicy": "AllowDuplicate""#),
        ),
        case(
            "child-id-reuse-limited",
            child(r#""workflowIdReusePolicy": "RejectDuplicate""#),
            child(r#""workflowIdReusePolicy": "AllowDuplicate""#),
        ),
    ]
}
