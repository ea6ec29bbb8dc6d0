//! Cases of the rules about activities: their limits, and what became of them.

use super::case::{COMPLETED, Case, case};
use super::errors::failing;

/// A run with one activity, that has these options.
fn activity(options: &str) -> String {
    format!("start\n task 0\n activity 0 {{{options}}}\n begun 0\n done 1\n")
}

pub(super) fn cases() -> Vec<Case> {
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
    let unregistered = app.replace("\"m\"", "\"Activity function x is not registered on this worker\"");
    let lost = |limit: &str, options: &str| {
        let failure = r#"{"message": "m", "timeoutFailureInfo": {"timeoutType": "StartToClose"}}"#;
        format!(
            "start\n task 0\n activity 0 {{\"startToCloseTimeout\": \"{limit}\"{options}}}\n begun 9 {{\"attempt\": 2, \
             \"lastFailure\": {failure}}}\n done 9"
        )
    };
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
            "activity-not-registered",
            failing("\"initialInterval\": \"1s\"", &unregistered),
            failing("\"initialInterval\": \"1s\"", app),
        ),
        case("no-heartbeat", lost("3600s", ""), lost("60s", "")),
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
