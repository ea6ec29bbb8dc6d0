//! Cases of the rules about sizes, continuing as new and timers.

use super::case::{Case, case, lines, payload};

pub(super) fn cases() -> Vec<Case> {
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
        case("continue-as-new-late", suggested(1_000), suggested(999)),
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
