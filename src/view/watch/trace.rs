//! The trace of a world: a span for each workflow run, workflow task, activity and each of its attempts, timer, and
//! child workflow.
//!
//! | span | begins, ends | part of | names and attributes |
//! | --- | --- | --- | --- |
//! | `RunWorkflow:TYPE` | the run | the parent's `StartChildWorkflow`; else the root of a trace | SDK |
//! | `RunWorkflowTask:TYPE` | a worker took the task, was rid of it | the run | ours |
//! | `StartActivity:TYPE` | asked for, ended for good | the run | SDK |
//! | `RunActivity:TYPE` | one attempt in a worker's hands | its `StartActivity` | SDK |
//! | `StartTimer` | started, fired or cancelled | the run | ours |
//! | `StartChildWorkflow:TYPE` | asked for, ended for good | the run | SDK |
//!
//! SDK: the names, the span kinds and the attributes `temporalWorkflowID`, `temporalRunID`, `temporalActivityID`,
//! `temporalActivityType` are those of the official Rust SDK's `OpenTelemetryPlugin` (temporalio-sdk 1.1.1,
//! `src/opentelemetry.rs`), which are those of Go's and Python's interceptors too. No SDK has spans for workflow tasks
//! and timers; they are named in the same way. Where an SDK ends `StartActivity` and `StartChildWorkflow` depends on
//! the language; here they last until their result is there, so that a backoff shows as a gap between attempts.
//! `error.type` and the event `exception` are OpenTelemetry's semantic conventions; what begins with `sagascope.` is
//! ours.
//!
//! A real worker exports a span when it ends, so one that dies exports nothing of what it had in hand. Here it is
//! there, with an error. A run that follows another (continued as new, retried, cron, reset) is no part of it: it has a
//! link to it, and begins a trace of its own unless it has a parent. An attempt has a link to the one before.
//!
//! Clients take no time here and have no spans; what they did stands in the run's span as events, which have the names
//! of the history's.

use super::span::{Attribute, Emitter, SpanEvent, SpanKind, SpanLink, TraceSpan, span_id, trace_id};
use crate::base::chance::Chance;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::history::class::{Category, Class, End, Part, Thing};
use crate::history::enums::timeout_name;
use crate::history::proto::{
    Attributes as A, ContinueAsNewInitiator, HistoryEvent, WorkflowExecutionStartedEventAttributes,
    WorkflowTaskFailedCause, event_name,
};
use crate::history::text::key_fact;
use crate::history::timestamp::Timestamp;
use crate::service::run::{Run, RunStatus};
use crate::sim::Sim;
use crate::view::chronicle::hands::Hands;
use crate::view::chronicle::work::{Attempt, LocalAttempt, Memory, Task, Trouble, What, Work};

/// All spans of a world, those of the first run first.
pub(super) fn spans(sim: &Sim, hands: &Hands) -> Vec<TraceSpan> {
    let mut trace = Trace {
        sim,
        chance: Chance::new(sim.spec().seed),
        spans: Vec::new(),
    };
    for run in sim.runs() {
        trace.run(run);
    }
    let mut before = SortedMap::new();
    let mut works_of = vec![0; sim.runs().len()];
    for work in hands.work() {
        let number = &mut works_of[work.run.0 as usize];
        trace.work(*number, work, &mut before);
        *number += 1;
    }
    trace.spans
}

struct Trace<'a> {
    sim: &'a Sim,
    chance: Chance,
    spans: Vec<TraceSpan>,
}

