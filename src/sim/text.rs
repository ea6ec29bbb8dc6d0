//! Each step as one line of stable text: for the command line, for golden files, and for the page's status.
//!
//! Columns: step number, virtual time, who did it, a glyph for the kind, a sentence, and the events it wrote. The glyphs:
//!
//! ```text
//! > client or poll   * new code ran   ~ replay   = answer   ! effect in the world   . activity answer
//! @ timer            x crash          ^ restart  ? refused          - leaving, partitioned
//! ```

use super::Sim;
use super::fault::{RESTART_AFTER, Verb};
use super::node::{CancelReason, Unsaid};
use super::spec::{At, Choice};
use super::step::{Answered, Record, Step, Wrote};
use crate::contract::task::RunKey;
use crate::history::proto::TimeoutType;
use crate::service::run::{Run, RunStatus};
use crate::service::timer::TimerTask;
use crate::service::transfer::Transfer;
use crate::worker::activation::{ChildStart, Fed, JobKind, Resolution};
use crate::worker::execution::Why;
use crate::worker::request::{RequestKind, WorkflowRequest};

/// The line of one step, for a reader who looks at the first workflow run. `workflow_id` says what the others are called.
pub fn line<'a>(record: &Record, workflow_id: impl FnOnce(RunKey) -> &'a str) -> String {
    const SHOWN: RunKey = RunKey(0);
    let who = record
        .what
        .worker()
        .map_or_else(|| "-".to_owned(), |worker| worker.to_string());
    let mut line = format!(
        "{:>4}  {:>12}  {who}  {} {}",
        record.number,
        record.at,
        glyph(&record.what),
        told(record, SHOWN, workflow_id)
    );
    match record.wrote_to(SHOWN) {
        None => {}
        Some(Wrote { first, last, .. }) if first == last => line.push_str(&format!("  [event {first}]")),
        Some(Wrote { first, last, .. }) => line.push_str(&format!("  [events {first}-{last}]")),
    }
    line
}

/// The glyph of a step's kind.
pub fn glyph(step: &Step) -> char {
    match step {
        Step::WorkflowStarted { .. }
        | Step::WorkflowTaskPolled { .. }
        | Step::ActivityPolled { .. }
        | Step::Acted { refused: None, .. }
        | Step::Heard { .. } => '>',
        Step::Activated { activated, .. } if activated.replaying => '~',
        Step::Activated { .. } | Step::ActivationFailed { .. } => '*',
        Step::WorkflowTaskAnswered { .. } | Step::QueryAnswered { .. } => '=',
        Step::Effect { .. } | Step::LocalEffect { .. } => '!',
        Step::ActivityAnswered { .. } | Step::Heartbeat { .. } | Step::LocalEnded { .. } => '.',
        Step::TimerFired { .. } | Step::Alarm { .. } => '@',
        Step::Crashed { .. } => 'x',
        Step::Restarted { .. } | Step::Healed { .. } => '^',
        Step::Stopping { .. } | Step::Left { .. } | Step::Partitioned { .. } => '-',
        Step::Acted { .. }
        | Step::Refused { .. }
        | Step::TaskGone { .. }
        | Step::Unheard { .. }
        | Step::GaveUp { .. } => '?',
    }
}

/// What a step did, in one sentence, and which workflow it was about if that is not the run which is shown.
pub fn told<'a>(record: &Record, shown: RunKey, workflow_id: impl FnOnce(RunKey) -> &'a str) -> String {
    let sentence = sentence(&record.what);
    match record.what.run().filter(|run| *run != shown) {
        Some(run) => format!("{sentence} ({})", workflow_id(run)),
        None => sentence,
    }
}

