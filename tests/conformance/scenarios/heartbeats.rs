//! Heartbeats of activities: progress that outlives an attempt, and attempts that fall silent.

use sagascope::sim::script::{Action, When};
use serde_json::json;

use super::call::{Calls, CallsInTurn};
use crate::scenario::{Scenario, attempt_started, code, worker};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "heartbeat-completes",
            "An activity reports its progress more often than needed and completes.",
            code!(Calls),
            json!({ "what": { "takes_ms": 3_000, "beats_every_ms": 300 }, "heartbeat_ms": 1_000 }),
        ),
        Scenario::new(
            "heartbeat-silence",
            "An activity never reports its progress, as it should.",
            code!(Calls),
            json!({ "what": { "hangs": 9 }, "heartbeat_ms": 1_000, "retry": { "attempts": 1 } }),
        ),
        Scenario::new(
            "heartbeat-falls-silent",
            "An attempt reports some progress and falls silent; the next completes.",
            code!(Calls),
            json!({
                "what": { "hangs": 1, "takes_ms": 500, "beats_every_ms": 300, "beats": 3 },
                "heartbeat_ms": 2_000,
            }),
        ),
        Scenario::new(
            "heartbeat-progress-kept",
            "Two attempts report progress and fall silent: the second went on where the first had got to.",
            code!(Calls),
            json!({
                "what": { "hangs": 9, "beats_every_ms": 300, "beats": 3 },
                "heartbeat_ms": 2_000,
                "retry": { "attempts": 2 },
            }),
        ),
        Scenario::new(
            "heartbeat-last-words",
            "An attempt fails with progress that it had not reported yet; the next times out with it.",
            code!(Calls),
            json!({
                "what": { "fails": 1, "takes_ms": 1_500, "beats_every_ms": 700 },
                "heartbeat_ms": 3_000,
                "retry": { "attempts": 2 },
            }),
        )
        .then(attempt_started("1", 2), Action::Kill(worker('A')))
        .then(When::Next, Action::Launch(worker('A'), 0)),
        Scenario::new(
            "heartbeat-worker-killed",
            "The worker dies while an activity reports its progress; it is missed soon, not only at the end of the attempt.",
            code!(Calls),
            json!({ "what": { "takes_ms": 1_500, "beats_every_ms": 200 }, "start_to_close_ms": 60_000, "heartbeat_ms": 1_000 }),
        )
        .then(attempt_started("1", 1), Action::Kill(worker('A')))
        .then(When::Next, Action::Launch(worker('A'), 0)),
        Scenario::new(
            "heartbeat-fatal-silence",
            "A policy that does not retry an attempt that fell silent; the workflow goes on without it.",
            code!(CallsInTurn),
            json!([
                {
                    "what": { "hangs": 9, "beats_every_ms": 300, "beats": 1 },
                    "heartbeat_ms": 1_000,
                    "retry": { "fatal": ["TemporalTimeout:Heartbeat"] },
                },
                {},
            ]),
        ),
        Scenario::new(
            "heartbeat-no-timeout",
            "An activity reports its progress though nobody asked for it, and takes too long.",
            code!(Calls),
            json!({
                "what": { "hangs": 9, "beats_every_ms": 200, "beats": 4 },
                "start_to_close_ms": 2_000,
                "retry": { "attempts": 1 },
            }),
        ),
    ]
}