impl Trace<'_> {
    // ---- Ids.

    /// The same whatever else was started before that run.
    fn id(&self, what: &str, run: RunKey, keys: [u64; 3]) -> String {
        let word = self.sim.runs()[run.0 as usize].word;
        span_id(self.chance, what, &[word, keys[0], keys[1], keys[2]])
    }

    fn run_id(&self, run: RunKey) -> String {
        self.id("span of a run", run, [0; 3])
    }

    /// The span of what an event of the history began.
    fn event_id(&self, run: RunKey, event_id: i64) -> String {
        self.id("span of an event", run, [event_id.unsigned_abs(), 0, 0])
    }

    fn local_id(&self, run: RunKey, seq: u32) -> String {
        self.id("span of a local activity", run, [seq.into(), 0, 0])
    }

    /// The parent run of a child and the event that asked for it.
    fn parent(&self, run: &Run) -> Option<(&Run, i64)> {
        let started = started(run)?;
        let parent = &started.parent_workflow_execution.as_ref()?.run_id;
        let parent = self.sim.runs().iter().find(|run| run.run_id == *parent)?;
        Some((parent, started.parent_initiated_event_id))
    }

    fn trace_of(&self, run: &Run) -> String {
        let mut root = run;
        while let Some((parent, _)) = self.parent(root) {
            root = parent;
        }
        trace_id(&root.run_id)
    }

    // ---- What histories say.

    fn span(&self, run: &Run, span_id: String, name: String, from: SimTime) -> TraceSpan {
        TraceSpan {
            trace_id: self.trace_of(run),
            span_id,
            parent: Some(self.run_id(run.key)),
            name,
            kind: SpanKind::Internal,
            by: Emitter::Service,
            from,
            to: self.sim.now(),
            attributes: vec![
                ("temporalWorkflowID", run.workflow_id.as_str().into()),
                ("temporalRunID", run.run_id.as_str().into()),
            ],
            events: Vec::new(),
            links: Vec::new(),
            error: None,
        }
    }

    fn run(&mut self, run: &Run) {
        let begun = forked_at(self.sim, run);
        let mut own = self.run_span(run, begun);
        let mut open: SortedMap<i64, TraceSpan> = SortedMap::new();
        let mut done = Vec::new();
        for event in run.log.events() {
            let at = time(event).max(begun);
            let copied = time(event) < begun;
            match change(event) {
                Change::Begins(name, kind) => {
                    let id = self.event_id(run.key, event.event_id);
                    let mut span = self.span(run, id, name, at).with("sagascope.event_id", event.event_id);
                    span.kind = kind;
                    describe(&mut span, event);
                    open.insert(event.event_id, span);
                }
                Change::Ends(began, trouble) => {
                    if let Some(mut span) = open.remove(&began).filter(|_| !copied) {
                        span.to = at;
                        if let Some(trouble) = trouble {
                            span.fail(at, &trouble);
                        }
                        done.push(span);
                    }
                }
                Change::Closes(trouble) => {
                    own.to = at;
                    if let Some(trouble) = trouble {
                        own.fail(at, &trouble);
                    }
                }
                Change::Happens if !copied => own.events.push(happening(event, at)),
                Change::Happens | Change::Shown => {}
            }
        }
        // What is still going on when the run closes is over for it.
        done.extend(open.into_values().map(|mut span| {
            span.to = own.to;
            span.with("sagascope.open", true)
        }));
        done.sort_by_key(|span| span.from);
        self.spans.push(own);
        self.spans.extend(done);
    }

    fn run_span(&self, run: &Run, begun: SimTime) -> TraceSpan {
        let name = format!("RunWorkflow:{}", run.workflow_type);
        let mut span = self
            .span(run, self.run_id(run.key), name, begun)
            .with("sagascope.task_queue", run.task_queue.as_str())
            .with("sagascope.status", status_name(run.status()));
        span.kind = SpanKind::Server;
        span.parent = self
            .parent(run)
            .map(|(parent, initiated)| self.event_id(parent.key, initiated));
        if let Some((before, why)) = followed(self.sim, run) {
            span.links.push(SpanLink {
                trace_id: self.trace_of(before),
                span_id: self.run_id(before.key),
                why,
            });
        }
        span
    }

    // ---- What workers did.

    fn work(&mut self, number: u64, work: &Work, before: &mut SortedMap<(RunKey, i64), String>) {
        let run = self.sim.service().run(work.run);
        let id = self.id("span of work", work.run, [number, 0, 0]);
        let mut span = match &work.what {
            What::WorkflowTask(task) => self.task_span(run, id, work, task),
            What::Activity(attempt) => {
                let mut span = self.attempt_span(run, id, work, attempt);
                let ActivityTaskToken { scheduled_event_id, .. } = attempt.token;
                self.link_attempts(&mut span, before, (work.run, scheduled_event_id));
                span
            }
            What::LocalActivity(attempt) => {
                self.local_activity(run, work, attempt);
                let mut span = self.local_span(run, id, work, attempt);
                self.link_attempts(&mut span, before, (work.run, -i64::from(attempt.seq)));
                span
            }
        };
        span.by = Emitter::Worker(work.worker, work.process);
        match work.over() {
            Some(over) => span.to = over,
            None => span.attributes.push(("sagascope.open", true.into())),
        }
        if let Some(trouble) = work.trouble() {
            span.fail(span.to, &trouble);
        }
        self.spans.push(span);
    }

    fn task_span(&self, run: &Run, id: String, work: &Work, task: &Task) -> TraceSpan {
        let name = format!("RunWorkflowTask:{}", run.workflow_type);
        let memory = match task.memory {
            Memory::Hit => "hit",
            Memory::Miss => "miss",
            Memory::New => "new",
            Memory::Untold => "unknown",
        };
        let mut span = self
            .span(run, id, name, work.began.at)
            .with("sagascope.attempt", task.attempt)
            .with("sagascope.sticky", task.sticky)
            .with("sagascope.cache", memory);
        if task.query {
            span = span.with("sagascope.query", true);
        }
        if let Some(replay) = task.replay {
            span.events.push(SpanEvent {
                at: replay.ended.at,
                name: "replayed",
                attributes: vec![("sagascope.event_id", replay.last.into())],
            });
        }
        span
    }

    fn attempt_span(&self, run: &Run, id: String, work: &Work, attempt: &Attempt) -> TraceSpan {
        let name = format!("RunActivity:{}", attempt.activity_type);
        let mut span = self
            .span(run, id, name, work.began.at)
            .with("temporalActivityID", attempt.activity_id.as_str())
            .with("temporalActivityType", attempt.activity_type.as_str())
            .with("sagascope.attempt", attempt.token.attempt)
            .with("sagascope.effect_done", attempt.effect_done.is_some());
        let heartbeats = u32::try_from(attempt.heartbeats.len()).unwrap_or(u32::MAX);
        if heartbeats > 0 {
            span = span.with("sagascope.heartbeats", heartbeats);
        }
        if let Some((_, kind)) = attempt.timed_out {
            span = span.with("sagascope.timeout_type", timeout_name(kind));
        }
        span.kind = SpanKind::Server;
        span.parent = Some(self.event_id(work.run, attempt.token.scheduled_event_id));
        span
    }

    fn local_span(&self, run: &Run, id: String, work: &Work, attempt: &LocalAttempt) -> TraceSpan {
        let name = format!("RunActivity:{}", attempt.activity_type);
        let mut span = self
            .span(run, id, name, work.began.at)
            .with("temporalActivityID", attempt.activity_id.as_str())
            .with("temporalActivityType", attempt.activity_type.as_str())
            .with("sagascope.attempt", attempt.attempt)
            .with("sagascope.local", true);
        span.kind = SpanKind::Server;
        span.parent = Some(self.local_id(work.run, attempt.seq));
        span
    }

    /// The history knows a local activity only when it is over: its span lasts as long as its attempts do, those of
    /// another worker after a crash included.
    fn local_activity(&mut self, run: &Run, work: &Work, attempt: &LocalAttempt) {
        let id = self.local_id(work.run, attempt.seq);
        let over = work.over().unwrap_or(self.sim.now());
        let known = self.spans.iter().position(|span| span.span_id == id);
        let at = known.unwrap_or_else(|| {
            let name = format!("StartActivity:{}", attempt.activity_type);
            let mut span = self.span(run, id, name, work.began.at).with("sagascope.local", true);
            span.kind = SpanKind::Client;
            self.spans.push(span);
            self.spans.len() - 1
        });
        let span = &mut self.spans[at];
        span.to = over;
        // Only how the last attempt ended counts.
        span.error = None;
        span.events.clear();
        span.attributes.retain(|(key, _)| *key != "error.type");
        if let Some(trouble) = work.trouble() {
            span.fail(over, &trouble);
        }
    }

    fn link_attempts(
        &self,
        span: &mut TraceSpan,
        before: &mut SortedMap<(RunKey, i64), String>,
        activity: (RunKey, i64),
    ) {
        if let Some(span_id) = before.insert(activity, span.span_id.clone()) {
            span.links.push(SpanLink {
                trace_id: span.trace_id.clone(),
                span_id,
                why: "retry",
            });
        }
    }
}

