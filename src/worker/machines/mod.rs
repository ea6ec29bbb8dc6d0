//! Meets what workflow code asks for against what history says.
//!
//! Everything the code asks for is a small machine, and what it wants sent is a command in a queue. Where history has
//! events that came from commands, each must be the event of the command at the front: that is how replay finds its
//! place again, and how it finds out that the code has changed. Commands that no event has met are the new ones.
//!
//! Each kind of machine has its file and its table: [`activity`], [`timer`], [`child`], [`external`], [`patch`],
//! [`local_activity`], [`update`], [`terminal`]; [`lookahead`] is what replay knows beforehand. The order of things
//! follows Core's `WorkflowMachines`.

mod activity;
mod child;
mod external;
pub(in crate::worker) mod local_activity;
mod lookahead;
mod patch;
mod terminal;
mod timer;
pub(in crate::worker) mod trouble;
mod update;

use std::collections::VecDeque;

use self::activity::Activity;
use self::child::Child;
use self::external::External;
use self::local_activity::{Ending, LocalActivity, Marked};
use self::lookahead::Lookahead;
use self::patch::{Meeting, Patch};
use self::terminal::Single;
use self::timer::Timer;
use self::trouble::{Trouble, spelled};
use self::update::Update;
use super::activation::{Fed, Job, JobKind, UpdateJob};
use super::cut::Stretch;
use super::request::{Request, RequestKind, ScheduleLocalActivity};
use crate::base::sorted::SortedMap;
use crate::contract::answer::Command;
use crate::contract::task::AskedUpdate;
use crate::history::proto::{
    Attributes, EventType, HistoryEvent, Input, Meta, Request as UpdateRequest,
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes, SearchAttributes, UserMetadata,
    WorkflowExecutionStartedEventAttributes, WorkflowTaskFailedCause, event_name,
};
use crate::history::timestamp::Timestamp;

/// What a machine wants to be done.
pub(in crate::worker) enum Reaction {
    /// Tell the code.
    Job(JobKind),
    /// Send this on the machine's behalf.
    Command(Command),
    /// Send this, and let nobody wait for its answer.
    CancelChild(Box<RequestCancelExternalWorkflowExecutionInitiatedEventAttributes>),
    /// Workflow time is at least this.
    Time(Option<Timestamp>),
    /// Run a local activity.
    RunLocally(u32),
    /// Ask a local activity to stop.
    CancelLocally(u32),
    /// Let nothing wait for a local activity any more.
    AbandonLocally(u32),
}

/// The machine of one request.
#[derive(Clone, Debug)]
enum Machine {
    Activity(Activity),
    Timer(Timer),
    Child(Child),
    External(External),
    Local(LocalActivity),
    Patch(Patch),
    Update(Update),
    Single(Single),
}

#[derive(Clone, Debug)]
struct Slot {
    line: u32,
    machine: Machine,
    /// What the code wrote for people beside what it asked for: goes with all commands of the machine.
    user_metadata: Option<Box<UserMetadata>>,
}

/// A command in the queue, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// What.
    pub(super) command: Command,
    /// The source line it was asked for on; 0 if unknown.
    pub(super) line: u32,
    machine: Key,
}

/// Names a machine of a run.
type Key = u32;

/// How the code names what it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Timer(u32),
    Activity(u32),
    LocalActivity(u32),
    ChildWorkflowStart(u32),
    SignalExternal(u32),
    CancelExternal(u32),
}

/// What the code may know about its history at some point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) time: Timestamp,
    pub(super) replaying: bool,
    pub(super) last_event_id: i64,
    pub(super) size_bytes: u64,
    pub(super) suggests_continue_as_new: bool,
    pub(super) reasons: Vec<i32>,
}

/// What the worker is to do about local activities.
#[derive(Clone, Debug, Default)]
pub(super) struct LocalWork {
    /// To be begun.
    pub(super) begin: Vec<u32>,
    /// To be asked to stop.
    pub(super) cancel: Vec<u32>,
    /// Begun or to be begun, and not over.
    pub(super) outstanding: SortedMap<u32, ()>,
}

/// An event that history and code do not agree on: its place among the events given, and why.
pub(super) struct Unmet {
    pub(super) at: usize,
    pub(super) why: Trouble,
}