/// What a step did, in one sentence.
pub fn sentence(step: &Step) -> String {
    match step {
        Step::WorkflowStarted { .. } => "a client starts the workflow".to_owned(),
        Step::WorkflowTaskPolled {
            worker,
            sticky,
            query,
            attempt,
            events,
            ..
        } => {
            let task = if *query { "query" } else { "workflow task" };
            let queue = if *sticky {
                "from its own queue"
            } else {
                "from the task queue"
            };
            format!(
                "worker {worker} takes a {task} {queue} with {}{}",
                counted(*events, "event"),
                nth(*attempt)
            )
        }
        Step::Activated { worker, activated, .. } => {
            let verb = if activated.replaying { "replays" } else { "runs" };
            let (first, last) = activated.events;
            let mut text = match activated.why {
                Why::History => format!("worker {worker} {verb} the code over events {first}-{last}"),
                Why::Again => format!("worker {worker} {verb} the code again, within the task"),
                Why::Queries => format!("worker {worker} asks the code"),
            };
            if !activated.fed.is_empty() {
                let fed: Vec<_> = activated.fed.iter().map(feeding).collect();
                text.push_str(&format!(": {}", fed.join(", ")));
            }
            if !activated.requests.is_empty() {
                let asked: Vec<_> = activated.requests.iter().map(asking).collect();
                let found = if activated.replaying { "finds" } else { "asks for" };
                text.push_str(&format!("; {found} {}", asked.join(", ")));
            }
            text
        }
        Step::ActivationFailed { worker, message, .. } => {
            format!("worker {worker} cannot run the workflow: {message}")
        }
        Step::WorkflowTaskAnswered {
            worker,
            how,
            eager,
            next_task,
            status,
            ..
        } => {
            let mut text = match how {
                Answered::Accepted => format!("worker {worker} answers the workflow task"),
                Answered::Failed => format!("worker {worker} reports that the workflow task failed"),
                Answered::Silent => format!("worker {worker} lets the failed workflow task time out"),
                Answered::Refused(why) => {
                    format!("worker {worker} answers the workflow task, and the Service refuses: {why}")
                }
                Answered::NotFound => {
                    format!("worker {worker} answers too late: the Service has given the task up")
                }
            };
            for (_, activity_type) in eager {
                text.push_str(&format!(", and starts {activity_type} at once"));
            }
            if *next_task {
                text.push_str(", and gets the next one with the reply");
            }
            text.push_str(match status {
                RunStatus::Running => "",
                RunStatus::Completed => ": the workflow has completed",
                RunStatus::Failed => ": the workflow has failed",
                RunStatus::Canceled => ": the workflow has stopped as it was asked to",
                RunStatus::Terminated => ": the workflow has been terminated",
                RunStatus::ContinuedAsNew => ": the workflow continues as a new run",
                RunStatus::TimedOut => ": the workflow has timed out",
            });
            text
        }
        Step::ActivityPolled {
            worker,
            token,
            activity_type,
            ..
        } => {
            format!("worker {worker} takes {activity_type}, attempt {}", token.attempt)
        }
        Step::Effect {
            activity_type, left, ..
        } if *left > 0 => format!("{activity_type} has done a part of its work, {left} to come"),
        Step::Effect {
            activity_type, outcome, ..
        }
        | Step::LocalEffect {
            activity_type, outcome, ..
        } => match outcome {
            Ok(value) => format!("{activity_type} has done its work: {value}"),
            Err(error) => format!("{activity_type} gets an error: {}: {}", error.error_type, error.message),
        },
        Step::ActivityAnswered {
            worker,
            token,
            activity_type,
            ok,
            cancelled,
            accepted,
        } => {
            let what = match (ok, cancelled) {
                (true, _) => "the result",
                (false, true) => "the end, as it was asked for,",
                (false, false) => "the failure",
            };
            let late = if *accepted {
                ""
            } else {
                ", too late: nobody waits for it any more"
            };
            format!(
                "worker {worker} reports {what} of {activity_type}, attempt {}{late}",
                token.attempt
            )
        }
        Step::QueryAnswered { worker, ok, .. } => {
            let what = if *ok {
                "answers the query"
            } else {
                "cannot answer the query"
            };
            format!("worker {worker} {what}")
        }
        Step::Heartbeat {
            worker,
            token,
            activity_type,
            count,
            cancelled,
        } => {
            let learns = match cancelled {
                None => "",
                Some(CancelReason::Requested) => ", and learns that it was cancelled",
                Some(CancelReason::Gone) => ", and learns that nobody waits for it any more",
            };
            format!(
                "worker {worker} reports that {activity_type}, attempt {}, is at {count}{learns}",
                token.attempt
            )
        }
        Step::LocalEnded {
            worker,
            token,
            activity_type,
            ok,
        } => {
            let what = if *ok { "a result" } else { "a failure" };
            format!(
                "{activity_type}, attempt {}, ends within worker {worker}, with {what}",
                token.attempt
            )
        }
        Step::Alarm { worker, .. } => format!("worker {worker} has waited long enough within its workflow task"),
        Step::Unheard { worker, what } => {
            format!("worker {worker} cannot reach the Service with {}", unsaid(*what))
        }
        Step::GaveUp { worker, what } => format!("worker {worker} gives up {}", unsaid(*what)),
        Step::TaskGone { worker } => format!("worker {worker} finds that the task is gone"),
        Step::Acted {
            what, refused: None, ..
        } => what.clone(),
        Step::Acted {
            what,
            refused: Some(why),
            ..
        } => format!("{what}, and the Service refuses: {why}"),
        Step::Heard { what, ok: true, .. } => format!("a client hears the answer: {what}"),
        Step::Heard { what, ok: false, .. } => format!("a client hears that there is no answer: {what}"),
        Step::TimerFired { task, activity_type } => timer(task, activity_type.as_deref().unwrap_or("activity")),
        Step::Crashed {
            worker,
            restart_at,
            lost_workflow_tasks,
            lost_attempts,
            lost_local,
        } => {
            let mut text = format!("worker {worker} dies");
            if !lost_workflow_tasks.is_empty() {
                text.push_str(", and with it a workflow task in its hands");
            }
            for (token, activity_type, done) in lost_attempts {
                let state = if *done { "whose effect is done" } else { "unfinished" };
                text.push_str(&format!(
                    ", and with it {activity_type}, attempt {}, {state}",
                    token.attempt
                ));
            }
            for (activity_type, done) in lost_local {
                let state = if *done { "whose effect is done" } else { "unfinished" };
                text.push_str(&format!(", and with it {activity_type}, {state}"));
            }
            if restart_at.is_some() {
                text.push_str(&format!("; it is restarted in {RESTART_AFTER}"));
            }
            text
        }
        Step::Restarted { worker, code } => match code {
            Some(code) if *code > 0 => {
                let version = code + 1;
                format!("worker {worker} starts with version {version} of the code and an empty memory")
            }
            _ => format!("worker {worker} starts with an empty memory"),
        },
        Step::Stopping { worker } => {
            format!("worker {worker} is asked to leave: it finishes what it has in hand and takes nothing new")
        }
        Step::Left { worker } => format!("worker {worker} has left"),
        Step::Partitioned { worker } => {
            format!("worker {worker} is partitioned from the Service; it does not notice and goes on")
        }
        Step::Healed { worker, unsaid: 0 } => format!("worker {worker} can reach the Service again"),
        Step::Healed { worker, unsaid } => {
            let late = counted(*unsaid, "thing");
            format!("worker {worker} can reach the Service again, with {late} to say late")
        }
        Step::Refused { worker, verb } => {
            let state = match verb {
                Verb::Restart => "is running already",
                Verb::Kill | Verb::Crash => "is dead already",
                Verb::Stop | Verb::Launch => "is not running, or about to leave",
                Verb::Partition => "is partitioned already",
                Verb::Heal => "is not partitioned",
            };
            format!("{} of worker {worker} refused: it {state}", verb.name())
        }
    }
}

