//! Cases of the rules about workflow tasks.

use super::case::{Case, case, lines};
use super::local_activities::{OK_LOCAL, local};

/// A run whose workflow task failed with this cause and message.
pub(super) fn task_failed(cause: &str, message: &str) -> String {
    format!(
        r#"start
        scheduled 0
        taken 0
        1 WorkflowTaskFailed {{"scheduledEventId": 2, "startedEventId": 3, "cause": "{cause}",
            "failure": {{"message": "{message}"}}}}"#
    )
    .replace(",\n            \"failure\"", ", \"failure\"")
}

pub(super) fn cases() -> Vec<Case> {
    let unhandled = |times: u32| {
        let failed = lines(times, |n| {
            let scheduled = 3 * n - 1;
            format!(
                "scheduled {n}\n taken {n}\n {n} WorkflowTaskFailed {{\"scheduledEventId\": {scheduled}, \
                 \"startedEventId\": {}, \"cause\": \"UnhandledCommand\"}}",
                scheduled + 1
            )
        });
        format!("start{failed}")
    };
    let timed_out = |kind: &str, more: &str| {
        format!(
            r#"start
            scheduled 0 {{"taskQueue": {{"name": "w:1", "kind": "Sticky", "normalName": "q"}}}}
            {}
            10 WorkflowTaskTimedOut {{"scheduledEventId": 2, "timeoutType": "{kind}"}}{more}"#,
            if kind == "ScheduleToStart" { "" } else { "taken 0" }
        )
    };
    let slow = |seconds: &str| format!("start\n scheduled 0\n taken 0\n answered {seconds}");
    let waited = |seconds: &str| format!("start\n scheduled 0\n taken {seconds}\n answered {seconds}");
    let activity_waited = |seconds: &str, attempt: u32| {
        format!("start\n task 0\n activity 0\n begun {seconds} {{\"attempt\": {attempt}}}\n done {seconds}")
    };
    let refused = task_failed("BadStartTimerAttributes", "TimerId is not set");
    vec![
        case(
            "nondeterminism",
            task_failed("NonDeterministicError", "m"),
            task_failed("WorkflowWorkerUnhandledFailure", "panic"),
        ),
        case(
            "nondeterminism",
            task_failed("WorkflowWorkerUnhandledFailure", "[TMPRL1100] m"),
            refused.clone(),
        ),
        case(
            "workflow-code-failed",
            task_failed("WorkflowWorkerUnhandledFailure", "panic"),
            task_failed("NonDeterministicError", "m"),
        ),
        case(
            "workflow-deadlock",
            task_failed(
                "WorkflowWorkerUnhandledFailure",
                "[TMPRL1101] Potential deadlock detected",
            ),
            task_failed("WorkflowWorkerUnhandledFailure", "panic"),
        ),
        case(
            "workflow-not-registered",
            task_failed(
                "WorkflowWorkerUnhandledFailure",
                "Workflow class A is not registered on this worker",
            ),
            task_failed("WorkflowWorkerUnhandledFailure", "panic"),
        ),
        case(
            "command-refused",
            refused.clone(),
            task_failed("StartTimerDuplicateId", "m"),
        ),
        case(
            "duplicate-id",
            task_failed("StartTimerDuplicateId", "m"),
            refused.clone(),
        ),
        case(
            "pending-limit-exceeded",
            task_failed("PendingActivitiesLimitExceeded", "m"),
            refused.clone(),
        ),
        case(
            "message-too-large",
            task_failed("BadScheduleActivityAttributes", "Input exceeds size limit."),
            refused.clone(),
        ),
        case(
            "message-too-large",
            task_failed("GrpcMessageTooLarge", "m"),
            refused.clone(),
        ),
        case(
            "workflow-task-failed",
            task_failed("FeatureDisabled", "m"),
            refused.clone(),
        ),
        case("unhandled-command", unhandled(2), unhandled(3)),
        case("unhandled-command-loop", unhandled(3), unhandled(2)),
        case(
            "buffered-events-overflow",
            format!(
                "{}\n 0.5 WorkflowExecutionSignaled {{\"signalName\": \"s\"}}",
                task_failed("ForceCloseCommand", "")
            ),
            format!(
                "{}\n 1 WorkflowExecutionTerminated {{}}",
                task_failed("ForceCloseCommand", "")
            ),
        ),
        case(
            "workflow-task-dropped",
            task_failed("FailoverCloseCommand", ""),
            refused.clone(),
        ),
        case("reset", task_failed("ResetWorkflow", ""), refused.clone()),
        case("workflow-task-stuck", refused.clone(), format!("{refused}\n task 2")),
        case(
            "workflow-task-stuck",
            timed_out("StartToClose", ""),
            timed_out("ScheduleToStart", ""),
        ),
        case(
            "workflow-task-stuck",
            refused.clone(),
            format!("{refused}\n 2 WorkflowExecutionTerminated {{}}"),
        ),
        case(
            "workflow-task-timed-out",
            timed_out("StartToClose", ""),
            timed_out("ScheduleToStart", ""),
        ),
        case(
            "worker-left",
            timed_out("ScheduleToStart", ""),
            timed_out("StartToClose", ""),
        ),
        case(
            "workflow-task-many-attempts",
            "start\n scheduled 0 {\"attempt\": 3}\n taken 0\n answered 0",
            "start\n scheduled 0 {\"attempt\": 2}\n taken 0\n answered 0",
        ),
        case("workflow-task-slow", slow("6"), slow("5")),
        // Local activities have rules of their own.
        case(
            "workflow-task-slow",
            slow("6"),
            format!("{}\n 6 {}", slow("6"), local(4, OK_LOCAL, false)),
        ),
        case("no-worker", waited("60"), waited("59")),
        case("no-worker", activity_waited("60", 1), activity_waited("60", 2)),
        case(
            "no-worker",
            "start\n scheduled 0\n 70 WorkflowExecutionSignaled {\"signalName\": \"s\"}",
            "start\n scheduled 0\n 50 WorkflowExecutionSignaled {\"signalName\": \"s\"}",
        ),
        case(
            "no-worker",
            waited("60"),
            format!("{}\n 61 WorkflowExecutionPaused {{}}", waited("60")),
        ),
        case("slow-worker", waited("5"), waited("4")),
        case("slow-worker", activity_waited("59", 1), activity_waited("60", 1)),
    ]
}