/// The requests of one run and what became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Machines {
    slots: Vec<Slot>,
    names: SortedMap<Name, Key>,
    updates: SortedMap<String, Key>,
    by_event: SortedMap<i64, Key>,
    queue: VecDeque<Asked>,
    fresh: VecDeque<Asked>,
    rejected: Vec<Command>,
    jobs: Vec<Fed>,
    /// The patches met so far, and whether the code has asked for their markers.
    patches: SortedMap<String, bool>,
    ahead: Lookahead,
    facts: Facts,
    finished: bool,
    skips_next: bool,
    pub(super) local: LocalWork,
    /// When the run was started.
    pub(super) started_at: Timestamp,
    /// What the run was started with.
    pub(super) started: Option<Box<WorkflowExecutionStartedEventAttributes>>,
    /// Search attributes that the code has set since.
    pub(super) upserted: SearchAttributes,
}

impl Machines {
    /// What the code may know now.
    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether the code has something to be told.
    pub(super) fn has_jobs(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// What the code is to be told now, in the order of an activation.
    pub(super) fn take_jobs(&mut self) -> Vec<Fed> {
        let mut jobs = std::mem::take(&mut self.jobs);
        jobs.sort_by_key(|fed| fed.job.what.place());
        if !jobs.is_empty() {
            self.ahead.activation_begins();
        }
        jobs
    }

    /// The task's events are going to be news from here on, unless they were answered before.
    pub(super) fn task_taken(&mut self, previous_started_event_id: i64) {
        self.facts.replaying = previous_started_event_id > 0;
    }

    /// Takes in a stretch of history. `last` says that nothing comes after it; `ahead` are the events of the next one.
    pub(super) fn apply(
        &mut self,
        stretch: &Stretch,
        last: bool,
        previous_started_event_id: i64,
        ahead: &[HistoryEvent],
        updates: &mut Vec<AskedUpdate>,
    ) -> Result<(), Unmet> {
        self.ahead.task_began();
        let mut admitted: SortedMap<String, UpdateRequest> = SortedMap::new();
        for (at, event) in stretch.events.iter().enumerate() {
            let news = last
                && event.event_id > previous_started_event_id
                && event.event_type() != EventType::WorkflowTaskCompleted
                && !event.class().is_answer();
            if news {
                self.facts.replaying = false;
            }
            self.deliver_updates(event.event_id - 1, updates);
            if let Some(Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(admission)) = &event.attributes {
                let request = admission.request.clone().unwrap_or_default();
                let id = request.meta.as_ref().map(|meta| meta.update_id.clone());
                if self.facts.replaying {
                    admitted.insert(id.unwrap_or_default(), request);
                } else {
                    self.deliver_update(event.event_id, id.unwrap_or_default(), request);
                }
                self.facts.last_event_id = event.event_id;
                continue;
            }
            let next = stretch.events.get(at + 1);
            self.see(event, next).map_err(|why| Unmet { at, why })?;
            self.facts.last_event_id = event.event_id;
            if event.event_id == stretch.started_event_id {
                self.task_started(stretch.time);
            }
        }
        if last {
            self.deliver_updates(i64::MAX, updates);
        }
        self.look_ahead(ahead, &mut admitted)
            .and_then(|()| self.release_if_idle())
            .map_err(|why| Unmet {
                at: stretch.events.len(),
                why,
            })
    }

    /// Takes in what the code asked for during one activation.
    pub(super) fn ask(&mut self, requests: Vec<Request>, now: Timestamp) -> Result<(), Trouble> {
        let (last, others): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| request.what.is_terminal());
        for request in others.into_iter().chain(last.into_iter().take(1)) {
            let first = self.slots.len();
            let user_metadata = request.user_metadata;
            self.ask_one(request.line, request.what, now)?;
            for slot in &mut self.slots[first..] {
                // A child's request to cancel has the child's.
                slot.user_metadata = slot.user_metadata.take().or_else(|| user_metadata.clone());
            }
        }
        self.tell_ends_that_lie_ahead(false)?;
        self.release_if_idle()?;
        self.prepare();
        Ok(())
    }

    /// A local activity has ended. Nothing happens if nobody waits for it any more.
    pub(super) fn end_locally(&mut self, seq: u32, mut ending: Ending) -> Result<(), Trouble> {
        self.local.outstanding.remove(&seq);
        ending.activation_index = Some(self.ahead.activation_index());
        let (key, local) = self.local(seq)?;
        let line = local.1;
        let reactions = local.0.end(ending, false)?;
        self.react(key, line, 0, reactions)
    }