/// Why nothing happens any more in a run that is stuck.
pub fn stuck(sim: &Sim) -> &'static str {
    let open = sim.runs().iter().any(Run::is_open);
    let works = sim.nodes().iter().any(|node| node.polling().is_some());
    match (open, works) {
        (true, false) => "the workflow is open and no worker is running; start one",
        (true, true) => "the workflow is open and waits for something that nobody does",
        (false, _) => "a client still waits: for an answer, or for the moment to act",
    }
}

/// Why a choice did nothing, in one sentence.
pub fn never(sim: &Sim, choice: &Choice) -> String {
    match choice.at {
        At::Step(_) => format!("{choice} never comes: the run has {}.", counted(sim.steps(), "step")),
        At::Time(_) => format!("{choice} never comes: the run is over at {}.", sim.now()),
    }
}

/// How the first run has ended, in a word or three.
pub fn ending(sim: &Sim) -> &'static str {
    match sim.run().map(|run| run.status()) {
        None => "not started",
        Some(RunStatus::Running) => "running",
        Some(RunStatus::Completed) => "completed",
        Some(RunStatus::Failed) => "failed",
        Some(RunStatus::Canceled) => "canceled",
        Some(RunStatus::Terminated) => "terminated",
        Some(RunStatus::ContinuedAsNew) => "continued as new",
        Some(RunStatus::TimedOut) => "timed out",
    }
}

