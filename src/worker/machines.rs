//! Meets what workflow code asks for against what history says.
//!
//! Everything the code asks for goes into a queue. Where history has events that came from commands, each must be the
//! event of the request at the front: that is how replay finds its place again, and how it finds out that the code has
//! changed. Requests that no event has met are the new commands.

use std::collections::VecDeque;

use super::activation::{Job, JobKind, Resolution};
use crate::base::sorted::SortedMap;
use crate::base::time::Span;
use crate::contract::answer::{Command, ScheduleActivity};
use crate::history::proto::FailureInfo;
use crate::history::proto::{
    ActivityFailureInfo, ActivityType, Attributes, Failure, HistoryEvent, Payloads, RetryState, event_name,
};

/// Something workflow code asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The source line it was asked for on; 0 if unknown.
    pub line: u32,
    /// What.
    pub what: RequestKind,
}

/// The kinds of requests. `seq` counts the activities, and separately the timers, in the order the code made them.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestKind {
    /// Run an activity.
    ScheduleActivity {
        /// Its number.
        seq: u32,
        /// The command it becomes.
        command: Box<ScheduleActivity>,
    },
    /// Start a timer.
    StartTimer {
        /// Its number.
        seq: u32,
        /// Until it fires.
        wait: Span,
    },
    /// Cancel a timer.
    CancelTimer {
        /// Its number.
        seq: u32,
    },
    /// The workflow returned.
    CompleteWorkflow {
        /// What.
        result: Option<Payloads>,
    },
    /// The workflow failed.
    FailWorkflow {
        /// Why.
        failure: Box<Failure>,
    },
}

/// History and code disagree. The message is the official one, without its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nondeterminism {
    /// The event that could not be met.
    pub event_id: i64,
    /// What the official worker says about it.
    pub message: String,
}

/// The requests of one run and what became of them.
#[derive(Clone, Debug, Default)]
pub struct Machines {
    unmet: VecDeque<Request>,
    activities: SortedMap<i64, Met<ActivityCall>>,
    started: SortedMap<i64, i64>,
    timers: SortedMap<i64, Met<u32>>,
    cancelled_timers: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Met<T> {
    line: u32,
    what: T,
}

#[derive(Clone, Debug)]
struct ActivityCall {
    seq: u32,
    activity_id: String,
    activity_type: String,
}

/// A job and the source line that waits for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fed {
    /// The job.
    pub job: Job,
    /// The line of the request it answers; `None` for the beginning of the run.
    pub line: Option<u32>,
}

impl Machines {
    /// Takes in what the code asked for during one activation.
    pub fn ask(&mut self, requests: Vec<Request>) {
        for request in requests {
            if let RequestKind::CancelTimer { seq } = request.what {
                // A timer that never left the worker is cancelled without a trace; its number stays used.
                let unsent = self.unmet.iter().position(
                    |unmet| matches!(unmet.what, RequestKind::StartTimer { seq: started, .. } if started == seq),
                );
                if let Some(unsent) = unsent {
                    self.unmet.remove(unsent);
                    continue;
                }
                self.cancelled_timers.push(seq);
            }
            self.unmet.push_back(request);
        }
    }

