//! Cases of the rules about local activities.

use super::case::{Case, base64, case, lines};
use super::tasks::task_failed;

/// A marker of a local activity, in the answer to this task.
pub(super) fn local(task: u32, data: &str, failed: bool) -> String {
    let failure = if failed { r#", "failure": {"message": "m"}"# } else { "" };
    let line = LOCAL.replace("TASK", &task.to_string()).replace("DATA", &base64(data));
    line.replace("FAILURE", failure).replace('\n', " ")
}

const LOCAL: &str = r#"MarkerRecorded {"markerName": "core_local_activity", "workflowTaskCompletedEventId": TASK,
    "details": {"data": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "DATA"}]}}FAILURE}"#;

pub(super) const OK_LOCAL: &str = r#"{"seq":1,"attempt":1,"activity_type":"Look","backoff":null}"#;

pub(super) fn cases() -> Vec<Case> {
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
    let dropped = |at: &str| {
        format!(
            "start\n task 8\n scheduled 8\n taken 8\n {at} WorkflowTaskTimedOut {{\"scheduledEventId\": 5, \
             \"startedEventId\": 6, \"timeoutType\": \"StartToClose\"}}"
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
        case("local-activity-too-long", dropped("13"), dropped("18")),
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
