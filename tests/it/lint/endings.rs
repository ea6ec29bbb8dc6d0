//! Cases of the rules about how a run ended, and about versions.

use super::case::{Case, case, lines, payload};

fn patch(id: &str) -> String {
    format!(
        r#"0 MarkerRecorded {{"markerName": "core_patch", "details": {{"patch-data": {{"payloads": [{}]}}}}}}"#,
        payload(&format!(r#"{{"id":"{id}","deprecated":false}}"#))
    )
}

pub(super) fn cases() -> Vec<Case> {
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