    /// What a local activity is, and when the code learns of its end if that is after so long.
    pub(super) fn local_task(&self, seq: u32) -> Option<&LocalActivity> {
        let key = self.names.get(&Name::LocalActivity(seq))?;
        match &self.slot(*key).machine {
            Machine::Local(local) => Some(local),
            _ => None,
        }
    }

    /// The new commands: everything asked for that no event has met, each with what was written for people beside it.
    /// They stay asked for; their events will come. Updates that were refused are told once.
    pub(super) fn commands(&mut self) -> Vec<(Command, Option<Box<UserMetadata>>)> {
        let asked = self.queue.iter();
        let asked = asked.map(|asked| (asked.command.clone(), self.slot(asked.machine).user_metadata.clone()));
        let mut commands: Vec<_> = asked.collect();
        let end = commands.iter().position(|(command, _)| command.closes_run());
        let end = end.unwrap_or(commands.len());
        let rejected = std::mem::take(&mut self.rejected);
        commands.splice(end..end, rejected.into_iter().map(|command| (command, None)));
        commands
    }

    /// The commands that no event has met yet.
    pub(super) fn unmet(&self) -> impl Iterator<Item = &Asked> {
        self.queue.iter()
    }

    /// A local activity that replay waits for in vain: its type and line.
    pub(super) fn awaits_locally(&self) -> Option<(String, u32)> {
        self.slots.iter().find_map(|slot| match &slot.machine {
            Machine::Local(local) if local.waits_for_marker() => Some((local.task.activity_type.clone(), slot.line)),
            _ => None,
        })
    }

    /// Source lines that wait for something.
    pub(super) fn waiting_lines(&self) -> Vec<u32> {
        let waiting = self.slots.iter().filter(|slot| match &slot.machine {
            Machine::Activity(activity) => activity.is_awaited(),
            Machine::Timer(timer) => timer.is_awaited(),
            Machine::Child(child) => child.is_awaited(),
            Machine::External(external) => external.is_awaited(),
            Machine::Local(local) => local.is_awaited(),
            Machine::Patch(_) | Machine::Update(_) | Machine::Single(_) => false,
        });
        let lines: SortedMap<u32, ()> = waiting.map(|slot| (slot.line, ())).collect();
        lines.into_keys().collect()
    }

    // ---- What history says.

    fn see(&mut self, event: &HistoryEvent, next: Option<&HistoryEvent>) -> Result<(), Trouble> {
        use Attributes as A;
        if std::mem::take(&mut self.skips_next) {
            return Ok(());
        }
        let id = event.event_id;
        let Some(attributes) = &event.attributes else {
            if event.worker_may_ignore {
                return Ok(());
            }
            return Err(Trouble::Fatal(format!(
                "Event type is unspecified! This history is invalid. Event detail: {}",
                spelled(event)
            )));
        };
        if event.class().is_answer() {
            return self.meet(event, next);
        }
        if let Some(asked_by) = asked_by(attributes) {
            let Some(key) = self.by_event.get(&asked_by).copied() else {
                return Err(Trouble::Nondeterminism(format!(
                    "During event handling, this event had an initial command ID but we could not find a matching command for it: {}",
                    spelled(event)
                )));
            };
            return self.feed(key, event);
        }
        match attributes {
            A::WorkflowExecutionStartedEventAttributes(started) => {
                self.started = Some(started.clone());
                self.started_at = event.event_time.unwrap_or_default();
                self.time_is(event.event_time.unwrap_or_default());
                self.tell(id, None, JobKind::Initialize(started.clone()));
            }
            A::WorkflowTaskStartedEventAttributes(started) => {
                self.facts.size_bytes = u64::try_from(started.history_size_bytes).unwrap_or_default();
                self.facts.suggests_continue_as_new = started.suggest_continue_as_new;
                self.facts.reasons.clone_from(&started.suggest_continue_as_new_reasons);
            }
            A::WorkflowTaskFailedEventAttributes(failed) => {
                if failed.cause() == WorkflowTaskFailedCause::ResetWorkflow {
                    let run_id = failed.new_run_id.clone();
                    self.tell(id, None, JobKind::UpdateRandomSeed { run_id });
                }
            }
            A::WorkflowExecutionSignaledEventAttributes(signal) => {
                self.tell(id, None, JobKind::Signal(Box::new(signal.clone())));
            }
            A::WorkflowExecutionCancelRequestedEventAttributes(request) => {
                let reason = request.cause.clone();
                self.tell(id, None, JobKind::CancelRequested { reason });
            }
            // What the worker need not know: the Service's own bookkeeping.
            A::WorkflowTaskScheduledEventAttributes(_)
            | A::WorkflowTaskCompletedEventAttributes(_)
            | A::WorkflowTaskTimedOutEventAttributes(_)
            | A::WorkflowExecutionTerminatedEventAttributes(_)
            | A::WorkflowExecutionTimedOutEventAttributes(_) => {}
            _ if event.worker_may_ignore => {}
            _ => {
                let name = event_name(event.event_type());
                return Err(Trouble::Fatal(format!(
                    "The event is not a non-stateful event, but we tried to handle it as one: {name} is not supported here"
                )));
            }
        }
        Ok(())
    }

