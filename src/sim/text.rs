//! Each step as one line of stable text: for the command line, for golden files, and for the page's status.
//!
//! Columns: step number, virtual time, who did it, a glyph for the kind, a sentence, and the events it wrote. The glyphs:
//!
//! ```text
//! > client or poll   * new code ran   ~ replay   = answer   ! effect in the world   . activity answer
//! @ timer            x crash          ^ restart  ? refused
//! ```

use super::fault::RESTART_AFTER;
use super::step::{Answered, Record, Step};
use crate::history::proto::TimeoutType;
use crate::service::run::RunStatus;
use crate::service::timer::TimerTask;
use crate::service::transfer::Transfer;
use crate::worker::activation::{JobKind, Resolution};
use crate::worker::machines::{Fed, Request, RequestKind};

/// The line of one step. `events_before` is how many events there were before it.
pub fn line(record: &Record, events_before: u32) -> String {
    let who = record
        .what
        .worker()
        .map_or_else(|| "-".to_owned(), |worker| worker.to_string());
    let mut line = format!(
        "{:>4}  {}  {who}  {} {}",
        record.number,
        record.at,
        glyph(&record.what),
        sentence(&record.what)
    );
    match record.events_after.saturating_sub(events_before) {
        0 => {}
        1 => line.push_str(&format!("  [event {}]", record.events_after)),
        _ => line.push_str(&format!("  [events {}-{}]", events_before + 1, record.events_after)),
    }
    line
}

/// The glyph of a step's kind.
pub fn glyph(step: &Step) -> char {
    match step {
        Step::WorkflowStarted { .. } | Step::WorkflowTaskPolled { .. } | Step::ActivityPolled { .. } => '>',
        Step::Activated { activated, .. } if activated.replaying => '~',
        Step::Activated { .. } | Step::ActivationFailed { .. } => '*',
        Step::WorkflowTaskAnswered { .. } => '=',
        Step::Effect { .. } => '!',
        Step::ActivityAnswered { .. } => '.',
        Step::TimerFired { .. } => '@',
        Step::Crashed { .. } => 'x',
        Step::Restarted { .. } => '^',
        Step::Refused { .. } => '?',
    }
}

/// What a step did, in one sentence.
pub fn sentence(step: &Step) -> String {
    match step {
        Step::WorkflowStarted { .. } => "a client starts the workflow".to_owned(),
        Step::WorkflowTaskPolled {
            worker,
            sticky,
            attempt,
            events,
            ..
        } => {
            let queue = if *sticky {
                "from its own queue"
            } else {
                "from the task queue"
            };
            format!(
                "worker {worker} takes a workflow task {queue} with {}{}",
                counted(*events, "event"),
                nth(*attempt)
            )
        }
        Step::Activated { worker, activated, .. } => {
            let verb = if activated.replaying { "replays" } else { "runs" };
            let (first, last) = activated.events;
            let mut text = format!("worker {worker} {verb} the code over events {first}-{last}");
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
            accepted,
        } => {
            let what = if *ok { "the result" } else { "the failure" };
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
        Step::TimerFired { task, activity_type } => timer(task, activity_type.as_deref().unwrap_or("activity")),
        Step::Crashed {
            worker,
            restart_at,
            lost_workflow_tasks,
            lost_attempts,
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
            if restart_at.is_some() {
                text.push_str(&format!("; it is restarted in {RESTART_AFTER}"));
            }
            text
        }
        Step::Restarted { worker } => format!("worker {worker} starts with an empty memory"),
        Step::Refused { worker, verb } => {
            let state = if matches!(verb, super::fault::Verb::Restart) {
                "is running"
            } else {
                "is dead"
            };
            format!("{} of worker {worker} refused: it {state} already", verb.name())
        }
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
                TimeoutType::ScheduleToClose => "schedule-to-close",
                TimeoutType::Heartbeat => "heartbeat",
                TimeoutType::Unspecified => "time",
            };
            format!("{activity_type}, attempt {attempt}, has reached its {limit} limit")
        }
        TimerTask::ActivityRetry { attempt, .. } => format!("{activity_type} is due again: attempt {attempt}"),
        TimerTask::UserTimer { .. } => "a timer of the workflow fires".to_owned(),
        TimerTask::FirstTask { .. } => "the first workflow task has been held back long enough".to_owned(),
        TimerTask::RunTimeout { .. } => "the workflow has run out of time".to_owned(),
        TimerTask::Transfer { what, .. } => transfer(*what).to_owned(),
    }
}

const fn transfer(what: Transfer) -> &'static str {
    match what {
        Transfer::SignalExternal { .. } => "the Service delivers a workflow's signal to another",
        Transfer::CancelExternal { .. } => "the Service delivers a workflow's request to cancel another",
    }
}

fn feeding(fed: &Fed) -> String {
    let event = fed.job.event_id;
    let what = match &fed.job.what {
        JobKind::Initialize(_) => return format!("event {event} begins it"),
        JobKind::FireTimer { .. } => "a fired timer",
        JobKind::ResolveActivity { resolution, .. } => match **resolution {
            Resolution::Completed(_) => "a result",
            Resolution::Failed(_) => "a failure",
        },
    };
    let line = fed.line.map_or_else(String::new, |line| format!(" line {line}"));
    format!("event {event} feeds{line} {what}")
}

/// What a request asks for: `ProcessPayment (line 60)`.
pub fn asking(request: &Request) -> String {
    let what = match &request.what {
        RequestKind::ScheduleActivity { command, .. } => command.activity_type.clone(),
        RequestKind::StartTimer { wait, .. } => format!("a timer of {wait}"),
        RequestKind::CancelTimer { seq } => format!("the end of timer {seq}"),
        RequestKind::CompleteWorkflow { .. } => "completion".to_owned(),
        RequestKind::FailWorkflow { .. } => "failure".to_owned(),
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
