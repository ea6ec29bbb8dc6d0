//! How a workflow run stands at a moment: its workflow task, what it has begun and not ended, and what the workers have of
//! it. What `temporal workflow describe` asks a server for, here for any moment of a recording.
//!
//! Most of it is a fold of the history. [`Folded`] keeps the fold of the moment before, so that a step on costs no more
//! than its own events.

use super::attempts::attempt_text;
use super::chronicle::activities::Between;
use super::columns::seen_from;
use super::recording::{Presence, Recording};
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::execution::{ExecutionState, Update};

/// How a run stands, part by part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// In the order of their importance.
    pub parts: Vec<Part>,
}

/// Things of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `Pending activities`.
    pub title: &'static str,
    /// Its things.
    pub things: Vec<Thing>,
    /// What to say if there are none.
    pub none: &'static str,
}

/// One thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// `ProcessPayment`, `timer 1`, `worker A`.
    pub name: String,
    /// How it stands, in words.
    pub says: String,
    /// The event that began it.
    pub event: Option<u32>,
}

/// The fold of a history as far as it was wanted.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    run: u32,
    written: u32,
    state: ExecutionState,
}

impl Folded {
    /// Goes on, or begins anew, until it is that of the first `written` events.
    fn to(&mut self, recording: &Recording, run: u32, written: u32) -> &ExecutionState {
        if (self.run, written) < (run, self.written) || self.run != run {
            *self = Self { run, ..Self::default() };
        }
        let events = recording.history(RunKey(run));
        for event in &events[self.written as usize..written as usize] {
            self.state.apply(event);
        }
        self.written = written;
        &self.state
    }
}

/// How workflow run number `run` stands after so many steps. `folded` is that of an earlier question about the same
/// recording, or new.
pub fn state(recording: &Recording, run: u32, step: u32, folded: &mut Folded) -> State {
    let step = step.min(recording.last());
    let at = Moment {
        recording,
        run: RunKey(run),
        step,
        now: recording.at(step),
    };
    let state = folded.to(recording, run, recording.events_len(run, step));
    let parts = vec![
        at.task(state),
        at.activities(state),
        at.timers(state),
        at.children(state),
        at.requests(state),
        at.workers(),
    ];
    State { parts }
}

struct Moment<'a> {
    recording: &'a Recording,
    run: RunKey,
    step: u32,
    now: SimTime,
}