    /// Meets an event that came from a command with the command at the front.
    fn meet(&mut self, event: &HistoryEvent, next: Option<&HistoryEvent>) -> Result<(), Trouble> {
        if local_activity::is_marker(event) {
            let marked = Marked::read(event).ok_or_else(|| unreadable_marker(event))?;
            let (key, (local, _)) = self.local(marked.seq)?;
            if local.marker_is_its_own()? {
                return self.feed(key, event);
            }
        }
        loop {
            let front = self.queue.front().map(|asked| &self.slot(asked.machine).machine);
            let patch = match front {
                Some(Machine::Patch(patch)) => Some(patch),
                _ => None,
            };
            match patch::meet(event, patch, next)? {
                Meeting::SkipRequest => {
                    self.queue.pop_front();
                    continue;
                }
                Meeting::SkipEvent { and_next } => {
                    self.skips_next = and_next;
                    return Ok(());
                }
                Meeting::Ordinary => {}
            }
            let Some(asked) = self.queue.front() else {
                return Err(Trouble::Nondeterminism(format!(
                    "No command scheduled for event {}",
                    spelled(event)
                )));
            };
            let key = asked.machine;
            if !self.cancelled_before_sent(key) {
                self.feed(key, event)?;
                self.queue.pop_front();
                self.by_event.insert(event.event_id, key);
                return Ok(());
            }
            self.queue.pop_front();
        }
    }

    fn feed(&mut self, key: Key, event: &HistoryEvent) -> Result<(), Trouble> {
        let slot = &mut self.slots[key as usize];
        let line = slot.line;
        let reactions = match &mut slot.machine {
            Machine::Activity(machine) => machine.see(event)?,
            Machine::Timer(machine) => machine.see(event)?,
            Machine::Child(machine) => machine.see(event)?,
            Machine::External(machine) => machine.see(event)?,
            Machine::Local(machine) => machine.see(event)?,
            Machine::Update(machine) => machine.see(event)?,
            Machine::Single(machine) => machine.see(event)?,
            Machine::Patch(patch) => patch.see(event).map(|()| Vec::new())?,
        };
        self.react(key, line, event.event_id, reactions)
    }

    fn task_started(&mut self, time: Timestamp) {
        self.time_is(time);
        if self.facts.replaying {
            return;
        }
        // No marker will come any more for the local activities that replay has left waiting.
        for slot in &mut self.slots {
            if let Machine::Local(local) = &mut slot.machine {
                for reaction in local.replay_is_over() {
                    if let Reaction::RunLocally(seq) = reaction {
                        self.local.begin.push(seq);
                        self.local.outstanding.insert(seq, ());
                    }
                }
            }
        }
    }

    fn time_is(&mut self, time: Timestamp) {
        self.facts.time = self.facts.time.max(time);
    }

