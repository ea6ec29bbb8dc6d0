//! What a step is to a reader: its kind, and whether "next interesting" stops at it.

#![warn(clippy::wildcard_enum_match_arm)]

use super::recording::StepKind;
use crate::service::timer::TimerTask;
use crate::sim::step::{Answered, Step};

/// Its kind, for glyph and colour.
pub(super) fn kind(step: &Step) -> StepKind {
    match step {
        Step::WorkflowStarted { .. } | Step::Acted { .. } | Step::Heard { .. } => StepKind::Client,
        Step::WorkflowTaskPolled { .. } | Step::ActivityPolled { .. } | Step::TaskGone { .. } => StepKind::Poll,
        Step::Activated { activated, .. } if activated.replaying => StepKind::Replay,
        Step::Activated { .. } | Step::ActivationFailed { .. } => StepKind::Execute,
        Step::WorkflowTaskAnswered { .. } | Step::QueryAnswered { .. } => StepKind::Answer,
        Step::Effect { .. } | Step::LocalEffect { .. } => StepKind::Effect,
        Step::ActivityAnswered { .. } | Step::Heartbeat { .. } | Step::LocalEnded { .. } => StepKind::ActivityAnswer,
        Step::TimerFired { .. } | Step::Alarm { .. } => StepKind::Timer,
        Step::Crashed { .. } => StepKind::Crash,
        Step::Stopping { .. } | Step::Left { .. } => StepKind::Leave,
        Step::Partitioned { .. } | Step::Unheard { .. } | Step::GaveUp { .. } => StepKind::Partition,
        Step::Restarted { .. } | Step::Healed { .. } => StepKind::Restart,
        Step::Refused { .. } => StepKind::Refused,
    }
}

/// A step that "next interesting" stops at.
pub(super) fn interesting(step: &Step) -> bool {
    match step {
        Step::WorkflowStarted { .. }
        | Step::WorkflowTaskPolled { .. }
        | Step::ActivityPolled { .. }
        | Step::QueryAnswered { .. }
        | Step::Alarm { .. } => false,
        Step::Activated { activated, .. } => activated.replaying,
        Step::WorkflowTaskAnswered { how, .. } => *how != Answered::Accepted,
        Step::Effect { outcome, .. } | Step::LocalEffect { outcome, .. } => outcome.is_err(),
        Step::LocalEnded { ok, .. } => !ok,
        Step::ActivityAnswered { ok, accepted, .. } => !ok || !accepted,
        Step::Heartbeat { cancelled, .. } => cancelled.is_some(),
        Step::TimerFired { task, .. } => !matches!(task, TimerTask::UserTimer { .. } | TimerTask::Transfer { .. }),
        Step::ActivationFailed { .. }
        | Step::Crashed { .. }
        | Step::Restarted { .. }
        | Step::Stopping { .. }
        | Step::Left { .. }
        | Step::Partitioned { .. }
        | Step::Unheard { .. }
        | Step::GaveUp { .. }
        | Step::Healed { .. }
        | Step::TaskGone { .. }
        | Step::Acted { .. }
        | Step::Heard { .. }
        | Step::Refused { .. } => true,
    }
}
