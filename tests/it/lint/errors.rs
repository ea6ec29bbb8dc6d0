//! Cases of the rules about errors that are not retried.

use super::case::{Case, case};

/// A run with one activity that failed twice so, and was given up.
pub(super) fn failing(policy: &str, failure: &str) -> String {
    format!(
        r#"start
        task 0
        activity 0 {{"retryPolicy": {{"maximumAttempts": 2, {policy}}}}}
        begun 1 {{"attempt": 2, "lastFailure": {failure}}}
        failed 1 {{"retryState": "MaximumAttemptsReached", "failure": {failure}}}
        task 1"#
    )
}

pub(super) fn cases() -> Vec<Case> {
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