    fn look_ahead(
        &mut self,
        ahead: &[HistoryEvent],
        admitted: &mut SortedMap<String, UpdateRequest>,
    ) -> Result<(), Trouble> {
        let mut later = Vec::new();
        for event in ahead {
            if let Some((patch_id, _)) = patch::marked(event) {
                self.patches.insert(patch_id.clone(), false);
                self.tell(event.event_id, None, JobKind::NotifyHasPatch { patch_id });
            } else if local_activity::is_marker(event) {
                let marked = Marked::read(event).ok_or_else(|| unreadable_marker(event))?;
                later.push((event.event_id, Later::Marker(marked)));
            } else if let Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) = &event.attributes
            {
                let id = accepted.protocol_instance_id.clone();
                let recorded = accepted.accepted_request.clone();
                let request = admitted
                    .remove(&id)
                    .or(recorded)
                    .ok_or_else(|| Trouble::Fatal("Update accepted event must contain accepted request".to_owned()))?;
                later.push((event.event_id, Later::Update(id, request)));
            }
        }
        for (event_id, what) in later {
            match what {
                Later::Marker(marked) => {
                    if self.local_task(marked.seq).is_none_or(LocalActivity::waits_for_marker) {
                        self.ahead.add(marked);
                        self.tell_ends_that_lie_ahead(false)?;
                    }
                }
                Later::Update(id, request) => self.deliver_update(event_id, id, request),
            }
        }
        Ok(())
    }

    /// Tells the code of the local activities' ends that history knows, as far as it has asked for them and their
    /// activation has come.
    fn tell_ends_that_lie_ahead(&mut self, even_held: bool) -> Result<(), Trouble> {
        while let Some(seq) = self.ahead.next(even_held) {
            if !self.names.contains_key(&Name::LocalActivity(seq)) {
                break;
            }
            let Some(ending) = self.ahead.take(seq) else { break };
            self.end_by_marker(seq, ending)?;
        }
        Ok(())
    }

    /// With nothing to tell there is no later activation to wait for: the code has changed.
    fn release_if_idle(&mut self) -> Result<(), Trouble> {
        if self.has_jobs() {
            return Ok(());
        }
        self.tell_ends_that_lie_ahead(true)
    }

    fn end_by_marker(&mut self, seq: u32, ending: Ending) -> Result<(), Trouble> {
        let (key, (local, line)) = self.local(seq)?;
        let reactions = local.end(ending, true)?;
        self.react(key, line, 0, reactions)
    }

    fn deliver_updates(&mut self, up_to: i64, updates: &mut Vec<AskedUpdate>) {
        let (due, later) = std::mem::take(updates)
            .into_iter()
            .partition(|asked| asked.sequencing_event_id <= up_to);
        *updates = later;
        let due: Vec<AskedUpdate> = due;
        for asked in due {
            let update = asked.update;
            let request = UpdateRequest {
                meta: Some(Meta {
                    update_id: update.update_id.clone(),
                    identity: update.identity,
                }),
                input: Some(Input {
                    header: None,
                    name: update.name,
                    args: update.args,
                }),
                ..Default::default()
            };
            self.deliver_update(0, update.update_id, request);
        }
    }

    fn deliver_update(&mut self, event_id: i64, update_id: String, request: UpdateRequest) {
        let key = self.add(0, Machine::Update(Update::new(&update_id)));
        self.updates.insert(update_id.clone(), key);
        let run_validator = !self.facts.replaying;
        let job = UpdateJob {
            update_id,
            request,
            run_validator,
        };
        self.tell(event_id, None, JobKind::Update(Box::new(job)));
    }

    fn tell(&mut self, event_id: i64, line: Option<u32>, what: JobKind) {
        let job = Job { event_id, what };
        self.jobs.push(Fed { job, line });
    }

    // ---- What the code asks for.

    fn ask_one(&mut self, line: u32, what: RequestKind, now: Timestamp) -> Result<(), Trouble> {
        match what {
            RequestKind::ScheduleActivity {
                seq,
                command,
                when_cancelled,
            } => {
                let machine = Machine::Activity(Activity::new(seq, &command, when_cancelled));
                self.add_with(
                    line,
                    machine,
                    Some(Name::Activity(seq)),
                    Command::ScheduleActivity(command),
                );
            }
            RequestKind::StartTimer { seq, wait } => {
                let command = Command::StartTimer {
                    timer_id: seq.to_string(),
                    start_to_fire: wait,
                };
                self.add_with(line, Machine::Timer(Timer::new(seq)), Some(Name::Timer(seq)), command);
            }
            RequestKind::StartChild {
                seq,
                command,
                when_cancelled,
            } => {
                let machine = Machine::Child(Child::new(seq, &command, when_cancelled));
                self.add_with(
                    line,
                    machine,
                    Some(Name::ChildWorkflowStart(seq)),
                    Command::StartChild(command),
                );
            }
            RequestKind::SignalExternal { seq, command } => {
                let machine = Machine::External(External::signal(seq));
                self.add_with(
                    line,
                    machine,
                    Some(Name::SignalExternal(seq)),
                    Command::SignalExternal(command),
                );
            }
            RequestKind::CancelExternal {
                seq,
                namespace,
                execution,
                reason,
            } => {
                let command = Box::new(RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
                    namespace,
                    workflow_execution: Some(execution),
                    reason,
                    ..Default::default()
                });
                let machine = Machine::External(External::cancellation(seq));
                self.add_with(
                    line,
                    machine,
                    Some(Name::CancelExternal(seq)),
                    Command::RequestCancelExternal(command),
                );
            }
            RequestKind::ScheduleLocalActivity { seq, task } => self.schedule_locally(line, seq, *task, now)?,
            RequestKind::CancelActivity { seq } => self.cancel(Name::Activity(seq), line, String::new())?,
            RequestKind::CancelTimer { seq } => self.cancel(Name::Timer(seq), line, String::new())?,
            RequestKind::CancelChild { seq, reason } => self.cancel(Name::ChildWorkflowStart(seq), line, reason)?,
            RequestKind::CancelSignal { seq } => self.cancel(Name::SignalExternal(seq), line, String::new())?,
            RequestKind::CancelLocalActivity { seq } => self.cancel(Name::LocalActivity(seq), line, String::new())?,
            RequestKind::SetPatchMarker { patch_id, deprecated } => self.set_patch(line, patch_id, deprecated),
            RequestKind::UpsertSearchAttributes(mut attributes) => {
                self.upserted.indexed_fields.extend(attributes.indexed_fields.clone());
                // Only the patches' own machinery may write this one.
                if attributes.indexed_fields.contains_key(patch::VERSIONS) {
                    attributes = SearchAttributes::default();
                }
                self.add_upsert(line, attributes);
            }
            RequestKind::ModifyProperties(upserted_memo) => {
                let machine = Machine::Single(Single::new(EventType::WorkflowPropertiesModified));
                self.add_with(line, machine, None, Command::ModifyProperties { upserted_memo });
            }
            RequestKind::AcceptUpdate { update_id } => {
                let (key, update) = self.update(&update_id)?;
                let reactions = update.accept()?;
                self.react(key, line, 0, reactions)?;
            }
            RequestKind::RejectUpdate { update_id, failure } => {
                let (_, update) = self.update(&update_id)?;
                let told = update.reject(failure)?;
                self.rejected.push(told);
            }
            RequestKind::CompleteUpdate { update_id, outcome } => {
                let (key, update) = self.update(&update_id)?;
                let reactions = update.complete(outcome)?;
                self.react(key, line, 0, reactions)?;
            }
            RequestKind::CompleteWorkflow { result } => {
                let met_by = EventType::WorkflowExecutionCompleted;
                self.finish(line, met_by, Command::CompleteWorkflow { result });
            }
            RequestKind::FailWorkflow { failure } => {
                let met_by = EventType::WorkflowExecutionFailed;
                self.finish(line, met_by, Command::FailWorkflow { failure });
            }
            RequestKind::CancelWorkflow { details } => {
                let met_by = EventType::WorkflowExecutionCanceled;
                self.finish(line, met_by, Command::CancelWorkflow { details });
            }
            RequestKind::ContinueAsNew(mut next) => {
                self.carry_over(&mut next);
                let met_by = EventType::WorkflowExecutionContinuedAsNew;
                self.finish(line, met_by, Command::ContinueAsNew(next));
            }
        }
        Ok(())
    }

    fn schedule_locally(
        &mut self,
        line: u32,
        seq: u32,
        mut task: ScheduleLocalActivity,
        now: Timestamp,
    ) -> Result<(), Trouble> {
        task.original_schedule.get_or_insert(now);
        let (machine, reactions) = LocalActivity::new(seq, task, self.facts.replaying, self.facts.time);
        let key = self.add(line, Machine::Local(machine));
        self.names.insert(Name::LocalActivity(seq), key);
        self.react(key, line, 0, reactions)
    }

    fn set_patch(&mut self, line: u32, patch_id: String, deprecated: bool) {
        let seen = self.patches.get(&patch_id).copied();
        if seen == Some(true) {
            return;
        }
        let marker = Command::RecordMarker(Box::new(patch::marker(&patch_id, deprecated)));
        self.add_with(line, Machine::Patch(Patch::new(&patch_id)), None, marker);
        self.patches.insert(patch_id, true);
        // Without a marker in history there is no search attribute beside it either.
        if self.facts.replaying && seen.is_none() {
            return;
        }
        let asked = self
            .patches
            .iter()
            .filter(|(_, asked)| **asked)
            .map(|(id, _)| id.as_str());
        if let Some(versions) = patch::versions(asked) {
            self.add_upsert(line, versions);
        }
    }

    fn add_upsert(&mut self, line: u32, attributes: SearchAttributes) {
        let machine = Machine::Single(Single::new(EventType::UpsertWorkflowSearchAttributes));
        self.add_with(line, machine, None, Command::UpsertSearchAttributes(attributes));
    }

    fn finish(&mut self, line: u32, met_by: EventType, command: Command) {
        self.finished = true;
        self.local = LocalWork::default();
        self.add_with(line, Machine::Single(Single::new(met_by)), None, command);
    }

    /// What a new run takes over from this one where the code says nothing. The rest is the Service's to fill in.
    fn carry_over(&self, next: &mut crate::contract::answer::ContinueAsNew) {
        let Some(started) = &self.started else { return };
        let memo = next.attributes.memo.get_or_insert_default();
        if memo.fields.is_empty() {
            *memo = started.memo.clone().unwrap_or_default();
        }
        if memo.fields.is_empty() {
            next.attributes.memo = None;
        }
        if next.retry_policy.is_none() {
            next.retry_policy.clone_from(&started.retry_policy);
        }
        if next.attributes.search_attributes.is_none() {
            let mut current = started.search_attributes.clone().unwrap_or_default();
            current.indexed_fields.extend(self.upserted.indexed_fields.clone());
            next.attributes.search_attributes = (!current.indexed_fields.is_empty()).then_some(current);
        }
    }

    fn cancel(&mut self, name: Name, line: u32, reason: String) -> Result<(), Trouble> {
        let key = self.key(name)?;
        let index = self.ahead.activation_index();
        let reactions = match &mut self.slots[key as usize].machine {
            Machine::Activity(machine) => machine.cancel(),
            Machine::Timer(machine) => machine.cancel(),
            Machine::Child(machine) => machine.cancel(reason),
            Machine::External(machine) => machine.cancel(),
            Machine::Local(machine) => machine.cancel(index),
            Machine::Patch(_) | Machine::Update(_) | Machine::Single(_) => Vec::new(),
        };
        self.react(key, line, 0, reactions)
    }

    /// The code stops waiting for a local activity: it may be over, not begun yet, or running.
    fn cancel_locally(&mut self, seq: u32) -> Result<(), Trouble> {
        if self.ahead.holds(seq) {
            return Ok(());
        }
        if let Some(ending) = self.ahead.take(seq) {
            return self.end_by_marker(seq, ending);
        }
        if !self.local.begin.contains(&seq) {
            self.local.cancel.push(seq);
            return Ok(());
        }
        self.local.begin.retain(|begin| *begin != seq);
        self.local.outstanding.remove(&seq);
        let activation_index = Some(self.ahead.activation_index());
        let (key, (local, line)) = self.local(seq)?;
        let ending = Ending {
            result: local_activity::LocalResult::Canceled(local_activity::canceled()),
            complete_time: Some(local.complete_time(crate::base::time::Span::ZERO)),
            attempt: local.task.attempt,
            backoff: None,
            original_schedule: local.task.original_schedule,
            activation_index,
        };
        let reactions = local.end(ending, false)?;
        self.react(key, line, 0, reactions)
    }

    // ---- The machines themselves.

    fn add(&mut self, line: u32, machine: Machine) -> Key {
        self.slots.push(Slot {
            line,
            machine,
            user_metadata: None,
        });
        Key::try_from(self.slots.len() - 1).expect("a history ends long before")
    }

    fn add_with(&mut self, line: u32, machine: Machine, name: Option<Name>, command: Command) {
        let machine = self.add(line, machine);
        if let Some(name) = name {
            self.names.insert(name, machine);
        }
        self.fresh.push_back(Asked { command, line, machine });
    }

    /// Puts what was asked for into the queue, and takes out what was cancelled while it was there.
    fn prepare(&mut self) {
        let mut queue = std::mem::take(&mut self.queue);
        queue.extend(std::mem::take(&mut self.fresh));
        queue.retain(|asked| !self.cancelled_before_sent(asked.machine));
        for asked in &queue {
            if let Machine::Local(local) = &mut self.slots[asked.machine as usize].machine {
                local.sent();
            }
        }
        self.queue = queue;
    }

    fn react(&mut self, key: Key, line: u32, event_id: i64, reactions: Vec<Reaction>) -> Result<(), Trouble> {
        for reaction in reactions {
            match reaction {
                Reaction::Job(what) => self.tell(event_id, Some(self.slot(key).line), what),
                Reaction::Command(command) => self.fresh.push_back(Asked {
                    command,
                    line,
                    machine: key,
                }),
                Reaction::CancelChild(request) => {
                    let machine = Machine::External(External::of_child());
                    let user_metadata = self.slot(key).user_metadata.clone();
                    self.add_with(line, machine, None, Command::RequestCancelExternal(request));
                    if let Some(slot) = self.slots.last_mut() {
                        slot.user_metadata = user_metadata;
                    }
                }
                Reaction::Time(time) => self.time_is(time.unwrap_or_default()),
                Reaction::RunLocally(seq) => {
                    self.local.begin.push(seq);
                    self.local.outstanding.insert(seq, ());
                }
                Reaction::CancelLocally(seq) => self.cancel_locally(seq)?,
                Reaction::AbandonLocally(seq) => {
                    self.local.begin.retain(|begin| *begin != seq);
                    self.local.outstanding.remove(&seq);
                }
            }
        }
        Ok(())
    }

    fn slot(&self, key: Key) -> &Slot {
        &self.slots[key as usize]
    }

    fn key(&self, name: Name) -> Result<Key, Trouble> {
        let key = self.names.get(&name).copied();
        key.ok_or_else(|| Trouble::Nondeterminism(format!("Missing associated machine for {name:?}")))
    }

    /// A local activity, and the line it was asked for on.
    fn local(&mut self, seq: u32) -> Result<(Key, (&mut LocalActivity, u32)), Trouble> {
        let key = self.key(Name::LocalActivity(seq))?;
        let slot = &mut self.slots[key as usize];
        match &mut slot.machine {
            Machine::Local(local) => Ok((key, (local, slot.line))),
            _ => Err(Trouble::Fatal(
                "Encountered local activity marker but the associated machine was of the wrong type!".to_owned(),
            )),
        }
    }

    fn update(&mut self, update_id: &str) -> Result<(Key, &mut Update), Trouble> {
        let missing = || Trouble::Fatal(format!("Missing associated machine for protocol message {update_id}"));
        let key = self.updates.get(update_id).copied().ok_or_else(missing)?;
        match &mut self.slots[key as usize].machine {
            Machine::Update(update) => Ok((key, update)),
            _ => Err(missing()),
        }
    }

    fn cancelled_before_sent(&self, key: Key) -> bool {
        match &self.slot(key).machine {
            Machine::Activity(machine) => machine.cancelled_before_sent(),
            Machine::Timer(machine) => machine.cancelled_before_sent(),
            Machine::Child(machine) => machine.cancelled_before_sent(),
            Machine::External(machine) => machine.cancelled_before_sent(),
            Machine::Local(_) | Machine::Patch(_) | Machine::Update(_) | Machine::Single(_) => false,
        }
    }
}

enum Later {
    Marker(Marked),
    Update(String, UpdateRequest),
}

fn unreadable_marker(event: &HistoryEvent) -> Trouble {
    Trouble::Fatal(format!("Local activity marker was unparsable: {}", spelled(event)))
}

/// The event that began what this one goes on with.
fn asked_by(attributes: &Attributes) -> Option<i64> {
    use Attributes as A;
    Some(match attributes {
        A::ActivityTaskStartedEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskCompletedEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskFailedEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskTimedOutEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskCanceledEventAttributes(a) => a.scheduled_event_id,
        A::TimerFiredEventAttributes(a) => a.started_event_id,
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(a) => a.initiated_event_id,
        A::StartChildWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionStartedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionCompletedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionCanceledEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionTimedOutEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionTerminatedEventAttributes(a) => a.initiated_event_id,
        A::SignalExternalWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ExternalWorkflowExecutionSignaledEventAttributes(a) => a.initiated_event_id,
        _ => return None,
    })
}
