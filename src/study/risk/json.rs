//! The report as JSON, for programs: the same as the text says, in Temporal's spelling of times, durations and enums.

use serde_json::{Value, json};

use super::activity::{ActivityRisk, Ending};
use super::compensation::{Compensation, Reason};
use super::crash::{Crash, Next, Obstacle};
use super::done::{Done, DoneKind, Standing};
use super::interval::Interval;
use super::key::{Key, Sign, SignKind, Silence};
use super::local::LocalRisk;
use super::{ASSUMPTIONS, Report};
use crate::base::time::Span;
use crate::history::class::End;
use crate::history::proto::event_name;
use crate::history::timestamp::{Timestamp, duration};

impl Report {
    /// The whole report.
    pub fn json(&self) -> Value {
        let closed = self.closed.map(|closed| {
            json!({ "eventId": closed.event, "eventType": event_name(closed.event_type), "end": end(closed.end) })
        });
        let places = |places: &[u32]| -> Vec<i64> {
            let of_place = |place: &u32| self.activities.get(*place as usize).map(|activity| activity.event);
            places.iter().filter_map(of_place).collect()
        };
        let recorded = &self.recorded;
        json!({
            "workflowType": self.workflow_type,
            "workflowId": self.workflow_id,
            "events": self.events,
            "begin": time(self.begin),
            "closed": closed,
            "mostDangerousFirst": places(&self.dangers),
            "activities": self.activities.iter().map(|one| self.activity(one)).collect::<Vec<_>>(),
            "localActivities": self.local_activities.iter().map(local).collect::<Vec<_>>(),
            "workflowTasks": self.workflow_tasks.iter().map(interval).collect::<Vec<_>>(),
            "done": self.done.iter().map(done).collect::<Vec<_>>(),
            "compensations": self.compensations.iter().map(|one| self.compensation_value(one)).collect::<Vec<_>>(),
            "standing": self.standing_value(&self.standing),
            "neverRunAgain": {
                "activityEnds": recorded.activity_ends,
                "localActivityEnds": recorded.local_activity_ends,
                "sideEffects": recorded.side_effects,
                "versions": recorded.versions,
                "otherMarkers": recorded.other_markers,
                "timers": recorded.timers,
                "children": recorded.children,
                "messagesOut": recorded.messages_out,
                "nexusOperations": recorded.nexus_operations,
                "updateOutcomes": recorded.update_outcomes,
            },
            "assumed": ASSUMPTIONS,
        })
    }

    fn activity(&self, activity: &ActivityRisk) -> Value {
        let notice = &activity.notice;
        let earlier = activity.earlier.as_ref().map(|earlier| {
            json!({ "count": earlier.count, "lastFailure": earlier.last_failure, "unheard": earlier.unheard })
        });
        json!({
            "eventId": activity.event,
            "activityType": activity.activity_type,
            "activityId": activity.activity_id,
            "arguments": activity.input,
            "worker": activity.worker,
            "attempt": activity.attempt,
            "earlier": earlier,
            "interval": activity.interval.as_ref().map(interval),
            "ending": ending(activity.ending),
            "crash": crash(activity.crash),
            "noticed": {
                "by": notice.by.map(|by| by.as_str_name()),
                "limit": length(notice.limit),
                "at": notice.at.map(time),
                "heartbeatTimeout": length(notice.heartbeat),
            },
            "policy": activity.policy,
            "maximumAttempts": activity.maximum_attempts,
            "scheduleToCloseTimeout": length(activity.schedule_to_close),
            "key": key(&activity.key),
            "doneBefore": self.standing_value(&activity.before),
        })
    }

    fn standing_value(&self, standing: &Standing) -> Value {
        let latest = standing
            .latest
            .iter()
            .filter_map(|place| self.done.get(*place as usize));
        json!({ "count": standing.count, "latest": latest.map(|done| done.event).collect::<Vec<_>>() })
    }

    fn compensation_value(&self, compensation: &Compensation) -> Value {
        let of = compensation.of.and_then(|place| self.done.get(place as usize));
        let (reason, undoing, about) = match &compensation.because {
            Reason::Names { undoing, about } => ("names", Some(undoing), Some(about)),
            Reason::Returned { undoing, value } => ("returned", Some(undoing), Some(value)),
            Reason::Reverse { value } => ("reverse", None, Some(value)),
            Reason::OnlyName { undoing } => ("onlyName", Some(undoing), None),
        };
        json!({
            "eventId": compensation.event,
            "activityType": compensation.name,
            "looksLikeTheCompensationOf": of.map(|of| of.event),
            "because": { "reason": reason, "undoing": undoing, "about": about },
            "after": compensation.after,
            "end": compensation.end.map(end),
        })
    }
}