fn unsaid(what: Unsaid) -> String {
    match what {
        Unsaid::WorkflowTask(_) => "its answer to the workflow task".to_owned(),
        Unsaid::Activity(token) => format!("the end of an activity, attempt {}", token.attempt),
        Unsaid::Heartbeat(token) => format!("the progress of an activity, attempt {}", token.attempt),
    }
}

fn timer(task: &TimerTask, activity_type: &str) -> String {
    match task {
        TimerTask::WorkflowTaskTimeout {
            kind: TimeoutType::ScheduleToStart,
            ..
        } => "the workflow task has waited too long for its worker and goes back to the task queue".to_owned(),
        TimerTask::WorkflowTaskTimeout { attempt, .. } => {
            format!("the workflow task, attempt {attempt}, has run too long: its worker is given up")
        }
        TimerTask::ActivityTimeout { attempt, kind, .. } => {
            let limit = match kind {
                TimeoutType::StartToClose => "start-to-close",
                TimeoutType::ScheduleToStart => "schedule-to-start",
                // The limit of all attempts together.
                TimeoutType::ScheduleToClose => {
                    return format!("{activity_type} has reached its schedule-to-close limit");
                }
                TimeoutType::Heartbeat => "heartbeat",
                TimeoutType::Unspecified => "time",
            };
            format!("{activity_type}, attempt {attempt}, has reached its {limit} limit")
        }
        TimerTask::ActivityRetry { attempt, .. } => format!("{activity_type} is due again: attempt {attempt}"),
        TimerTask::UserTimer { .. } => "a timer of the workflow fires".to_owned(),
        TimerTask::QueryTimeout { .. } => {
            "a query has waited too long for its worker and goes to the task queue".to_owned()
        }
        TimerTask::FirstTask { .. } => "the first workflow task has been held back long enough".to_owned(),
        TimerTask::RunTimeout { .. } => "the workflow has run out of time".to_owned(),
        TimerTask::Transfer { what, .. } => transfer(*what).to_owned(),
    }
}

const fn transfer(what: Transfer) -> &'static str {
    match what {
        Transfer::StartChild { .. } => "the Service starts a child workflow",
        Transfer::RecordChild { .. } => "the parent records that its child has started",
        Transfer::FirstTask => "the child's first workflow task is scheduled",
        Transfer::TellParent => "the Service tells the parent how its child ended",
        Transfer::ApplyClosePolicy { .. } => "the Service applies the parent close policy to a child",
        Transfer::SignalExternal { .. } => "the Service delivers a workflow's signal to another",
        Transfer::CancelExternal { .. } => "the Service delivers a workflow's request to cancel another",
    }
}

