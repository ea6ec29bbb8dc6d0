//! The linter: every rule fires where it should and not close to it; what it says of real histories, golden; false alarms on
//! good ones; its reports.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sagascope::history::json::{Note, read};
use sagascope::history::proto::HistoryEvent;
use sagascope::study::lint::report::{self, Artifact};
use sagascope::study::lint::{Extent, Finding, Severity, lint, nearest_id, rule, rules};

use crate::{golden, histories, sketch};

/// A rule, a history in which it finds something, and one close to that in which it finds nothing.
struct Case {
    rule: &'static str,
    fires: String,
    silent: String,
}

fn case(rule: &'static str, fires: impl Into<String>, silent: impl Into<String>) -> Case {
    Case {
        rule,
        fires: fires.into(),
        silent: silent.into(),
    }
}

/// A run with one activity, that has these options.
fn activity(options: &str) -> String {
    format!("start\n task 0\n activity 0 {{{options}}}\n begun 0\n done 1\n")
}

/// A run with one activity that failed twice so, and was given up.
fn failing(policy: &str, failure: &str) -> String {
    format!(
        r#"start
        task 0
        activity 0 {{"retryPolicy": {{"maximumAttempts": 2, {policy}}}}}
        begun 1 {{"attempt": 2, "lastFailure": {failure}}}
        failed 1 {{"retryState": "MaximumAttemptsReached", "failure": {failure}}}
        task 1"#
    )
}

/// A run whose workflow task failed with this cause and message.
fn task_failed(cause: &str, message: &str) -> String {
    format!(
        r#"start
        scheduled 0
        taken 0
        1 WorkflowTaskFailed {{"scheduledEventId": 2, "startedEventId": 3, "cause": "{cause}",
            "failure": {{"message": "{message}"}}}}"#
    )
    .replace(",\n            \"failure\"", ", \"failure\"")
}

/// A run that was started with these options.
fn start(options: &str) -> String {
    format!("start {{{options}}}\n task 0")
}

/// A run that asked for a child with these options.
fn child(options: &str) -> String {
    format!(
        r#"start
        task 0
        0 StartChildWorkflowExecutionInitiated {{"workflowId": "kid", "workflowType": {{"name": "Kid"}}, {options}}}"#
    )
}

const CHILD_BEGUN: &str = "\n 0 ChildWorkflowExecutionStarted {\"initiatedEventId\": 5}\n task 1";
const COMPLETED: &str = "\n 9 WorkflowExecutionCompleted {}";

const LOCAL: &str = r#"MarkerRecorded {"markerName": "core_local_activity", "workflowTaskCompletedEventId": TASK,
    "details": {"data": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "DATA"}]}}FAILURE}"#;