fn interval(interval: &Interval) -> Value {
    json!({
        "fromEventId": interval.from_event,
        "toEventId": interval.to_event,
        "from": time(interval.from),
        "to": interval.to.map(time),
    })
}

fn ending(ending: Ending) -> Value {
    match ending {
        Ending::Recorded { event, end: how } => json!({ "eventId": event, "end": end(how) }),
        Ending::Open => json!({ "end": "open" }),
        Ending::LeftOpen { event } => json!({ "eventId": event, "end": "leftOpen" }),
    }
}

fn crash(crash: Crash) -> Value {
    let next = |next: Next| json!({ "attempt": next.attempt, "backoff": length(next.backoff) });
    match crash {
        Crash::RunsAgain(again) => json!({ "outcome": "runsAgain", "next": next(again) }),
        Crash::MayRunAgain(again, unless) => {
            json!({ "outcome": "mayRunAgain", "next": next(again), "unless": obstacle(unless) })
        }
        Crash::Lost(because) => json!({ "outcome": "lost", "because": obstacle(because) }),
        Crash::Unnoticed => json!({ "outcome": "unnoticed" }),
        Crash::NotTaken => json!({ "outcome": "notTaken" }),
    }
}

fn obstacle(obstacle: Obstacle) -> Value {
    match obstacle {
        Obstacle::MaximumAttempts(most) => json!({ "reason": "maximumAttempts", "attempts": most }),
        Obstacle::NoPolicy => json!({ "reason": "noRetryPolicy" }),
        Obstacle::Listed(timeout) => json!({ "reason": "notRetryable", "timeout": timeout.as_str_name() }),
        Obstacle::ScheduleToClose(at) => json!({ "reason": "scheduleToClose", "at": time(at) }),
        Obstacle::RunTimeout(at) => json!({ "reason": "runTimeout", "at": time(at) }),
        Obstacle::CancelRequested(event) => json!({ "reason": "cancelRequested", "eventId": event }),
        Obstacle::RunClosed(event) => json!({ "reason": "runClosed", "eventId": event }),
    }
}

fn key(key: &Key) -> Value {
    match key {
        Key::Seen(signs) => json!({ "seen": signs.iter().map(sign).collect::<Vec<_>>() }),
        Key::CannotTell(Silence::NoArguments) => json!({ "cannotTell": "noArguments" }),
        Key::CannotTell(Silence::Unreadable(encoding)) => json!({ "cannotTell": "unreadable", "encoding": encoding }),
        Key::CannotTell(Silence::Nothing) => json!({ "cannotTell": "nothingSeen" }),
    }
}

fn sign(sign: &Sign) -> Value {
    let kind = match sign.kind {
        SignKind::Name => "name",
        SignKind::Header => "header",
        SignKind::ActivityId => "activityId",
        SignKind::RunId => "runId",
        SignKind::WorkflowId => "workflowId",
        SignKind::Uuid => "uuid",
    };
    json!({ "kind": kind, "place": sign.place, "value": sign.value })
}

fn local(local: &LocalRisk) -> Value {
    json!({
        "eventId": local.event,
        "activityType": local.name,
        "failed": local.failed,
        "interval": local.interval.as_ref().map(interval),
        "workflowTaskTimeout": length(local.limit),
    })
}

fn done(done: &Done) -> Value {
    let kind = match done.kind {
        DoneKind::Activity => "activity",
        DoneKind::LocalActivity => "localActivity",
        DoneKind::Child => "childWorkflow",
        DoneKind::NexusOperation => "nexusOperation",
    };
    json!({
        "eventId": done.event,
        "closedEventId": done.closed_event,
        "kind": kind,
        "name": done.name,
        "end": end(done.end),
        "undoneBy": done.undone_by,
        "isCompensation": done.is_compensation,
    })
}

const fn end(end: End) -> &'static str {
    match end {
        End::Ok => "completed",
        End::Failed => "failed",
        End::TimedOut => "timedOut",
        End::Canceled => "canceled",
        End::Terminated => "terminated",
    }
}

fn time(at: Timestamp) -> String {
    at.to_string()
}

/// A duration as protobuf's JSON has it; `null` for none.
fn length(span: Span) -> Option<String> {
    (!span.is_zero()).then(|| duration(span).to_string())
}