fn feeding(fed: &Fed) -> String {
    let event = fed.job.event_id;
    let what = match &fed.job.what {
        JobKind::Initialize(_) => return format!("event {event} begins it"),
        JobKind::NotifyHasPatch { patch_id } => return format!("event {event} marks patch {patch_id}"),
        JobKind::UpdateRandomSeed { .. } => return format!("event {event} changes its random numbers"),
        JobKind::Signal(signal) => return format!("event {event} is signal {}", signal.signal_name),
        JobKind::Update(update) => {
            let name = update.request.input.as_ref().map_or("", |input| input.name.as_str());
            return format!("a client asks for update {name}");
        }
        JobKind::CancelRequested { .. } => return format!("event {event} asks it to stop"),
        JobKind::Query(asked) => return format!("a client asks query {}", asked.query.name),
        JobKind::FireTimer { .. } => "a fired timer",
        JobKind::ResolveActivity { resolution, .. } | JobKind::ResolveChild { resolution, .. } => match **resolution {
            Resolution::Completed(_) => "a result",
            Resolution::Failed(_) => "a failure",
            Resolution::Canceled(_) => "a cancellation",
            Resolution::Backoff { .. } => "a wait before the next attempt",
        },
        JobKind::ResolveChildStart { start, .. } => match **start {
            ChildStart::Started { .. } => "a started child",
            ChildStart::Failed { .. } | ChildStart::Canceled(_) => "a child that cannot start",
        },
        JobKind::ResolveSignal { failure: None, .. } => "a delivered signal",
        JobKind::ResolveCancelExternal { failure: None, .. } => "a delivered request to stop",
        JobKind::ResolveSignal { .. } | JobKind::ResolveCancelExternal { .. } => "a failure",
    };
    let line = fed.line.map_or_else(String::new, |line| format!(" line {line}"));
    if event == 0 {
        format!("the worker feeds{line} {what}")
    } else {
        format!("event {event} feeds{line} {what}")
    }
}

/// What a request asks for: `ProcessPayment (line 60)`.
pub fn asking(request: &WorkflowRequest) -> String {
    let what = match &request.what {
        RequestKind::ScheduleActivity { command, .. } => command.activity_type.clone(),
        RequestKind::CancelActivity { seq } => format!("the end of activity {seq}"),
        RequestKind::ScheduleLocalActivity { task, .. } => format!("{} in the worker", task.activity_type),
        RequestKind::CancelLocalActivity { seq } => format!("the end of local activity {seq}"),
        RequestKind::StartTimer { wait, .. } => format!("a timer of {wait}"),
        RequestKind::CancelTimer { seq } => format!("the end of timer {seq}"),
        RequestKind::StartChild { command, .. } => {
            let name = command.workflow_type.as_ref().map_or("", |t| t.name.as_str());
            format!("child {name}")
        }
        RequestKind::CancelChild { seq, .. } => format!("the end of child {seq}"),
        RequestKind::SignalExternal { command, .. } => format!("signal {} elsewhere", command.signal_name),
        RequestKind::CancelSignal { .. } => "its signal back".to_owned(),
        RequestKind::CancelExternal { execution, .. } => format!("the end of workflow {}", execution.workflow_id),
        RequestKind::SetPatchMarker { patch_id, .. } => format!("the mark of patch {patch_id}"),
        RequestKind::UpsertSearchAttributes(_) => "new search attributes".to_owned(),
        RequestKind::ModifyProperties(_) => "a new memo".to_owned(),
        RequestKind::AcceptUpdate { .. } => "the update's acceptance".to_owned(),
        RequestKind::RejectUpdate { .. } => "the update's refusal".to_owned(),
        RequestKind::CompleteUpdate { .. } => "the update's outcome".to_owned(),
        RequestKind::CompleteWorkflow { .. } => "completion".to_owned(),
        RequestKind::FailWorkflow { .. } => "failure".to_owned(),
        RequestKind::CancelWorkflow { .. } => "cancellation".to_owned(),
        RequestKind::ContinueAsNew(_) => "a new run".to_owned(),
    };
    if request.line == 0 {
        what
    } else {
        format!("{what} (line {})", request.line)
    }
}

/// `1 event`, `2 events`.
pub fn counted(n: u32, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn nth(attempt: u32) -> String {
    if attempt == 1 {
        String::new()
    } else {
        format!(", attempt {attempt}")
    }
}