    /// Takes in one event. Events that came from commands meet the request at the front; others may bring a job.
    pub fn see(&mut self, event: &HistoryEvent) -> Result<Option<Fed>, Nondeterminism> {
        let Some(attributes) = &event.attributes else {
            return Ok(None);
        };
        let id = event.event_id;
        match attributes {
            Attributes::WorkflowExecutionStartedEventAttributes(started) => {
                let what = JobKind::Initialize(started.clone());
                return Ok(Some(Fed {
                    job: Job { event_id: id, what },
                    line: None,
                }));
            }
            Attributes::ActivityTaskScheduledEventAttributes(scheduled) => {
                let request = self.meet(event)?;
                let RequestKind::ScheduleActivity { seq, command } = request.what else {
                    return Err(wrong_machine(&request.what, event));
                };
                let recorded_type = scheduled.activity_type.as_ref().map_or("", |t| t.name.as_str());
                differs(id, "id", &scheduled.activity_id, &command.activity_id)?;
                differs(id, "type", recorded_type, &command.activity_type)?;
                let what = ActivityCall {
                    seq,
                    activity_id: command.activity_id,
                    activity_type: command.activity_type,
                };
                self.activities.insert(
                    id,
                    Met {
                        line: request.line,
                        what,
                    },
                );
            }
            Attributes::TimerStartedEventAttributes(_) => {
                let request = self.meet(event)?;
                let RequestKind::StartTimer { seq, .. } = request.what else {
                    return Err(wrong_machine(&request.what, event));
                };
                self.timers.insert(
                    id,
                    Met {
                        line: request.line,
                        what: seq,
                    },
                );
            }
            Attributes::TimerCanceledEventAttributes(canceled) => {
                let request = self.meet(event)?;
                let RequestKind::CancelTimer { .. } = request.what else {
                    return Err(wrong_machine(&request.what, event));
                };
                self.timers.remove(&canceled.started_event_id);
            }
            Attributes::WorkflowExecutionCompletedEventAttributes(_) => {
                let request = self.meet(event)?;
                let RequestKind::CompleteWorkflow { .. } = request.what else {
                    return Err(wrong_machine(&request.what, event));
                };
            }
            Attributes::WorkflowExecutionFailedEventAttributes(_) => {
                let request = self.meet(event)?;
                let RequestKind::FailWorkflow { .. } = request.what else {
                    return Err(wrong_machine(&request.what, event));
                };
            }
            Attributes::ActivityTaskStartedEventAttributes(started) => {
                self.started.insert(started.scheduled_event_id, id);
            }
            Attributes::ActivityTaskCompletedEventAttributes(completed) => {
                let resolution = Resolution::Completed(completed.result.clone());
                return Ok(self.resolve(id, completed.scheduled_event_id, |_, _| resolution));
            }
            Attributes::ActivityTaskFailedEventAttributes(failed) => {
                let failed = failed.clone();
                return Ok(self.resolve(id, failed.scheduled_event_id, |call, started_event_id| {
                    Resolution::Failed(activity_failure(
                        "Activity task failed",
                        call,
                        failed.scheduled_event_id,
                        started_event_id,
                        failed.identity.clone(),
                        failed.retry_state(),
                        failed.failure.clone(),
                    ))
                }));
            }
            Attributes::ActivityTaskTimedOutEventAttributes(timed_out) => {
                let timed_out = timed_out.clone();
                return Ok(
                    self.resolve(id, timed_out.scheduled_event_id, |call, started_event_id| {
                        Resolution::Failed(activity_failure(
                            "Activity task timed out",
                            call,
                            timed_out.scheduled_event_id,
                            started_event_id,
                            String::new(),
                            timed_out.retry_state(),
                            timed_out.failure.clone(),
                        ))
                    }),
                );
            }
            Attributes::TimerFiredEventAttributes(fired) => {
                let timer = self.timers.remove(&fired.started_event_id);
                return Ok(timer
                    .filter(|timer| !self.cancelled_timers.contains(&timer.what))
                    .map(|timer| Fed {
                        job: Job {
                            event_id: id,
                            what: JobKind::FireTimer { seq: timer.what },
                        },
                        line: Some(timer.line),
                    }));
            }
            _ => {}
        }
        Ok(None)
    }

    /// The new commands: everything asked for that no event has met. They stay asked for; their events will come.
    pub fn commands(&self) -> Vec<Command> {
        self.unmet.iter().map(|request| command(&request.what)).collect()
    }

    /// The requests that no event has met yet.
    pub fn unmet(&self) -> impl Iterator<Item = &Request> {
        self.unmet.iter()
    }