/// What an event means for the spans of its run.
enum Change {
    /// A span begins.
    Begins(String, SpanKind),
    /// The span that the other event began is over, well or not.
    Ends(i64, Option<Trouble>),
    /// The run is over, well or not.
    Closes(Option<Trouble>),
    /// It has a place in the run's span.
    Happens,
    /// The spans show it already.
    Shown,
}

fn change(event: &HistoryEvent) -> Change {
    let class = event.class();
    match class.part {
        Part::Closes(Thing::Run, _) => Change::Closes(trouble(event, class)),
        Part::Opens(Thing::Activity | Thing::Child) => Change::Begins(name(event), SpanKind::Client),
        Part::Opens(Thing::Timer) => Change::Begins(name(event), SpanKind::Internal),
        Part::Closes(Thing::Activity | Thing::Child | Thing::Timer, _) => match event.opened_by() {
            Some(began) => Change::Ends(began.to, trouble(event, class)),
            None => Change::Happens,
        },
        Part::Closes(Thing::WorkflowTask, End::Ok)
        | Part::Opens(Thing::Run | Thing::WorkflowTask)
        | Part::Starts(Thing::WorkflowTask | Thing::Activity) => Change::Shown,
        Part::Opens(_) | Part::Starts(_) | Part::Changes(_) | Part::Closes(..) | Part::Alone => Change::Happens,
    }
}

