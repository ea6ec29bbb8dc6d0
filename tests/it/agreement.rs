//! Whether the Service and the fold of a run's history say the same of the run.

use sagascope::history::execution::{ExecutionState, Update};
use sagascope::service::run::Run;
use sagascope::service::update::UpdateState;

/// What they say differently of a run, buffered events included; nothing if they agree.
pub(crate) fn disagreement(run: &Run) -> Option<String> {
    let mut events: Vec<_> = run.log.events().to_vec();
    events.extend(run.buffer.iter().cloned());
    let state = ExecutionState::of(&events);
    let mut wrong = Vec::new();
    let mut check = |what: &str, fold: String, service: String| {
        if fold != service {
            wrong.push(format!("{what}: the fold says {fold}, the Service {service}"));
        }
    };
    check("status", format!("{:?}", state.status), format!("{:?}", run.status));
    check(
        "activities",
        format!("{:?}", state.activities.iter().map(|(id, a)| (id, a.activity_id.clone(), a.cancel_requested, a.start_to_close)).collect::<Vec<_>>()),
        format!("{:?}", run.activities.iter().map(|(id, a)| (*id, a.activity_id.clone(), a.cancel_requested, a.start_to_close)).collect::<Vec<_>>()),
    );
    check(
        "timers",
        format!("{:?}", state.timers.iter().map(|(id, t)| (id, t.timer_id.clone(), t.expiry.sim_time())).collect::<Vec<_>>()),
        format!("{:?}", run.timers.iter().map(|(id, t)| (*id, t.timer_id.clone(), t.expiry)).collect::<Vec<_>>()),
    );
    check(
        "children",
        format!("{:?}", state.children.iter().map(|(id, c)| (*id, c.workflow_id.clone(), c.first_run_id.clone(), c.policy)).collect::<Vec<_>>()),
        format!("{:?}", run.children.iter().map(|(id, c)| (*id, c.workflow_id.clone(), c.first_run_id.clone(), c.policy)).collect::<Vec<_>>()),
    );
    check("signals out", format!("{:?}", state.signals_out.keys().collect::<Vec<_>>()), format!("{:?}", run.signals_out.keys().collect::<Vec<_>>()));
    check("cancels out", format!("{:?}", state.cancels_out.keys().collect::<Vec<_>>()), format!("{:?}", run.cancels_out.keys().collect::<Vec<_>>()));
    check("updates done", format!("{:?}", state.updates_done), format!("{:?}", run.updates_done));
    let mut accepted: Vec<_> = run.updates.iter().filter_map(|u| match u.state {
        UpdateState::Accepted { event_id } => Some((u.update.update_id.clone(), event_id)),
        _ => None,
    }).collect();
    accepted.sort();
    let told: Vec<_> = state.updates.iter().filter_map(|(id, u)| match u {
        Update::Accepted { event_id } => Some((id.clone(), *event_id)),
        Update::Admitted { .. } => None,
    }).collect();
    check("updates", format!("{told:?}"), format!("{accepted:?}"));
    check("signals", format!("{:?}", state.signals), format!("{:?}", run.signals_taken.len()));
    check("cancel requested", format!("{:?}", state.cancel_requested), format!("{:?}", run.cancel_requested));
    check("memo", format!("{:?}", state.memo), format!("{:?}", run.memo));
    check("search attributes", format!("{:?}", state.search_attributes), format!("{:?}", run.search_attributes));
    check("previous", format!("{:?}", state.previous_started_event_id), format!("{:?}", run.previous_started_event_id));
    let task = run.workflow_task.as_ref().filter(|t| t.attempt == 1 && !t.speculative);
    check(
        "task",
        format!("{:?}", state.workflow_task.as_ref().map(|t| (t.scheduled_event_id, t.started_event_id))),
        format!("{:?}", task.map(|t| (t.scheduled_event_id, t.started.as_ref().map(|s| s.event_id)))),
    );
    (!wrong.is_empty()).then(|| format!("{} at event {}: {}", run.workflow_id, run.log.last_id(), wrong.join("; ")))
}