    /// Source lines that wait for an activity or timer.
    pub fn waiting_lines(&self) -> Vec<u32> {
        let unmet = self.unmet.iter().filter_map(|request| match request.what {
            RequestKind::ScheduleActivity { .. } | RequestKind::StartTimer { .. } => Some(request.line),
            RequestKind::CancelTimer { .. }
            | RequestKind::CompleteWorkflow { .. }
            | RequestKind::FailWorkflow { .. } => None,
        });
        let activities = self.activities.values().map(|activity| activity.line);
        let timers = self.timers.values().map(|timer| timer.line);
        let lines: SortedMap<u32, ()> = activities.chain(timers).chain(unmet).map(|line| (line, ())).collect();
        lines.into_keys().collect()
    }

    /// The source line on which the activity with this ActivityTaskScheduled was asked for.
    pub fn line_of(&self, scheduled_event_id: i64) -> Option<u32> {
        self.activities.get(&scheduled_event_id).map(|activity| activity.line)
    }

    fn meet(&mut self, event: &HistoryEvent) -> Result<Request, Nondeterminism> {
        self.unmet.pop_front().ok_or_else(|| Nondeterminism {
            event_id: event.event_id,
            message: format!("No command scheduled for event {}", spelled(event)),
        })
    }

    fn resolve(
        &mut self,
        event_id: i64,
        scheduled_event_id: i64,
        resolution: impl FnOnce(&ActivityCall, i64) -> Resolution,
    ) -> Option<Fed> {
        let activity = self.activities.remove(&scheduled_event_id)?;
        let started_event_id = self.started.remove(&scheduled_event_id).unwrap_or(0);
        let resolution = Box::new(resolution(&activity.what, started_event_id));
        let what = JobKind::ResolveActivity {
            seq: activity.what.seq,
            resolution,
        };
        Some(Fed {
            job: Job { event_id, what },
            line: Some(activity.line),
        })
    }
}

fn command(request: &RequestKind) -> Command {
    match request.clone() {
        RequestKind::ScheduleActivity { command, .. } => Command::ScheduleActivity(command),
        RequestKind::StartTimer { seq, wait } => Command::StartTimer {
            timer_id: seq.to_string(),
            start_to_fire: wait,
        },
        RequestKind::CancelTimer { seq } => Command::CancelTimer {
            timer_id: seq.to_string(),
        },
        RequestKind::CompleteWorkflow { result } => Command::CompleteWorkflow { result },
        RequestKind::FailWorkflow { failure } => Command::FailWorkflow { failure },
    }
}

fn activity_failure(
    message: &str,
    call: &ActivityCall,
    scheduled_event_id: i64,
    started_event_id: i64,
    identity: String,
    retry_state: RetryState,
    cause: Option<Failure>,
) -> Failure {
    Failure {
        message: message.to_owned(),
        cause: cause.map(Box::new),
        failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
            scheduled_event_id,
            started_event_id,
            identity,
            activity_type: Some(ActivityType {
                name: call.activity_type.clone(),
            }),
            activity_id: call.activity_id.clone(),
            retry_state: retry_state.into(),
        })),
        ..Default::default()
    }
}

fn differs(event_id: i64, what: &str, recorded: &str, asked: &str) -> Result<(), Nondeterminism> {
    if recorded == asked {
        return Ok(());
    }
    let message = format!(
        "Activity {what} of scheduled event '{recorded}' does not match activity {what} of activity command '{asked}'"
    );
    Err(Nondeterminism { event_id, message })
}

fn wrong_machine(request: &RequestKind, event: &HistoryEvent) -> Nondeterminism {
    let machine = match request {
        RequestKind::ScheduleActivity { .. } => "Activity",
        RequestKind::StartTimer { .. } | RequestKind::CancelTimer { .. } => "Timer",
        RequestKind::CompleteWorkflow { .. } => "Complete workflow",
        RequestKind::FailWorkflow { .. } => "Fail workflow",
    };
    let message = format!("{machine} machine does not handle this event: {}", spelled(event));
    Nondeterminism {
        event_id: event.event_id,
        message,
    }
}

/// An event as the official messages spell it.
fn spelled(event: &HistoryEvent) -> String {
    format!(
        "HistoryEvent(id: {}, {})",
        event.event_id,
        event_name(event.event_type())
    )
}