/// The span that an event begins.
fn name(event: &HistoryEvent) -> String {
    match &event.attributes {
        Some(A::ActivityTaskScheduledEventAttributes(a)) => {
            let name = a.activity_type.as_ref().map_or("", |named| &named.name);
            format!("StartActivity:{name}")
        }
        Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(a)) => {
            let name = a.workflow_type.as_ref().map_or("", |named| &named.name);
            format!("StartChildWorkflow:{name}")
        }
        _ => "StartTimer".to_owned(),
    }
}

/// What went wrong with what an event ends, if anything did. A timer that is not needed any more is nothing wrong.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "no other event that ends something has a failure of its own"
)]
fn trouble(event: &HistoryEvent, class: Class) -> Option<Trouble> {
    let failure = match event.attributes.as_ref()? {
        A::ActivityTaskFailedEventAttributes(a) => a.failure.as_ref(),
        A::ActivityTaskTimedOutEventAttributes(a) => a.failure.as_ref(),
        A::ChildWorkflowExecutionFailedEventAttributes(a) => a.failure.as_ref(),
        A::WorkflowExecutionFailedEventAttributes(a) => a.failure.as_ref(),
        A::WorkflowExecutionTerminatedEventAttributes(a) => return Some(Trouble::new("terminated", a.reason.clone())),
        A::StartChildWorkflowExecutionFailedEventAttributes(_) => {
            return Some(Trouble::new("already_started", "already_started"));
        }
        _ => None,
    };
    if let Some(failure) = failure {
        return Some(Trouble::of(failure));
    }
    let of_run = class.ends_run();
    match class.end()? {
        End::Ok => None,
        End::Canceled if class.category == Category::Timer => None,
        End::TimedOut if of_run => Some(Trouble::new("timeout", "a limit of the workflow ran out")),
        End::Canceled if of_run => Some(Trouble::new("canceled", "the workflow stopped, as it was asked to")),
        End::Failed if of_run => None,
        End::Failed => Some(Trouble::new("_OTHER", "_OTHER")),
        End::TimedOut => Some(Trouble::new("timeout", "timeout")),
        End::Canceled => Some(Trouble::new("canceled", "canceled")),
        End::Terminated => Some(Trouble::new("terminated", "terminated")),
    }
}