impl Moment<'_> {
    fn task(&self, state: &ExecutionState) -> Part {
        let line = self.recording.chronicle.runs.get(self.run);
        let written = state.workflow_task.as_ref().map(|task| {
            let holder = task.started_event_id.and_then(|id| self.taken_by(id));
            let says = match holder {
                Some(worker) => format!("{worker} has it"),
                None if task.started_event_id.is_some() => "a worker has it".to_owned(),
                None => format!(
                    "waits in {} since {}",
                    task.queue.name,
                    seen_from(task.scheduled_at.sim_time(), self.now)
                ),
            };
            thing(format!("attempt {}", task.attempt), says, Some(task.scheduled_event_id))
        });
        // One that is tried again in silence is in no event.
        let silent = line.and_then(|line| line.retried(self.step)).map(|task| {
            let what = if task.started { "a worker has it" } else { "waits" };
            let says = format!("{what} since {}; no event says so yet", seen_from(task.since, self.now));
            thing(format!("attempt {}", task.attempt), says, None)
        });
        Part {
            title: "Workflow task",
            things: silent.or(written).into_iter().collect(),
            none: "none: nothing has happened that the code must hear of",
        }
    }

    /// Who took the workflow task, from its WorkflowTaskStarted.
    fn taken_by(&self, started_event_id: i64) -> Option<String> {
        let id = u32::try_from(started_event_id).ok()?;
        let chip = self.recording.event(self.run.0, id)?.chip;
        Some(chip).filter(|chip| !chip.is_empty())
    }

    fn activities(&self, state: &ExecutionState) -> Part {
        let activity = |(event, activity): (i64, &crate::history::execution::Activity)| {
            let known = self.recording.chronicle.activities.get(self.run, event);
            let between = known.and_then(|known| known.state.at(self.step).copied());
            let limit = activity.policy.maximum_attempts;
            let attempt = |number| attempt_text(number, limit);
            let stands = match between {
                Some(Between::Queued { since, attempt: number }) => {
                    format!(
                        "{} waits for a worker since {}",
                        attempt(number),
                        seen_from(since, self.now)
                    )
                }
                Some(Between::Started { attempt: number }) => {
                    let who = known.and_then(|known| self.worker_of(&known.attempts, number));
                    format!(
                        "{} runs{}",
                        attempt(number),
                        who.map_or_else(String::new, |who| format!(" on worker {who}"))
                    )
                }
                Some(Between::BacksOff {
                    until, attempt: number, ..
                }) => {
                    format!("{} is due at {}", attempt(number), seen_from(until, self.now))
                }
                None => "scheduled".to_owned(),
            };
            let limits = [
                ("start-to-close", activity.start_to_close),
                ("schedule-to-start", activity.schedule_to_start),
                ("schedule-to-close", activity.schedule_to_close),
                ("heartbeat", activity.heartbeat),
            ];
            let limits = limits.into_iter().filter(|(_, limit)| limit.0 > 0);
            let limits: Vec<String> = limits.map(|(name, limit)| format!("{name} {limit}")).collect();
            let stopping = if activity.cancel_requested.is_some() {
                "; asked to stop"
            } else {
                ""
            };
            let says = format!("{stands}{stopping}; {}", limits.join(", "));
            thing(activity.activity_type.clone(), says, Some(event))
        };
        Part {
            title: "Pending activities",
            things: state.activities.iter().map(activity).collect(),
            none: "none",
        }
    }

    /// The worker that took an attempt.
    fn worker_of(&self, attempts: &[u32], number: u32) -> Option<String> {
        use super::chronicle::work::What;
        let works = attempts
            .iter()
            .map(|place| &self.recording.chronicle.hands.work()[*place as usize]);
        let mut of =
            works.filter(|work| matches!(&work.what, What::Activity(attempt) if attempt.token.attempt == number));
        of.next_back().map(|work| work.worker.to_string())
    }

    fn timers(&self, state: &ExecutionState) -> Part {
        let timer = |(event, timer): (i64, &crate::history::execution::Timer)| {
            let says = format!("fires at {}", seen_from(timer.expiry.sim_time(), self.now));
            thing(format!("timer {}", timer.timer_id), says, Some(event))
        };
        Part {
            title: "Timers",
            things: state.timers.iter().map(timer).collect(),
            none: "none",
        }
    }

    fn children(&self, state: &ExecutionState) -> Part {
        let child = |(event, child): (&i64, &crate::history::execution::Child)| {
            let stands = if child.first_run_id.is_some() {
                "running"
            } else {
                "asked for, not started yet"
            };
            let says = format!("{}, {stands}", child.workflow_type);
            thing(child.workflow_id.clone(), says, Some(*event))
        };
        Part {
            title: "Children",
            things: state.children.iter().map(child).collect(),
            none: "none",
        }
    }

    /// What goes to other workflows or came from clients, and is not done with.
    fn requests(&self, state: &ExecutionState) -> Part {
        let mut things = Vec::new();
        for (event, to) in state.signals_out.iter() {
            things.push(thing(
                format!("signal to {}", to.workflow_id),
                "not delivered yet".to_owned(),
                Some(*event),
            ));
        }
        for (event, to) in state.cancels_out.iter() {
            let name = format!("request to {} to stop", to.workflow_id);
            things.push(thing(name, "not delivered yet".to_owned(), Some(*event)));
        }
        for (id, update) in state.updates.iter() {
            let says = match update {
                Update::Admitted { .. } => "admitted, no worker has decided on it",
                Update::Accepted { .. } => "accepted, the workflow is at it",
            };
            let event = Some(update.event_id()).filter(|id| *id > 0);
            things.push(thing(format!("update {id}"), says.to_owned(), event));
        }
        if state.cancel_requested && state.is_open() {
            things.push(thing("cancellation".to_owned(), "asked for".to_owned(), None));
        }
        for (id, deprecated) in state.patches.iter() {
            let says = if *deprecated { "marked, deprecated" } else { "marked" };
            things.push(thing(format!("patch {id}"), says.to_owned(), None));
        }
        Part {
            title: "Requests and marks",
            things,
            none: "none",
        }
    }

    fn workers(&self) -> Part {
        let worker = |worker: &super::recording::WorkerState| {
            let slots = if worker.presence == Presence::Running {
                format!("; {}", worker.slots)
            } else {
                String::new()
            };
            thing(
                format!("worker {}", worker.name),
                format!("{}; cache: {}{slots}", worker.doing, worker.cached),
                None,
            )
        };
        let workers = self.recording.workers.iter().filter_map(|track| track.at(self.step));
        Part {
            title: "Workers: caches and slots",
            things: workers.map(|state| worker(state)).collect(),
            none: "there is no worker",
        }
    }
}

fn thing(name: String, says: String, event: Option<i64>) -> Thing {
    Thing {
        name,
        says,
        event: event.and_then(|id| u32::try_from(id).ok()),
    }
}
