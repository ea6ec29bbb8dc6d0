//! Cases of the rules about messages.

use super::case::{COMPLETED, Case, case, lines};

pub(super) fn cases() -> Vec<Case> {
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
        // A reset applies it again, in the new run.
        case(
            "signal-not-delivered",
            format!("start\n task 0{}\n 2 WorkflowExecutionTerminated {{}}", signal(1)),
            format!(
                "start\n task 0{}\n 2 WorkflowExecutionTerminated {{\"identity\": \"history-resetter\"}}",
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