/// A marker of a local activity, in the answer to this task.
fn local(task: u32, data: &str, failed: bool) -> String {
    let failure = if failed { r#", "failure": {"message": "m"}"# } else { "" };
    let line = LOCAL.replace("TASK", &task.to_string()).replace("DATA", &base64(data));
    line.replace("FAILURE", failure).replace('\n', " ")
}

/// A value in a payload, for sketches.
fn payload(json: &str) -> String {
    format!(
        r#"{{"metadata": {{"encoding": "anNvbi9wbGFpbg=="}}, "data": "{}"}}"#,
        base64(json)
    )
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

const OK_LOCAL: &str = r#"{"seq":1,"attempt":1,"activity_type":"Look","backoff":null}"#;

fn patch(id: &str) -> String {
    format!(
        r#"0 MarkerRecorded {{"markerName": "core_patch", "details": {{"patch-data": {{"payloads": [{}]}}}}}}"#,
        payload(&format!(r#"{{"id":"{id}","deprecated":false}}"#))
    )
}

/// Lines in a row, by their numbers from 1.
fn lines(count: u32, line: impl Fn(u32) -> String) -> String {
    (1..=count).map(|n| format!("\n{}", line(n))).collect()
}

fn activity_cases() -> Vec<Case> {
    let s2c = |whole: &str, one: &str, policy: &str| {
        activity(&format!(
            r#""scheduleToCloseTimeout": "{whole}", "scheduleToStartTimeout": "{whole}", "startToCloseTimeout": "{one}",
            "retryPolicy": {{{policy}}}"#
        ))
        .replace(",\n            ", ", ")
    };
    let ran = |seconds: u32, options: &str| {
        format!(
            r#"start
            task 0
            activity 0 {{"startToCloseTimeout": "3600s"{options}}}
            begun 0
            done {seconds}"#
        )
    };
    let timed_out = |kind: &str, started: &str| {
        format!(
            r#"start
            task 0
            activity 0
            {started}
            late 10 {{"retryState": "Timeout", "failure": {{"message": "m", "timeoutFailureInfo": {{"timeoutType": "{kind}"}}}}}}"#
        )
    };
    let app = r#"{"message": "m", "applicationFailureInfo": {"type": "Declined", "nonRetryable": false}}"#;
    let cancelled = |end: &str| {
        format!(
            "start\n task 0\n activity 0\n task 1\n 1 ActivityTaskCancelRequested {{\"scheduledEventId\": 5}}\n {end}"
        )
    };
    vec![
        case(
            "max-attempts-1",
            activity(r#""retryPolicy": {"maximumAttempts": 1}"#),
            activity(r#""retryPolicy": {"maximumAttempts": 2}"#),
        ),
        case(
            "heartbeat-not-below-start-to-close",
            activity(r#""heartbeatTimeout": "10s""#),
            activity(r#""heartbeatTimeout": "9s""#),
        ),
        case(
            "heartbeat-close-to-start-to-close",
            activity(r#""heartbeatTimeout": "9s""#),
            activity(r#""heartbeatTimeout": "8s""#),
        ),
        case("no-heartbeat", ran(120, ""), ran(119, "")),
        case("no-heartbeat", ran(500, ""), ran(500, r#", "heartbeatTimeout": "30s""#)),
        case("start-to-close-missing", s2c("60s", "60s", ""), s2c("60s", "30s", "")),
        case(
            "start-to-close-missing",
            s2c("60s", "0s", ""),
            s2c("60s", "60s", r#""maximumAttempts": 1"#),
        ),
        case(
            "start-to-close-short",
            activity(r#""startToCloseTimeout": "1s""#),
            activity(r#""startToCloseTimeout": "1.1s""#),
        ),
        case(
            "start-to-close-reaches-run-timeout",
            activity(r#""startToCloseTimeout": "60s""#).replacen("start", r#"start {"workflowRunTimeout": "60s"}"#, 1),
            activity(r#""startToCloseTimeout": "59s""#).replacen("start", r#"start {"workflowRunTimeout": "60s"}"#, 1),
        ),
        case("schedule-to-close-tight", s2c("19s", "10s", ""), s2c("20s", "10s", "")),
        // Without one, the Service fills in the run timeout.
        case(
            "schedule-to-close-tight",
            s2c("19s", "10s", ""),
            s2c("19s", "10s", "").replacen("start", r#"start {"workflowRunTimeout": "19s"}"#, 1),
        ),
        case(
            "schedule-to-close-cuts-attempts",
            // 1 + 2 + 4 + 8 s between five attempts.
            s2c("14s", "1s", r#""maximumAttempts": 5"#),
            s2c("15s", "1s", r#""maximumAttempts": 5"#),
        ),
        case(
            "schedule-to-start-set",
            activity(r#""scheduleToStartTimeout": "5s""#),
            s2c("60s", "30s", ""),
        ),
        case(
            "unlimited-retries",
            "start\n task 0\n activity 0",
            r#"start
            task 0
            activity 0 {"retryPolicy": {"maximumAttempts": 3}}"#,
        ),
        case(
            "retries-exhausted",
            failing(r#""initialInterval": "1s""#, app),
            activity(r#""retryPolicy": {"maximumAttempts": 2}"#),
        ),
        case(
            "activity-not-retried",
            r#"start
            task 0
            activity 0
            begun 0
            failed 0 {"retryState": "NonRetryableFailure", "failure": {"message": "m", "applicationFailureInfo": {"type": "T", "nonRetryable": true}}}"#,
            r#"start
            task 0
            activity 0
            begun 0
            failed 0 {"retryState": "NonRetryableFailure", "failure": {"message": "m", "resetWorkflowFailureInfo": {}}}"#,
        ),
        case(
            "start-to-close-timed-out",
            timed_out("StartToClose", "begun 0"),
            timed_out("Heartbeat", "begun 0"),
        ),
        case(
            "heartbeat-timed-out",
            timed_out("Heartbeat", "begun 0"),
            timed_out("StartToClose", "begun 0"),
        ),
        case(
            "activity-not-taken",
            timed_out("ScheduleToStart", ""),
            timed_out("ScheduleToClose", "begun 0"),
        ),
        case(
            "activity-retried",
            "start\n task 0\n activity 0\n begun 1 {\"attempt\": 2}\n done 2",
            "start\n task 0\n activity 0\n begun 1\n done 2",
        ),
        case(
            "activity-left-behind",
            format!("start\n task 0\n activity 0\n task 1{COMPLETED}"),
            format!("start\n task 0\n activity 0\n begun 1\n done 1\n task 1{COMPLETED}"),
        ),
        case(
            "activity-cancel-not-heeded",
            cancelled("begun 1\n done 5"),
            cancelled("begun 1\n 5 ActivityTaskCanceled {\"scheduledEventId\": 5}"),
        ),
    ]
}

fn error_cases() -> Vec<Case> {
    let of = |kind: &str| format!(r#"{{"message": "m", "applicationFailureInfo": {{"type": "{kind}"}}}}"#);
    let listing = |kind: &str| format!(r#""nonRetryableErrorTypes": ["{kind}"]"#);
    let around = |cause: &str| {
        format!(
            r#"{{"message": "m", "applicationFailureInfo": {{"type": "Outer"}}, "cause": {{"message": "c", "applicationFailureInfo": {cause}}}}}"#
        )
    };
    let timeout = r#"{"message": "m", "timeoutFailureInfo": {"timeoutType": "StartToClose"}}"#;
    vec![
        case(
            "non-retryable-type-misspelt",
            failing(&listing("java.lang.TypeError"), &of("TypeError")),
            failing(&listing("ValueError"), &of("TypeError")),
        ),
        case(
            "non-retryable-type-misspelt",
            failing(&listing("TimeoutError"), timeout),
            failing(&listing("Timid"), timeout),
        ),
        case(
            "non-retryable-type-unmatched",
            failing(&listing("MY_CUSTOM_ERROR_TYPE"), &of("TypeError")),
            failing("\"initialInterval\": \"1s\"", &of("TypeError")),
        ),
        case(
            "non-retryable-cause",
            failing(
                "\"initialInterval\": \"1s\"",
                &around(r#"{"type": "Inner", "nonRetryable": true}"#),
            ),
            failing("\"initialInterval\": \"1s\"", &around(r#"{"type": "Inner"}"#)),
        ),
        case(
            "non-retryable-cause",
            failing(&listing("Inner"), &around(r#"{"type": "Inner"}"#)),
            failing(&listing("Other"), &around(r#"{"type": "Inner"}"#)),
        ),
    ]
}

fn task_cases() -> Vec<Case> {
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

fn message_cases() -> Vec<Case> {
    let signal = |at: u32| format!("\n {at} WorkflowExecutionSignaled {{\"signalName\": \"go\"}}");
    let update = "\n 0 WorkflowExecutionUpdateAccepted {\"protocolInstanceId\": \"u\"}";
    let answered = |outcome: &str| {
        format!(
            "\n 0 WorkflowExecutionUpdateCompleted {{\"meta\": {{\"updateId\": \"u\"}}, \"acceptedEventId\": 5, \"outcome\": {outcome}}}"
        )
    };
    let timer = "\n 0 TimerStarted {\"timerId\": \"1\", \"startToFireTimeout\": \"9s\"}";
    let fired = "\n 1 TimerFired {\"timerId\": \"1\", \"startedEventId\": 5}";
    let asked = "\n 1 WorkflowExecutionCancelRequested {}\n task 2";
    let updates = |count: u32| {
        let all = lines(count, |n| {
            let accepted = 3 + 2 * n;
            format!(
                "1 WorkflowExecutionUpdateAccepted {{\"protocolInstanceId\": \"{n}\"}}\n 1 WorkflowExecutionUpdateCompleted \
                 {{\"meta\": {{\"updateId\": \"{n}\"}}, \"acceptedEventId\": {accepted}}}"
            )
        });
        format!("start\n task 0{all}")
    };
    let at_once = |count: u32| {
        format!(
            "start\n task 0{}",
            lines(count, |n| format!(
                "1 WorkflowExecutionUpdateAccepted {{\"protocolInstanceId\": \"{n}\"}}"
            ))
        )
    };
    let failed =
        |name: &str| format!("start\n task 0\n 1 {name} {{\"workflowExecution\": {{\"workflowId\": \"other\"}}}}");
    vec![
        case(
            "signal-not-delivered",
            format!("start\n task 0{}\n 2 WorkflowExecutionTerminated {{}}", signal(1)),
            format!(
                "start\n task 0{}\n task 1\n 2 WorkflowExecutionTerminated {{}}",
                signal(1)
            ),
        ),
        case(
            "signal-with-last-task",
            format!("start\n task 0{timer}{fired}{}\n task 1{COMPLETED}", signal(1)),
            format!("start\n task 0{timer}{}\n task 1{COMPLETED}", signal(1)),
        ),
        case(
            "update-not-completed",
            format!("start\n task 0{update}{COMPLETED}"),
            format!("start\n task 0{update}"),
        ),
        case(
            "update-not-completed",
            format!("start\n task 0{update}{COMPLETED}"),
            format!("start\n task 0{update}{}{COMPLETED}", answered("{}")),
        ),
        case(
            "update-failed",
            format!("start\n task 0{update}{}", answered(r#"{"failure": {"message": "m"}}"#)),
            format!("start\n task 0{update}{}", answered(r#"{"success": {}}"#)),
        ),
        case(
            "cancel-not-heeded",
            format!("start\n task 0{timer}{asked}"),
            format!("start\n task 0{timer}{asked}\n 2 TimerCanceled {{\"startedEventId\": 5}}"),
        ),
        case(
            "cancel-not-heeded",
            format!("start\n task 0{timer}{asked}"),
            format!("start\n task 0{timer}{asked}{COMPLETED}"),
        ),
        case(
            "cancel-not-heeded",
            format!("start\n task 0{timer}{asked}"),
            format!("start\n task 0{timer}\n 1 WorkflowExecutionCancelRequested {{}}"),
        ),
        case(
            "signals-near-limit",
            format!("start{}", lines(8_000, |_| signal(1))),
            format!("start{}", lines(7_999, |_| signal(1))),
        ),
        case("updates-near-limit", updates(1_600), updates(1_599)),
        case("updates-near-limit", at_once(8), at_once(7)),
        case(
            "external-request-failed",
            failed("SignalExternalWorkflowExecutionFailed"),
            failed("ExternalWorkflowExecutionSignaled"),
        ),
        case(
            "external-request-failed",
            failed("RequestCancelExternalWorkflowExecutionFailed"),
            failed("ExternalWorkflowExecutionCancelRequested"),
        ),
    ]
}

fn child_cases() -> Vec<Case> {
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

fn local_activity_cases() -> Vec<Case> {
    let one = |took: &str| {
        format!(
            "start\n scheduled 0\n taken 0\n answered {took}\n {took} {}",
            local(4, OK_LOCAL, false)
        )
    };
    let prolonged = |id: &str| {
        format!(
            "start\n task 8\n scheduled 8\n taken 8 {{\"requestId\": \"{id}\"}}\n answered 12\n 12 {}",
            local(7, OK_LOCAL, false)
        )
    };
    let retried = |attempt: u32, backoff: &str, failed: bool| {
        let data = format!(r#"{{"attempt":{attempt},"activity_type":"Look","backoff":{backoff}}}"#);
        format!("start\n task 0\n 0 {}", local(4, &data, failed))
    };
    let go = r#"{"ActivityType":"Look","Attempt":5,"Backoff":0}"#;
    let apart = |tasks: u32, each: u32| {
        let all = lines(tasks, |n| {
            let completed = 1 + n * 3 + (n - 1) * each;
            let markers = lines(each, |_| format!("{n} {}", local(completed, OK_LOCAL, false)));
            format!("task {n}{markers}")
        });
        format!("start{all}")
    };
    let delayed = |at: &str| {
        format!(
            "{}\n {at} WorkflowExecutionSignaled {{\"signalName\": \"s\"}}",
            one("4")
        )
    };
    let lost = format!("{}\n task 2", task_failed("WorkflowWorkerUnhandledFailure", "panic"));
    vec![
        case("local-activity-long", one("8"), one("7.9")),
        case(
            "local-activity-long",
            prolonged("request-from-RespondWorkflowTaskCompleted"),
            "start\n task 8\n task 9",
        ),
        case(
            "local-activity-retries",
            retried(4, "null", false),
            retried(3, "null", false),
        ),
        case(
            "local-activity-retries",
            retried(1, r#"{"seconds":70,"nanos":0}"#, true),
            retried(1, "null", true),
        ),
        case(
            "local-activity-retries",
            format!(
                "start\n task 0\n 0 {}",
                local(4, go, true).replace("core_local_activity", "LocalActivity")
            ),
            format!(
                "start\n task 0\n 0 {}",
                local(4, go, true).replace("core_local_activity", "SideEffect")
            ),
        ),
        case(
            "local-activities-repeated",
            format!("{lost}\n 2 {}", local(7, OK_LOCAL, false)),
            format!("{lost}\n 2 TimerStarted {{\"timerId\": \"1\", \"startToFireTimeout\": \"1s\"}}"),
        ),
        case("local-activities-one-by-one", apart(4, 1), apart(2, 2)),
        case("local-activity-delays-messages", delayed("2"), delayed("3.5")),
    ]
}

fn size_cases() -> Vec<Case> {
    let long = |events: u32| {
        format!(
            "start{}",
            lines(events - 1, |n| format!("{n} WorkflowExecutionUnpaused {{}}"))
        )
    };
    let bytes = |mib: u64| {
        format!(
            "start\n scheduled 0\n taken 0 {{\"historySizeBytes\": {}}}\n answered 0",
            mib << 20
        )
    };
    let signal = |kib: usize| {
        let text = payload(&format!("\"{}\"", "x".repeat(kib << 10)));
        format!("start\n 1 WorkflowExecutionSignaled {{\"signalName\": \"s\", \"input\": {{\"payloads\": [{text}]}}}}")
    };
    let pending = |count: u32| format!("start\n task 0{}", lines(count, |_| "activity 0".to_owned()));
    let timers = |wait: &str| {
        format!("start\n task 0\n 0 TimerStarted {{\"timerId\": \"1\", \"startToFireTimeout\": \"{wait}\"}}")
    };
    let terminated =
        |reason: &str| format!("start\n task 0\n 1 WorkflowExecutionTerminated {{\"reason\": \"{reason}\"}}");
    let suggested = |since: u32| {
        let more = lines(since - 1, |n| format!("{n} WorkflowExecutionUnpaused {{}}"));
        format!("start\n scheduled 0\n taken 0 {{\"suggestContinueAsNew\": true}}\n answered 0{more}")
    };
    let continued =
        |at: &str| format!("start\n task 0\n {at} WorkflowExecutionContinuedAsNew {{\"initiator\": \"Workflow\"}}");
    vec![
        case("history-long", long(10_240), long(10_239)),
        case("history-long", bytes(10), bytes(9)),
        case("history-long", bytes(39), bytes(40)),
        case("history-near-limit", long(40_960), long(40_959)),
        case("history-near-limit", bytes(40), bytes(39)),
        case(
            "limit-exceeded",
            terminated("Workflow history count exceeds limit."),
            terminated("enough"),
        ),
        case("payload-large", signal(256), signal(255)),
        case("payload-large", signal(256), signal(1_700)),
        case("payload-near-limit", signal(1_700), signal(256)),
        case("many-pending", pending(1_600), pending(1_599)),
        case("continue-as-new-late", suggested(1_001), suggested(1_000)),
        case("continue-as-new-at-once", continued("1.9"), continued("2")),
        case("continue-as-new-early", continued("2"), continued("1.9")),
        case(
            "continue-as-new-early",
            continued("2"),
            format!(
                "{}\n 3 WorkflowExecutionContinuedAsNew {{\"initiator\": \"Workflow\"}}",
                suggested(10)
            ),
        ),
        case("timer-zero", timers("0s"), timers("1s")),
        case("timer-far", timers("34560000s"), timers("31536000s")),
    ]
}

fn start_cases() -> Vec<Case> {
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

fn ending_cases() -> Vec<Case> {
    let ended = |how: &str, more: &str| format!("start\n task 0\n 1 WorkflowExecution{how} {{{more}}}");
    let versions = |ids: &[&str]| {
        let all: String = ids.iter().map(|id| format!("\n{}", patch(id))).collect();
        format!("start\n task 0{all}")
    };
    let go_version = |n: u32| {
        format!(
            r#"start
            task 0
            0 MarkerRecorded {{"markerName": "Version", "details": {{"change-id": {{"payloads": [{}]}}, "version": {{"payloads": [{}]}}}}}}"#,
            payload("\"fix\""),
            payload(&n.to_string())
        )
    };
    let tasks = |one: &str, other: &str| {
        format!("start\n scheduled 0\n taken 0\n answered 0 {one}\n scheduled 1\n taken 1\n answered 1 {other}")
    };
    let build = |id: &str| format!(r#"{{"workerVersion": {{"buildId": "{id}"}}}}"#);
    let sdk = |version: &str| format!(r#"{{"sdkMetadata": {{"sdkName": "temporal-go", "sdkVersion": "{version}"}}}}"#);
    vec![
        case(
            "workflow-failed",
            ended("Failed", r#""failure": {"message": "m"}"#),
            ended("Completed", ""),
        ),
        case("workflow-timed-out", ended("TimedOut", ""), ended("Completed", "")),
        case(
            "workflow-terminated",
            ended("Terminated", ""),
            ended("Terminated", r#""identity": "history-resetter""#),
        ),
        case(
            "workflow-terminated",
            ended("Terminated", ""),
            ended("Terminated", r#""reason": "Workflow history size exceeds limit.""#),
        ),
        case(
            "many-patches",
            format!("start\n task 0{}", lines(10, |n| patch(&format!("p{n}x")))),
            format!("start\n task 0{}", lines(9, |n| patch(&format!("p{n}x")))),
        ),
        case("many-versions-of-a-change", go_version(4), go_version(3)),
        case(
            "many-versions-of-a-change",
            versions(&["fix", "fix-v2", "fix-v3", "fix-v4", "fix-v5"]),
            versions(&["fix-v2", "fix-v3", "fix-v4", "mend-v5"]),
        ),
        case(
            "several-builds",
            tasks(&build("a"), &build("b")),
            tasks(&build("a"), &build("a")),
        ),
        case(
            "several-sdks",
            tasks(&sdk("1.1"), &sdk("1.2")),
            tasks(&sdk("1.1"), "{}"),
        ),
        case(
            "unknown-event",
            "start\n 1 WorkflowExecutionDreamed {\"of\": \"sheep\"}",
            "start\n 1 WorkflowExecutionSignaled {}",
        ),
    ]
}

fn cases() -> Vec<Case> {
    [
        activity_cases(),
        error_cases(),
        task_cases(),
        message_cases(),
        child_cases(),
        local_activity_cases(),
        size_cases(),
        start_cases(),
        ending_cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn found(rule: &str, sketched: &str) -> Vec<Finding> {
    let mut findings = lint(&sketch::events(sketched), Extent::Whole);
    findings.retain(|finding| finding.rule.id == rule);
    findings
}

#[test]
fn every_rule_fires_where_it_should_and_not_close_to_it() {
    let start = |sketched: &str| sketched.chars().take(2_000).collect::<String>();
    let mut wrong = Vec::new();
    for Case { rule, fires, silent } in cases() {
        if found(rule, &fires).is_empty() {
            wrong.push(format!("{rule} does not fire:\n{}", start(&fires)));
        }
        if let [finding, ..] = &found(rule, &silent)[..] {
            wrong.push(format!("{rule} fires: {}\n{}", finding.what, start(&silent)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_is_tried() {
    let tried: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let all: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(tried, all);
    assert!(all.len() >= 30);
}

#[test]
fn rules_have_ids_of_their_own_and_say_what_they_must() {
    let ids: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules().count());
    for rule in rules() {
        let id = rule.id;
        assert!(
            id.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{id}"
        );
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{id}");
        assert!(rule.why.ends_with(['.', ')']), "{id}");
        // One has advice for each finding.
        assert!(rule.todo.ends_with(['.', ')']) || id == "workflow-task-stuck", "{id}");
        assert!(!rule.page.starts_with('/') && !rule.page.contains(' '), "{id}");
    }
}

#[test]
fn an_unknown_id_is_told_the_nearest() {
    assert!(rule("max-attempts-1").is_some());
    assert_eq!(nearest_id("max-attemps-1"), Some("max-attempts-1"));
    assert_eq!(nearest_id("nodeterminism"), Some("nondeterminism"));
    assert_eq!(nearest_id("qqqqqqqqqqqqqqqqqqqqqqqqqq"), None);
}

fn cases_of_users() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let json = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "json"));
    let named = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    json.map(|path| (named(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn stories() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let json = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "json"));
    let named = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    json.map(|path| (named(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// What the linter says of a file; nothing if it cannot be read.
fn linted(text: &str) -> Option<Vec<Finding>> {
    let read = read(text).ok()?;
    let extent = if read.notes.contains(&Note::MorePages) {
        Extent::Beginning
    } else {
        Extent::Whole
    };
    Some(lint(&read.history.events, extent))
}

/// The recordings whose reports are kept: one for each thing that can be found fault with.
const RECORDINGS: [&str; 36] = [
    "bare-beats-failed",
    "bare-buffered",
    "bare-cancel-and-again",
    "bare-large-result",
    "bare-long-history",
    "bare-pending",
    "bare-prolonged",
    "bare-refused-duplicate-timer",
    "bare-refused-no-limit",
    "bare-suggest",
    "sem-act-hb1",
    "sem-act-maxattempts",
    "sem-act-nonret",
    "sem-act-nonrettype",
    "sem-act-retry",
    "sem-act-sched2close-backoff",
    "sem-act-sched2close-nobody",
    "sem-act-stc2",
    "sem-buggy2-failing",
    "sem-can-fast-run1",
    "sem-can-kid",
    "sem-crash-first",
    "sem-crash-idle",
    "sem-cron-run1",
    "sem-kids",
    "sem-misc-la",
    "sem-nd-live-failing",
    "sem-parent-extsig-missing",
    "sem-parent-pcp-abandon",
    "sem-parent-pcp-terminate",
    "sem-reset-reapply",
    "sem-signals",
    "sem-simple",
    "sem-terminate",
    "sem-wf-exectimeout-retry",
    "sem-wfretry-run1",
];

#[test]
fn what_it_says_of_recordings() {
    for name in RECORDINGS {
        let findings = linted(&histories::one(name)).unwrap();
        golden::check(&format!("golden/lint/{name}.txt"), &report::text(&findings));
    }
}

#[test]
fn what_it_says_of_cases_from_the_field() {
    for (name, text) in cases_of_users() {
        if let Some(findings) = linted(&text) {
            golden::check(&format!("golden/lint/{name}.txt"), &report::text(&findings));
        }
    }
}

/// All that is said of all histories there are, a line each: to see at once what a change of a rule changes.
#[test]
fn what_it_says_of_all_histories() {
    let mut all = String::new();
    let folders = [
        ("histories", histories::all()),
        ("real", histories::real()),
        ("stories", stories()),
    ];
    for (folder, files) in folders {
        for (name, text) in files {
            all.push_str(&format!("{folder}/{name}\n"));
            for finding in linted(&text).unwrap() {
                let place = finding.event.map_or_else(String::new, |event| event.to_string());
                let (severity, id) = (finding.rule.severity.name(), finding.rule.id);
                all.push_str(&format!("  {place:>4}  {severity:7}  {id}: {}\n", finding.what));
            }
        }
    }
    golden::check("golden/lint/all.txt", &all);
}

/// Histories in which nothing went wrong, and nothing is unwise.
#[test]
fn good_histories_are_not_found_fault_with() {
    for name in [
        "sem-simple",
        "sem-signals",
        "sem-updates2",
        "sem-timers2",
        "sem-parent-ok",
        "sem-misc-sa",
    ] {
        let findings = linted(&histories::one(name)).unwrap();
        let grave: Vec<&str> = findings
            .iter()
            .filter(|f| f.rule.severity > Severity::Note)
            .map(|f| f.rule.id)
            .collect();
        assert!(grave.is_empty(), "{name}: {grave:?}");
    }
    for (name, text) in histories::real() {
        if name == "all-goes-well" {
            assert_eq!(linted(&text), Some(Vec::new()));
        }
    }
}

/// The first page of a history says nothing about how it ends.
#[test]
fn nothing_is_concluded_from_the_end_of_a_page() {
    let stuck = sketch::events(&task_failed("NonDeterministicError", "m"));
    let ids = |extent| -> Vec<&str> { lint(&stuck, extent).iter().map(|finding| finding.rule.id).collect() };
    assert_eq!(ids(Extent::Whole), ["nondeterminism", "workflow-task-stuck"]);
    assert_eq!(ids(Extent::Beginning), ["nondeterminism"]);
}

/// What is alike is told once.
#[test]
fn a_loop_is_one_finding() {
    let pending = lines(5_000, |_| {
        "activity 0 {\"retryPolicy\": {\"maximumAttempts\": 1}}\n begun 0\n done 0".to_owned()
    });
    let findings = found("max-attempts-1", &format!("start\n task 0{pending}"));
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].event, findings[0].also.len()), (Some(5), 4_999));
    let text = report::text(&findings);
    assert!(
        text.contains("also events 8, 11, 14, 17, 20, 23, 26, 29 and 4991 more\n"),
        "{text}"
    );
}

/// Broken in every way: nothing panics, and nothing takes long.
#[test]
fn any_list_of_events_is_taken() {
    let all: Vec<HistoryEvent> = cases()
        .iter()
        .filter(|case| case.fires.len() < 5_000)
        .flat_map(|case| sketch::events(&case.fires))
        .collect();
    let mut events = all.clone();
    assert!(lint(&events, Extent::Whole).len() > 50);
    events.reverse();
    lint(&events, Extent::Whole);
    for (at, event) in (0..).zip(&mut events) {
        event.event_id = [i64::MIN, -1, 0, 3, i64::MAX][at % 5];
        if at % 3 == 0 {
            event.event_time = None;
        }
        if at % 7 == 0 {
            event.attributes = None;
        }
    }
    lint(&events, Extent::Whole);
    lint(&[], Extent::Whole);
    // As many as there can be, with ids that all lead to the same few events.
    let many: Vec<HistoryEvent> = all.iter().cycle().take(51_200).cloned().collect();
    lint(&many, Extent::Beginning);
    let mut many = many;
    for (id, event) in (1..).zip(&mut many) {
        event.event_id = id;
    }
    report::text(&lint(&many, Extent::Whole));
}

#[test]
fn the_report_for_programs_has_everything() {
    let findings = linted(&histories::one("sem-act-maxattempts")).unwrap();
    let json = report::json(&findings);
    let all = json["findings"].as_array().unwrap();
    assert_eq!(all.len(), findings.len());
    for member in ["rule", "severity", "event", "title", "found", "why", "todo", "docs"] {
        assert!(all.iter().all(|finding| !finding[member].is_null()), "{member}");
    }
    let counted = ["errors", "warnings", "notes"].map(|name| json[name].as_u64().unwrap());
    assert_eq!(counted.iter().sum::<u64>(), findings.len() as u64);
}

/// What the schema of SARIF 2.1.0 demands, as far as the log uses it.
#[test]
fn the_log_is_sarif() {
    let text = histories::one("sem-act-maxattempts");
    let findings = linted(&text).unwrap();
    let log = report::sarif(&findings, &Artifact::of("my runs/1.json", Some(&text)));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let known = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(known.len(), rules().count());
    for one in known {
        assert!(
            one["helpUri"]
                .as_str()
                .unwrap()
                .starts_with("https://docs.temporal.io/")
        );
        assert!(!one["help"]["text"].as_str().unwrap().is_empty());
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(&findings) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(known[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20runs/1.json");
        let line = usize::try_from(place["region"]["startLine"].as_u64().unwrap()).unwrap();
        let shown = text.lines().nth(line - 1).unwrap();
        assert!(
            shown.contains(&format!("\"eventId\": \"{}\"", finding.event.unwrap())),
            "{shown}"
        );
    }
}