/// What else a span that an event begins has to say.
fn describe(span: &mut TraceSpan, event: &HistoryEvent) {
    let mut say = |key, value: &str| span.attributes.push((key, Attribute::from(value)));
    match &event.attributes {
        Some(A::ActivityTaskScheduledEventAttributes(a)) => say("temporalActivityID", &a.activity_id),
        Some(A::TimerStartedEventAttributes(a)) => say("sagascope.timer_id", &a.timer_id),
        Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(a)) => {
            say("sagascope.child_workflow_id", &a.workflow_id);
        }
        _ => {}
    }
}

fn happening(event: &HistoryEvent, at: SimTime) -> SpanEvent {
    let mut attributes = vec![("sagascope.event_id", event.event_id.into())];
    let fact = key_fact(event);
    if !fact.is_empty() {
        attributes.push(("sagascope.fact", fact.into()));
    }
    SpanEvent {
        at,
        name: event_name(event.event_type()),
        attributes,
    }
}

fn time(event: &HistoryEvent) -> SimTime {
    event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time)
}

fn started(run: &Run) -> Option<&WorkflowExecutionStartedEventAttributes> {
    match &run.log.events().first()?.attributes {
        Some(A::WorkflowExecutionStartedEventAttributes(started)) => Some(started),
        _ => None,
    }
}

/// When a run began by itself: at its first event, or where it was reset, for what stands before that is a copy.
fn forked_at(sim: &Sim, run: &Run) -> SimTime {
    let events = run.log.events();
    let fork = events.iter().rev().find(|event| {
        matches!(&event.attributes, Some(A::WorkflowTaskFailedEventAttributes(a))
            if a.cause() == WorkflowTaskFailedCause::ResetWorkflow)
    });
    let was_reset = base_of(sim, run).is_some();
    let first = fork.filter(|_| was_reset).or_else(|| events.first());
    first.map_or(SimTime::ZERO, time)
}

/// The run that was reset into this one.
fn base_of<'a>(sim: &'a Sim, run: &Run) -> Option<&'a Run> {
    sim.runs().iter().find(|base| base.reset_into == Some(run.key))
}

/// The run that this one follows, and why it does.
fn followed<'a>(sim: &'a Sim, run: &Run) -> Option<(&'a Run, &'static str)> {
    if let Some(base) = base_of(sim, run) {
        return Some((base, "reset"));
    }
    let before = sim.service().run(run.previous?);
    let why = match started(run)?.initiator() {
        ContinueAsNewInitiator::Retry => "retry",
        ContinueAsNewInitiator::CronSchedule => "cron",
        ContinueAsNewInitiator::Workflow | ContinueAsNewInitiator::Unspecified => "continue_as_new",
    };
    Some((before, why))
}

const fn status_name(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "Running",
        RunStatus::Completed => "Completed",
        RunStatus::Failed => "Failed",
        RunStatus::Canceled => "Canceled",
        RunStatus::Terminated => "Terminated",
        RunStatus::ContinuedAsNew => "ContinuedAsNew",
        RunStatus::TimedOut => "TimedOut",
    }
}
